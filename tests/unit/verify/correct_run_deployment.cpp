// What is read over HTTP, and what is done to the deployment of a CorrectRun.
#include <fmt/format.h>

#include <algorithm>

#include "unit/verify/correct_run.hpp"

namespace banter::verify {

std::span<const Message> CorrectRun::stretch(ConversationId conversation, std::size_t after,
                                             std::size_t count) {
  const auto& log = conversations_[conversation].log;
  // Kept for as long as frames point to it.
  auto& kept = stretches_.emplace_back(log.begin() + static_cast<std::ptrdiff_t>(after),
                                       log.begin() + static_cast<std::ptrdiff_t>(after + count));
  return kept;
}

void CorrectRun::read(Client& client) {
  if (!is_member(client) || out_of_store_) return;
  const CallId call{++calls_};
  ReadBegun begun{.call = call,
                  .user = client.user,
                  .conversation = client.conversation,
                  .node = any_node(),
                  .before = {},
                  .after = {}};
  if (one_in(2)) begun.after = Seq{random(0, 20)};
  begun.limit = random(1, 10);
  record(begun);
  const auto size = conversations_[client.conversation].log.size();
  const auto limit = static_cast<std::size_t>(begun.limit);
  const auto after = begun.after ? std::min(size, static_cast<std::size_t>(begun.after->value))
                                 : size - std::min(size, limit);
  ReadEnded ended{.call = call,
                  .status = 200,
                  .messages = stretch(client.conversation, after, std::min(limit, size - after)),
                  .head = {},
                  .epoch = {}};
  if (begun.after) {
    ended.head = Seq{static_cast<std::int64_t>(size)};
    ended.epoch = epoch();
  }
  for (int i = random(0, 3); i > 0; --i) receive(clients_[static_cast<std::size_t>(random(0, 7))]);
  record(ended);
}

void CorrectRun::go_out_or_come_back() {
  if (out_of_store_) {
    record(OutageEnded{});
    record(FaultEnded{*std::exchange(out_of_store_, std::nullopt)});
  } else {
    out_of_store_ = FaultId{++faults_};
    record(FaultBegun{.fault = *out_of_store_, .what = "cut off", .target = "store"});
    record(OutageBegun{});
  }
}

// User 4 is removed from the second conversation, or let in again.
void CorrectRun::change_members() {
  if (out_of_store_) return;
  Client& client = clients_.back();
  auto& members = conversations_[client.conversation].members;
  const bool out = !is_member(client);
  const CallId call{++calls_};
  record(ChangeBegun{.call = call,
                     .what = out ? ChangeKind::add : ChangeKind::remove,
                     .user = client.user,
                     .conversation = client.conversation});
  if (out) {
    members.push_back(client.user);
  } else {
    std::erase(members, client.user);
  }
  record(ChangeEnded{.call = call, .done = true});
  if (!out && client.socket != SocketId{}) lose(client, ClosedBy::server, 4011);
}

void CorrectRun::spy() {
  const SocketId socket{++sockets_};
  record(Connect{.socket = socket,
                 .client = ClientId{99},
                 .user = stranger,
                 .conversation = ConversationId{1},
                 .node = any_node(),
                 .kind = SocketKind::spy,
                 .since = {},
                 .epoch = {}});
  record(Refused{.socket = socket, .status = 403});
}

// The second half of each log is gone, and so is what it knew of client_ids.
void CorrectRun::restore() {
  if (out_of_store_) go_out_or_come_back();
  const FaultId fault{++faults_};
  record(FaultBegun{.fault = fault, .what = "restore", .target = "store", .may_lose = true});
  for (auto& client : clients_) {
    client.sent.clear();
    if (client.socket != SocketId{}) lose(client, ClosedBy::server, 1012);
  }
  epochs_.push_back(fmt::format("e{}", epochs_.size() + 1));
  for (auto& [id, conversation] : conversations_) {
    conversation.log.resize(conversation.log.size() / 2);
    const auto size = static_cast<std::int64_t>(conversation.log.size());
    std::erase_if(conversation.stored,
                  [&](const auto& entry) { return entry.second.value > size; });
  }
  record(FaultEnded{fault});
}

// Everybody comes back, gets everything, and has everything acknowledged.
void CorrectRun::settle() {
  if (out_of_store_) go_out_or_come_back();
  for (auto& client : clients_) {
    if (client.socket == SocketId{}) connect(client);
  }
  for (int i = 0; i < 200; ++i) {
    for (auto& client : clients_) {
      if (client.socket == SocketId{}) continue;
      serve(client);
      receive(client);
      receive(client);
    }
  }
}

void CorrectRun::read_to_the_end() {
  for (const auto& [id, conversation] : conversations_) {
    for (const std::string_view node : {"a", "b"}) {
      const auto size = conversation.log.size();
      std::size_t done = 0;
      do {
        const auto count = std::min<std::size_t>(size - done, 20);
        FinalPage page{.conversation = id,
                       .node = node,
                       .epoch = epoch(),
                       .head = Seq{static_cast<std::int64_t>(size)},
                       .messages = stretch(id, done, count),
                       .more = done + count < size};
        record(page);
        done += count;
      } while (done < size);
    }
  }
}

}  // namespace banter::verify
