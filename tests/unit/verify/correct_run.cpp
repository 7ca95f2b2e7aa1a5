#include "unit/verify/correct_run.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace banter::verify {

CorrectRun::CorrectRun(std::uint32_t seed, int scale) : generator_(seed), steps_(1500 * scale) {}

void CorrectRun::record(const Record& record) {
  now_ += Instant{random(0, 300)};
  recorder_.write(now_, record);
}

std::string CorrectRun::write() {
  const std::vector<std::string_view> nodes{"a", "b"};
  record(Run{.nodes = nodes});
  record(UserMade{stranger});
  for (std::int64_t i = 1; i <= 4; ++i) record(UserMade{UserId{i}});
  for (std::int64_t i = 1; i <= 2; ++i) {
    const ConversationId id{i};
    conversations_[id].members = {UserId{1}, UserId{2}, UserId{3}, UserId{4}};
    record(ConversationMade{.conversation = id, .members = conversations_[id].members});
    for (const auto user : conversations_[id].members) {
      clients_.push_back({.id = ClientId{static_cast<std::int64_t>(clients_.size()) + 1},
                          .user = user,
                          .conversation = id,
                          .socket = {},
                          .sent = {},
                          .coming = {},
                          .waiting = {},
                          .last = {},
                          .epoch = {}});
    }
  }
  const int restore_at = one_in(2) ? random(0, steps_) : -1;
  for (int i = 0; i < steps_; ++i) {
    step();
    if (i == restore_at) restore();
  }
  settle();
  read_to_the_end();
  record(End{});
  recorder_.flush();
  return out_.str();
}

void CorrectRun::step() {
  Client& client =
      clients_[static_cast<std::size_t>(random(0, static_cast<int>(clients_.size()) - 1))];
  if (one_in(200)) return go_out_or_come_back();
  if (one_in(200)) return change_members();
  if (one_in(200)) return spy();
  if (client.socket == SocketId{}) return connect(client);
  if (one_in(60)) return lose(client, one_in(3) ? ClosedBy::client : ClosedBy::network, 0);
  if (one_in(30)) return read(client);
  switch (random(0, 4)) {
    case 0:
      return send(client);
    case 1:
    case 2:
      return serve(client);
    default:
      return receive(client);
  }
}

bool CorrectRun::is_member(const Client& client) {
  return std::ranges::count(conversations_[client.conversation].members, client.user) > 0;
}

// ---- sockets

void CorrectRun::connect(Client& client) {
  client.socket = SocketId{++sockets_};
  Connect connect{.socket = client.socket,
                  .client = client.id,
                  .user = client.user,
                  .conversation = client.conversation,
                  .node = any_node(),
                  .since = {.asked = true, .latest = client.epoch.empty(), .seq = client.last},
                  .epoch = client.epoch};
  record(connect);
  client.joined = false;
  if (is_member(client)) return;
  record(Refused{.socket = client.socket, .status = 403});
  client.socket = {};
}

// What the server sends first: all that is new in one page or two, or the last window.
void CorrectRun::join(Client& client) {
  client.joined = true;
  const auto size = conversations_[client.conversation].log.size();
  const auto since = static_cast<std::size_t>(client.last.value);
  const bool latest = client.epoch.empty();
  const bool reset = !latest && (client.epoch != epoch() || since > size);
  const std::size_t begin = latest || reset ? size - std::min<std::size_t>(size, 5) : since;
  const std::size_t middle = latest || reset ? size : begin + (size - begin) / 2;
  const auto page = [&](std::size_t from, std::size_t to) {
    const auto messages = stretch(client.conversation, from, to - from);
    client.coming.emplace_back(
        HistoryFrame{.socket = client.socket,
                     .messages = messages,
                     .extent = Extent{.from = Seq{static_cast<std::int64_t>(from) + 1},
                                      .to = Seq{static_cast<std::int64_t>(to)},
                                      .head = Seq{static_cast<std::int64_t>(size)},
                                      .more = to < size,
                                      .epoch = epoch(),
                                      .reset = reset}});
  };
  page(begin, middle);
  if (middle < size) page(middle, size);
}

void CorrectRun::lose(Client& client, ClosedBy by, std::int64_t code) {
  record(Closed{.socket = client.socket, .code = code, .by = by});
  // Some of what was on its way still gets there; its ack does not come back.
  while (client.joined && !client.sent.empty() && one_in(2) && !out_of_store_) serve(client);
  client.socket = {};
  client.sent.clear();
  client.coming.clear();
}

void CorrectRun::send(Client& client) {
  if (client.sent.size() > 3) return;
  const bool anonymous = one_in(6);
  const auto name = fmt::format("{}-{}", client.id.value, ++client.sends);
  const Waiting waiting{.client_id = anonymous ? "" : name, .text = "text " + name};
  if (!anonymous) client.waiting.push_back(waiting);
  transmit(client, waiting);
}

void CorrectRun::transmit(Client& client, const Waiting& waiting) {
  record(Send{
      .socket = client.socket, .client_id = waiting.client_id, .body = Body::of(waiting.text)});
  client.sent.push_back(waiting);
}

// The server reads the next send of this client, or lets the client in.
void CorrectRun::serve(Client& client) {
  if (!client.joined) return out_of_store_ ? void() : join(client);
  if (client.sent.empty()) return;
  const Waiting sent = client.sent.front();
  const auto refuse = [&](std::string_view code) {
    client.coming.emplace_back(
        ErrorFrame{.socket = client.socket, .code = code, .client_id = keep(sent.client_id)});
  };
  client.sent.pop_front();
  if (out_of_store_) return refuse("unavailable");
  if (!is_member(client)) return refuse("forbidden");
  if (one_in(20)) return refuse("rate_limited");
  store(client, sent);
}

void CorrectRun::store(Client& client, const Waiting& sent) {
  auto& conversation = conversations_[client.conversation];
  Seq seq{static_cast<std::int64_t>(conversation.log.size()) + 1};
  const auto [known, fresh] = conversation.stored.try_emplace({client.user, sent.client_id}, seq);
  if (!fresh && !sent.client_id.empty()) {
    seq = known->second;
  } else {
    conversation.log.push_back({.seq = seq,
                                .user = client.user,
                                .ts = now_.count() / 1'000'000,
                                .body = Body::of(keep(sent.text))});
    for (auto& other : clients_) {
      if (other.conversation != client.conversation || !other.joined) continue;
      if (other.socket == SocketId{}) continue;
      other.coming.emplace_back(
          LiveMessage{.socket = other.socket, .message = conversation.log.back()});
    }
  }
  if (sent.client_id.empty()) return;
  client.coming.emplace_back(Ack{.socket = client.socket,
                                 .client_id = keep(sent.client_id),
                                 .seq = seq,
                                 .ts = message(client.conversation, seq).ts,
                                 .epoch = epoch()});
}

// The next frame gets to the client.
void CorrectRun::receive(Client& client) {
  if (client.coming.empty()) return;
  const Frame frame = client.coming.front();
  client.coming.pop_front();
  std::visit([this](const auto& kind) { record(kind); }, frame);
  see(client, frame);
}

void CorrectRun::see(Client& client, const Frame& frame) {
  if (const auto* live = std::get_if<LiveMessage>(&frame)) {
    client.last = live->message.seq;
  } else if (const auto* history = std::get_if<HistoryFrame>(&frame)) {
    client.last = history->extent->to;
    client.epoch = history->extent->epoch;
    if (history->extent->more) return;
    for (const auto& waiting : client.waiting) transmit(client, waiting);
  } else if (const auto* ack = std::get_if<Ack>(&frame)) {
    std::erase_if(client.waiting,
                  [&](const Waiting& waiting) { return waiting.client_id == ack->client_id; });
  } else if (const auto* error = std::get_if<ErrorFrame>(&frame)) {
    const auto again = std::ranges::find(client.waiting, error->client_id, &Waiting::client_id);
    if (again == client.waiting.end() || !one_in(2)) return;
    transmit(client, *again);
  }
}

}  // namespace banter::verify
