// Socket: what is known of one connection: what it asked for, how far it has come, and what was
// sent through it and waits for its answer. Owned by Sockets; a value.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "verify/check/keys.hpp"
#include "verify/check/log.hpp"
#include "verify/check/periods.hpp"
#include "verify/history/record.hpp"

namespace banter::verify {

// What was known of a conversation when a question about it was asked.
struct Known {
  Line asked = 0;
  EpochNumber epoch = 0;  // the newest
  Life life = 0;
  Mark acked;
  Mark head;  // stated or seen
};

// A send with a client_id, on the socket that it went through.
struct Pending {
  enum class State : std::uint8_t { waiting, acked, refused, unknown };
  ClientKey client = 0;
  TextKey text = 0;
  Moment sent;
  EpochNumber epoch = 0;  // the newest when it was sent
  Seq seq;                // of the ack
  Line ack_line = 0;
  State state = State::waiting;
};

struct Socket {
  enum class State : std::uint8_t { connecting, joining, live };

  SocketId id;
  ClientId client;
  UserId user;
  ConversationId conversation;
  NodeNumber node = 0;
  SocketKind kind = SocketKind::member;
  Since since;
  std::string asked_epoch;
  Known known;  // when it began to connect

  State state = State::connecting;
  EpochNumber epoch = 0;  // 0: not named
  Log* log = nullptr;     // none: of which life it is cannot be said
  Seq last;               // the last seq it brought, or that the client had
  Line last_line = 0;
  Mark head;                          // as its pages said
  Instant live_at{0};                 // since it was caught up
  std::uint64_t members_version = 0;  // at which its user was found to be in

  std::deque<Pending> pending;  // in the order they were sent
  Pending ordered;              // the last of those that have left it; acked, or there is none
};

}  // namespace banter::verify
