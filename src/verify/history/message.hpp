// What all records of a history are made of: instants of its one clock, numbers, messages. Values;
// text in them belongs to whoever made them. A record names its members once, in fields(), for
// reading and for writing.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/ids.hpp"
#include "verify/history/body.hpp"

namespace banter::verify {

using Instant = std::chrono::microseconds;  // since the run began

using SocketId = Id<struct SocketTag>;  // one attempt to connect
using ClientId = Id<struct ClientTag>;  // one program that connects again and again
using CallId = Id<struct CallTag>;      // one HTTP request or administrator's command
using FaultId = Id<struct FaultTag>;
using LoadId = Id<struct LoadTag>;

struct Message {
  Seq seq{};
  UserId user{};
  std::int64_t ts = 0;
  Body body{};
  static void fields(auto& self, auto& field) {
    field("seq", self.seq);
    field("user", self.user);
    field("ts", self.ts);
    field.body(self.body);
  }
};

}  // namespace banter::verify
