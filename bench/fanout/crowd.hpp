#pragma once
// Who is there: conversations, their members and the members who send. Planned once before the
// first connection, then only read, but for each sender's own counters.

#include <cstdint>
#include <string>
#include <vector>

#include "clock.hpp"
#include "options.hpp"

namespace wsload {

struct Member {
  std::uint32_t conversation = 0;
  std::uint32_t first_pair = 0;  // into DeliveryCheck's table, one pair for each sender
  std::int32_t sender = -1;      // into Crowd::senders
  std::string token;
};

// A message of the closed loop that not all members have received yet.
struct Slot {
  std::uint32_t seq = 0;
  std::uint32_t missing = 0;  // deliveries to come
  Nanos sent = 0;
};

struct Sender {
  std::uint32_t member = 0;
  std::uint32_t local = 0;  // position among the senders of its conversation
  std::uint32_t sent = 0;
  std::vector<Slot> slots;
};

struct Conversation {
  std::string name;
  std::vector<std::uint32_t> members;
  std::uint32_t senders = 0;
};

struct Crowd {
  std::vector<Member> members;  // one for each connection
  std::vector<Conversation> conversations;
  std::vector<Sender> senders;
  std::size_t pairs = 0;  // (member, sender of the same conversation)
};

[[nodiscard]] Crowd plan_crowd(const Options& options);

}  // namespace wsload
