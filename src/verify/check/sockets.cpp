#include "verify/check/sockets.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "verify/check/reading.hpp"

namespace banter::verify {
namespace {

// Close codes and statuses after which a client does not come back unchanged.
bool is_final_code(std::int64_t code) { return code >= 4000 && code <= 4099; }
bool is_final_status(std::int64_t status) { return status >= 400 && status <= 499; }

}  // namespace

std::expected<void, std::string> Sockets::connect(const Connect& connect, Moment now) {
  const auto node = periods_.node(connect.node);
  if (!node) return std::unexpected(fmt::format("the run has no node \"{}\"", connect.node));
  const auto [found, inserted] = open_.try_emplace(connect.socket.value);
  if (!inserted) {
    return std::unexpected(fmt::format("socket {} is open already", connect.socket.value));
  }
  found->second = std::make_unique<Socket>();
  Socket& socket = *found->second;
  socket.id = connect.socket;
  socket.client = connect.client;
  socket.user = connect.user;
  socket.conversation = connect.conversation;
  socket.node = *node;
  socket.kind = connect.kind;
  socket.since = connect.since;
  socket.asked_epoch = connect.epoch;
  socket.known = known_now(epochs_, book_, connect.conversation, now);
  clients_.wants(socket, now);
  ++count_;
  return {};
}

std::expected<Socket*, std::string> Sockets::find(SocketId socket) {
  const auto found = open_.find(socket.value);
  if (found == open_.end()) {
    return std::unexpected(fmt::format("socket {} is not open", socket.value));
  }
  return found->second.get();
}

void Sockets::refused(const Socket& socket, const Refused& refused) {
  if (is_final_status(refused.status)) clients_.is_gone(socket);
  open_.erase(socket.id.value);
}

// ---- pages

void Sockets::history(Socket& socket, const HistoryFrame& frame, Moment now) {
  expect_member(socket, now);
  if (socket.state == Socket::State::connecting) {
    first_frame(socket, frame, now);
  } else if (frame.extent && frame.extent->head < socket.head.seq) {
    findings_.add(Invariant::head_never_falls, {socket.head.line, now.line},
                  "socket {}: the head was {} and is {}", socket.id.value, socket.head.seq.value,
                  frame.extent->head.value);
  }
  for (const auto& message : frame.messages) (void)take(socket, message, now);
  expect_extent(socket, frame, now);
  const bool more = frame.extent && frame.extent->more;
  socket.state = more ? Socket::State::joining : Socket::State::live;
  socket.live_at = now.at;
}

// Where the socket begins, and that it begins with enough.
void Sockets::first_frame(Socket& socket, const HistoryFrame& frame, Moment now) {
  if (frame.extent) socket.epoch = epochs_.see(frame.extent->epoch, now);
  epochs_.expect_no_return(socket.epoch, socket.known.epoch, socket.known.asked, now);
  if (socket.epoch != 0) {
    socket.log = &book_.log(epochs_.life_of(socket.epoch), socket.conversation);
  } else if (const auto life = epochs_.unnamed_life(socket.known.asked)) {
    socket.log = &book_.log(*life, socket.conversation);
  }
  if (frame.extent) {
    expect_reset(socket, *frame.extent, now);
  } else if (socket.since.asked) {
    findings_.add(Invariant::resume_joins, {socket.known.asked, now.line},
                  "socket {} asked to resume and was not told from where to where",
                  socket.id.value);
  }
  begin(socket, frame, now);
  socket.last_line = now.line;
  clients_.is_back(socket, now);
}

// The seq before the first one that is due, and that the head lies far enough.
void Sockets::begin(Socket& socket, const HistoryFrame& frame, Moment now) {
  const Seq first = book_.log(epochs_.life(), socket.conversation).first();
  Seq end{first.value - 1};  // the last one, if the frame does not name the head
  if (frame.messages.empty()) {
    socket.last = frame.extent ? frame.extent->to : end;
  } else {
    socket.last = Seq{frame.messages.front().seq.value - 1};
    end = frame.messages.back().seq;
  }
  if (socket.since.asked && !socket.since.latest && frame.extent && !frame.extent->reset) {
    const Seq wanted{std::max(socket.since.seq.value, first.value - 1)};
    if (socket.last != wanted) {
      findings_.add(Invariant::resume_joins, {socket.known.asked, now.line},
                    "socket {} has everything up to seq {} and is given what follows seq {}",
                    socket.id.value, wanted.value, socket.last.value);
    }
  }
  if (socket.log == nullptr) return;
  expect_reach(findings_, socket.known, socket.log->life(), frame.extent ? frame.extent->head : end,
               now);
}

void Sockets::expect_reset(const Socket& socket, const Extent& extent, Moment now) {
  if (!socket.since.asked || socket.since.latest) {
    if (!extent.reset) return;
    findings_.add(Invariant::resume_joins, {socket.known.asked, now.line},
                  "socket {} had nothing to continue and was reset", socket.id.value);
    return;
  }
  const bool other_epoch = socket.asked_epoch != extent.epoch &&
                           (socket.since.seq.value > 0 || !socket.asked_epoch.empty());
  const bool must = other_epoch || socket.since.seq > extent.head;
  if (must == extent.reset) return;
  findings_.add(Invariant::resume_joins, {socket.known.asked, now.line},
                "socket {} asked for what follows seq {} of epoch \"{}\", and was {} in epoch "
                "\"{}\" with head {}",
                socket.id.value, socket.since.seq.value, socket.asked_epoch,
                extent.reset ? "reset" : "continued", extent.epoch, extent.head.value);
}

// What a page says of itself.
void Sockets::expect_extent(const Socket& socket, const HistoryFrame& frame, Moment now) {
  if (!frame.extent) return;
  const Extent& extent = *frame.extent;
  const bool begins = frame.messages.empty() ? extent.from == extent.to.next()
                                             : extent.from == frame.messages.front().seq;
  if (!begins || extent.to != socket.last || extent.to > extent.head ||
      (!extent.more && extent.to < extent.head)) {
    findings_.add(Invariant::resume_joins, {socket.known.asked, now.line},
                  "socket {}: the page ends at seq {}, and says from {} to {}, head {}{}",
                  socket.id.value, socket.last.value, extent.from.value, extent.to.value,
                  extent.head.value, extent.more ? ", more" : "");
  }
  if (socket.log != nullptr) socket.log->stated.raise(extent.head, now.line);
}

// ---- messages

void Sockets::live(Socket& socket, const LiveMessage& live, Moment now) {
  expect_member(socket, now);
  ++deliveries_;
  if (socket.state == Socket::State::connecting) {
    findings_.add(Invariant::socket_order, {socket.known.asked, now.line},
                  "socket {} brings a message before its history", socket.id.value);
    socket.state = Socket::State::live;
    socket.live_at = now.at;
    socket.last = Seq{live.message.seq.value - 1};
  }
  const Entry* entry = take(socket, live.message, now);
  if (entry == nullptr || socket.kind != SocketKind::member) return;
  const Instant known_at{entry->known_at};
  periods_.arrived(known_at, now.at);
  expect_soon(socket, live.message.seq, known_at, entry->line, now);
  const Text* text = book_.find(entry->text);
  if (text != nullptr && text->sends == 1 && text->sent_at >= socket.live_at) {
    periods_.measure(Measured::delivery, text->sent_at, now.at);
  }
}

// Its entry, unless it is not known of which life it is.
const Entry* Sockets::take(Socket& socket, const Message& message, Moment now) {
  if (message.seq != socket.last.next()) {
    findings_.add(Invariant::socket_order, {socket.last_line, now.line},
                  "socket {} brings seq {} after seq {}", socket.id.value, message.seq.value,
                  socket.last.value);
  }
  socket.last = message.seq;
  socket.last_line = now.line;
  if (socket.log != nullptr) return &book_.read(*socket.log, message, now);
  book_.read_of_any_life(socket.conversation, message, now);
  return nullptr;
}

void Sockets::expect_member(Socket& socket, Moment now) {
  if (socket.members_version == members_.version()) return;
  const auto out = members_.out(socket.conversation, socket.user);
  if (!out) {
    socket.members_version = members_.version();
    return;
  }
  if (!out->always) {
    // Who reads late finds what came in time.
    if (socket.kind == SocketKind::slow && socket.known.asked < out->line) return;
    const auto calm = periods_.calm_since(out->since, socket.node);
    if (!calm || now.at <= *calm + bounds_.leave_within) return;
  }
  findings_.add(Invariant::members_only, {out->line, socket.known.asked, now.line},
                "socket {} brings something of conversation {} to user {}, who {}", socket.id.value,
                socket.conversation.value, socket.user.value,
                out->always
                    ? "is not in it"
                    : fmt::format("has been out for {} ms", (now.at - out->since).count() / 1000));
}

// ---- time

void Sockets::expect_soon(const Socket& socket, Seq seq, Instant known_at, Line line, Moment now) {
  const Instant origin = std::max(known_at, socket.live_at);
  const auto calm = periods_.calm_since(origin);
  if (!calm || now.at <= *calm + bounds_.complete_within) return;
  findings_.add(Invariant::complete_after_fault, {line, socket.last_line, now.line},
                "socket {} was without seq {} for {} ms{}", socket.id.value, seq.value,
                (now.at - *calm).count() / 1000, *calm > origin ? " after the end of a fault" : "");
}

// Nothing that was stored long ago is still to come.
void Sockets::expect_complete(const Socket& socket, Moment now) {
  if (socket.state != Socket::State::live || socket.log == nullptr ||
      socket.kind != SocketKind::member || socket.log->life() != epochs_.life() ||
      members_.out(socket.conversation, socket.user)) {
    return;
  }
  const Entry* entry = socket.log->find(socket.last.next());
  if (entry == nullptr) return;
  expect_soon(socket, socket.last.next(), Instant{entry->known_at}, entry->line, now);
}

void Sockets::close(const Socket& socket, const Closed& closed, Moment now) {
  if (closed.by == ClosedBy::client) {
    expect_complete(socket, now);
    clients_.is_gone(socket);
  } else if (is_final_code(closed.code)) {
    clients_.is_gone(socket);
  } else {
    clients_.wants(socket, now);
  }
  open_.erase(socket.id.value);
}

void Sockets::finish(Moment end, const std::function<void(const Socket&)>& left_open) {
  for (const auto& [id, socket] : open_) {
    expect_complete(*socket, end);
    left_open(*socket);
  }
  clients_.finish(end);
}

}  // namespace banter::verify
