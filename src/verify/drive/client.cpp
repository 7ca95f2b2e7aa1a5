#include "verify/drive/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/unavailable.hpp"

namespace banter::verify {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t unacknowledged_max = 64;  // a store that is out: then it stops composing
constexpr auto answer_max = 10s;                // then a send is tried again on the same socket
constexpr auto retry_min = 200ms;
constexpr auto back_off_max = 1'000ms;
constexpr std::size_t text_bytes_max = 8'000;  // the server takes 8,192

// What clients do to a server that keeps its promise, as shares of their sends.
constexpr double dies_after_send = 0.03;
constexpr double sends_twice = 0.05;
constexpr double twin_sends_too = 0.10;
constexpr double sends_another_text = 0.05;
constexpr double long_text = 0.05;
constexpr double cuts = 0.5;           // of the times it leaves
constexpr auto reads_late_by = 200ms;  // each frame, where it is slow
constexpr auto floods_every = 2ms;

}  // namespace

Client::Client(Stage& stage, const Account& account, ConversationId conversation,
               const Habits& habits)
    : stage_(stage),
      account_(account),
      conversation_(conversation),
      habits_(habits),
      id_(stage.journal.next_client()),
      bell_(stage.executor),
      pause_(stage.executor),
      talking_(habits.sends_per_s > 0 || habits.kind == SocketKind::flood) {}

void Client::fall_silent() {
  talking_ = false;
  silent_ = true;
  leave_at_ = SteadyTime::max();
  pause_.cancel();
  ring();
}

void Client::leave() {
  leaving_ = true;
  pause_.cancel();
  ring();
}

bool Client::settled() const {
  if (!unacknowledged_.empty()) return false;
  if (habits_.kind == SocketKind::spy || !habits_.resumes) return true;
  const auto head = stage_.heads.find(conversation_);
  return joined_ && !over_ && (head == stage_.heads.end() || last_ >= head->second);
}

Task<> Client::run() {
  while (!leaving_) {
    co_await visit();
    if (leaving_) break;
    const auto back_off = std::min(50ms * (1 << std::min(failures_, 6)), back_off_max);
    const bool rests = habits_.returns.count() > 0 && !silent_;
    const auto wait = rests ? stage_.around(habits_.returns) : back_off;
    co_await wait_until(pause_, steady_now() + wait / 2 + stage_.around(wait) / 4);
  }
}

// ---- one connection

std::string Client::target() const {
  auto target = fmt::format("/ws/chat/{}/?token={}", conversation_.value, account_.token);
  if (!habits_.resumes) return target;
  if (epoch_.empty()) return target + "&since=latest";
  return target + fmt::format("&since={}&epoch={}", last_.value, epoch_);
}

void Client::connect_record(const NodeUrl& node) {
  socket_ = stage_.journal.next_socket();
  Since since;
  if (habits_.resumes) {
    since = {.asked = true, .latest = epoch_.empty(), .seq = epoch_.empty() ? Seq{} : last_};
  }
  stage_.journal.write(
      Connect{.socket = socket_,
              .client = id_,
              .user = account_.user,
              .conversation = conversation_,
              .node = node.name,
              .kind = habits_.kind,
              .since = since,
              .epoch = since.asked ? std::string_view(epoch_) : std::string_view()});
}

Task<> Client::visit() {
  const auto& node = stage_.nodes[habits_.node.value_or(stage_.pick(stage_.nodes.size()))];
  connect_record(node);
  auto opened = co_await WebSocket::open(stage_.executor, node, target());
  if (!opened) {
    stage_.journal.write(Refused{.socket = socket_, .status = opened.error()});
    ++failures_;
    co_return;
  }
  web_socket_ = std::move(*opened);
  over_ = left_ = joined_ = false;
  const auto now = steady_now();
  const bool stays = silent_ || habits_.stays.count() == 0;
  leave_at_ = stays ? SteadyTime::max() : now + stage_.around(habits_.stays);
  for (auto& sending : unacknowledged_) sending.due = now;
  const bool floods = habits_.kind == SocketKind::flood;
  const bool rude = floods || habits_.kind == SocketKind::slow;
  const auto load = rude ? stage_.journal.next_load() : LoadId{};
  if (rude) {
    stage_.journal.write(LoadBegun{.load = load, .what = floods ? "flood" : "slow reader"});
  }
  stage_.spawn(listen());
  co_await talk();
  while (!over_) co_await wait_until(bell_, SteadyTime::max());
  if (rude) stage_.journal.write(LoadEnded{.load = load});
  joined_ = false;
  web_socket_.reset();
}

Task<> Client::listen() {
  while (const auto text = co_await web_socket_->read()) {
    if (left_) continue;
    const auto frame = server_text_.frame(socket_, *text);
    if (!frame) throw Unavailable("a frame that is none of the protocol's: " + frame.error());
    see(*frame);
    if (habits_.kind == SocketKind::slow && !silent_) {
      co_await wait_until(pause_, steady_now() + stage_.around(reads_late_by));
    }
  }
  if (!left_) {
    const auto code = web_socket_->close_code();
    stage_.journal.write(Closed{
        .socket = socket_, .code = code, .by = code == 0 ? ClosedBy::network : ClosedBy::server});
    if (!joined_) ++failures_;
  }
  over_ = true;
  ring();
}

Task<> Client::talk() {
  while (!over_ && !left_) {
    const auto now = steady_now();
    if (leaving_ || now >= leave_at_) {
      co_await go();
    } else if (habits_.kind == SocketKind::flood && talking_ && joined_) {
      co_await flood();
    } else if (auto* due = next_due()) {
      co_await transmit(*due);
    } else if (talking_ && joined_ && now >= next_send_ &&
               unacknowledged_.size() < unacknowledged_max) {
      compose();
    } else {
      co_await wait_until(bell_, next_event());
    }
  }
}

void Client::record_leaving() {
  left_ = true;
  stage_.journal.write(Closed{.socket = socket_, .by = ClosedBy::client});
}

Task<> Client::go() {
  record_leaving();
  if (stage_.chance(cuts)) {
    web_socket_->cut();
  } else {
    co_await web_socket_->close();
  }
}

// ---- sending

SteadyTime Client::next_event() const {
  auto when = leave_at_;
  for (const auto& sending : unacknowledged_) when = std::min(when, sending.due);
  const bool may_compose = talking_ && joined_ && unacknowledged_.size() < unacknowledged_max;
  return may_compose ? std::min(when, next_send_) : when;
}

Client::Sending* Client::next_due() {
  const auto now = steady_now();
  const auto found = std::ranges::find_if(
      unacknowledged_, [now](const Sending& sending) { return sending.due <= now; });
  return found == unacknowledged_.end() ? nullptr : &*found;
}

Client::Sending* Client::find(std::string_view client_id) {
  const auto found = std::ranges::find(unacknowledged_, client_id, &Sending::client_id);
  return found == unacknowledged_.end() ? nullptr : &*found;
}

std::string Client::make_text() {
  static constexpr std::string_view fillers[] = {
      "hello",     "naïve café", "日本語のテキスト", "\"quoted\" \\ and /",
      "tab\there", "🙂🙃",       "<b>&amp;</b>",     "line\nbreak"};
  // Unique, because the server does not say which client_id a message had.
  auto text = fmt::format("{}/{}/{}: {}", stage_.tag, id_.value, composed_,
                          fillers[stage_.pick(std::size(fillers))]);
  if (stage_.chance(long_text)) {
    text.append(stage_.pick(text_bytes_max - text.size() - 1), 'x').append(".");
  }
  return text;
}

void Client::compose() {
  ++composed_;
  unacknowledged_.push_back({.client_id = fmt::format("{}-{}-{}", stage_.tag, id_.value, composed_),
                             .text = make_text()});
  const auto mean =
      std::chrono::milliseconds(static_cast<std::int64_t>(1000 / habits_.sends_per_s));
  next_send_ = steady_now() + mean / 2 + stage_.around(mean) / 2;
}

Task<> Client::transmit(Sending sending) {
  auto* kept = find(sending.client_id);
  kept->due = steady_now() + answer_max;
  const bool fresh = std::exchange(kept->fresh, false);
  if (fresh && stage_.chance(sends_twice)) kept->due = steady_now();
  if (fresh && twin_ != nullptr && twin_->unacknowledged_.size() < unacknowledged_max &&
      stage_.chance(twin_sends_too)) {
    twin_->unacknowledged_.push_back(
        {.client_id = sending.client_id, .text = sending.text, .fresh = false});
    twin_->ring();
  }
  stage_.journal.write(
      Send{.socket = socket_, .client_id = sending.client_id, .body = Body::of(sending.text)});
  const bool written = co_await web_socket_->write(boost::json::serialize(
      boost::json::object{{"text", sending.text}, {"client_id", sending.client_id}}));
  if (!written || over_ || !fresh || !stage_.chance(dies_after_send)) co_return;
  record_leaving();
  web_socket_->cut();
}

// Nobody waits for these: without a client_id a send is not acknowledged, and never sent again.
Task<> Client::flood() {
  ++composed_;
  const auto text = make_text();
  stage_.journal.write(Send{.socket = socket_, .body = Body::of(text)});
  co_await web_socket_->write(boost::json::serialize(boost::json::object{{"text", text}}));
  co_await wait_until(pause_, steady_now() + floods_every);
}

// ---- what comes

void Client::see(const SeenFrame& frame) {
  stage_.journal.write(frame.record);
  if (const auto* live = std::get_if<LiveMessage>(&frame.record)) {
    last_ = live->message.seq;
  } else if (const auto* history = std::get_if<HistoryFrame>(&frame.record)) {
    joined_ = !history->extent || !history->extent->more;
    failures_ = 0;
    if (history->extent) {
      epoch_ = history->extent->epoch;
      last_ = history->extent->to;
    }
    ring();
  } else if (const auto* ack = std::get_if<Ack>(&frame.record)) {
    acknowledged(*ack);
  } else if (const auto* error = std::get_if<ErrorFrame>(&frame.record)) {
    refused(*error, frame.retry_after);
  }
  stage_.saw(conversation_, last_);
}

void Client::acknowledged(const Ack& ack) {
  stage_.saw(conversation_, ack.seq);
  const auto gone = std::erase_if(
      unacknowledged_, [&](const Sending& one) { return one.client_id == ack.client_id; });
  if (gone == 0) return;
  if (!talking_ || !stage_.chance(sends_another_text)) return;
  ++composed_;
  unacknowledged_.push_back(
      {.client_id = std::string(ack.client_id), .text = make_text(), .fresh = false});
  ring();
}

void Client::refused(const ErrorFrame& error, std::chrono::seconds retry_after) {
  auto* sending = find(error.client_id);
  if (sending == nullptr) return;
  const bool again =
      error.code == "unavailable" || error.code == "overloaded" || error.code == "rate_limited";
  if (again) {
    sending->due = steady_now() + std::max<std::chrono::milliseconds>(retry_after, retry_min);
  } else {
    std::erase_if(unacknowledged_,
                  [&](const Sending& one) { return one.client_id == error.client_id; });
  }
  ring();
}

}  // namespace banter::verify
