#include "simulation/model_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>
#include <utility>

#include "client_frame.hpp"

namespace banter::simulation {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view head_101 = "HEAD";
constexpr auto answer_max = 3s;
constexpr auto step = 40ms;
constexpr auto refused_pause = 300ms;  // such as from somebody who is out just now
constexpr std::size_t unacknowledged_max = 8;

}  // namespace

ModelClient::ModelClient(Executor executor, verify::Journal& journal, Weather& weather,
                         std::function<ModelNode*()> some_node, UserId user,
                         ConversationId conversation, Habits habits)
    : executor_(executor),
      journal_(journal),
      weather_(weather),
      some_node_(std::move(some_node)),
      user_(user),
      conversation_(conversation),
      habits_(habits),
      id_(journal.next_client()) {}

bool ModelClient::settled(Seq head) const {
  if (habits_.spies) return true;
  return unacknowledged_.empty() && (!habits_.resumes || (joined_ && last_ >= head));
}

Task<> ModelClient::live() {
  while (!leaving_) {
    if (auto* node = some_node_()) co_await visit(*node);
    if (!leaving_) co_await sleep(weather_.around(100ms));
  }
  gone_ = true;
}

http::UpgradeRequest ModelClient::request() const {
  http::UpgradeRequest request;
  request.conversation = conversation_;
  request.identity = {.user = user_, .token_expires_at = wall_now().unix_seconds() + 3'600};
  if (habits_.resumes && epoch_.empty()) request.since_latest = true;
  if (habits_.resumes && !epoch_.empty()) request.since = last_;
  if (request.since) request.epoch = epoch_;
  request.head_101 = head_101;
  return request;
}

Task<> ModelClient::visit(ModelNode& node) {
  socket_ = journal_.next_socket();
  const auto asked = request();
  verify::Since since{
      .asked = habits_.resumes, .latest = asked.since_latest, .seq = asked.since.value_or(Seq{})};
  journal_.write(
      verify::Connect{.socket = socket_,
                      .client = id_,
                      .user = user_,
                      .conversation = conversation_,
                      .node = node.name(),
                      .kind = habits_.spies ? verify::SocketKind::spy : verify::SocketKind::member,
                      .since = since,
                      .epoch = asked.epoch});
  link_.emplace(executor_, boost::asio::local::stream_protocol(), node.connect(asked));
  input_.clear();
  close_code_ = 0;
  open_ = acting_ = true;
  left_ = joined_ = false;
  cut_at_ = resting_ ? SteadyTime::max() : steady_now() + weather_.around(weather_.fair ? 20s : 3s);
  for (auto& sending : unacknowledged_) sending.due = steady_now();
  boost::asio::co_spawn(executor_, act(), boost::asio::detached);
  std::array<char, 4096> piece{};
  boost::system::error_code error;
  while (!error && close_code_ == 0) {
    const auto got = co_await link_->async_read_some(boost::asio::buffer(piece),
                                                     boost::asio::redirect_error(use_task, error));
    if (left_) break;
    input_.append(piece.data(), got);
    if (input_.starts_with(head_101)) input_.erase(0, head_101.size());
    while (close_code_ == 0 && take_frame()) {
    }
  }
  if (!left_) {
    journal_.write(verify::Closed{
        .socket = socket_,
        .code = close_code_,
        .by = close_code_ == 0 ? verify::ClosedBy::network : verify::ClosedBy::server});
  }
  open_ = false;
  while (acting_) co_await sleep(step);
  link_.reset();
  joined_ = false;
}

// ---- what comes

bool ModelClient::take_frame() {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(input_[i]); };
  if (input_.size() < 2) return false;
  std::size_t length = byte(1);
  std::size_t head = 2;
  const std::size_t more = length == 127 ? 8 : length == 126 ? 2 : 0;
  if (more > 0) {
    if (input_.size() < head + more) return false;
    length = 0;
    for (std::size_t i = 0; i < more; ++i) length = length << 8 | byte(head + i);
    head += more;
  }
  if (input_.size() < head + length) return false;
  const int opcode = byte(0) & 0x0F;
  const auto payload = input_.substr(head, length);
  input_.erase(0, head + length);
  if (opcode == 1) see(payload);
  if (opcode == 9) write(payload, 10);
  if (opcode == 8) {
    close_code_ = payload.size() < 2 ? 1005
                                     : static_cast<std::uint8_t>(payload[0]) << 8 |
                                           static_cast<std::uint8_t>(payload[1]);
  }
  return true;
}

void ModelClient::see(std::string_view text) {
  const auto frame = server_text_.frame(socket_, text);
  if (!frame) throw std::runtime_error("no frame of the protocol: " + frame.error());
  journal_.write(frame->record);
  if (const auto* live = std::get_if<verify::LiveMessage>(&frame->record)) {
    last_ = live->message.seq;
  } else if (const auto* history = std::get_if<verify::HistoryFrame>(&frame->record)) {
    joined_ = !history->extent || !history->extent->more;
    if (!history->extent) return;
    epoch_ = history->extent->epoch;
    last_ = history->extent->to;
  } else if (const auto* ack = std::get_if<verify::Ack>(&frame->record)) {
    std::erase_if(unacknowledged_,
                  [&](const Sending& one) { return one.client_id == ack->client_id; });
  } else if (const auto* error = std::get_if<verify::ErrorFrame>(&frame->record)) {
    for (auto& each : unacknowledged_) {
      if (each.client_id != error->client_id) continue;
      each.due = steady_now() + std::max<SteadyTime::duration>(frame->retry_after, refused_pause);
    }
  }
}

// ---- what goes

void ModelClient::write(const std::string& payload, int opcode) {
  boost::system::error_code over;  // the reader notices too
  boost::asio::write(*link_, boost::asio::buffer(client_frame(payload, opcode)), over);
}

void ModelClient::compose() {
  ++composed_;
  unacknowledged_.push_back({.client_id = fmt::format("{}-{}", id_.value, composed_),
                             .text = fmt::format("{}/{}", id_.value, composed_)});
  compose_at_ = steady_now() + weather_.around(250ms);
}

void ModelClient::transmit(Sending& sending) {
  sending.due = steady_now() + answer_max;
  journal_.write(verify::Send{
      .socket = socket_, .client_id = sending.client_id, .body = verify::Body::of(sending.text)});
  write(fmt::format(R"({{"text": "{}", "client_id": "{}"}})", sending.text, sending.client_id), 1);
  if (weather_.mishap(0.05)) sending.due = steady_now();  // twice at once
  if (weather_.mishap(0.05)) cut();
}

void ModelClient::cut() {
  left_ = true;
  journal_.write(verify::Closed{.socket = socket_, .by = verify::ClosedBy::client});
  boost::system::error_code ignored;
  link_->close(ignored);
}

Task<> ModelClient::act() {
  while (open_ && !left_) {
    const auto now = steady_now();
    if (leaving_ || now >= cut_at_) {
      cut();
      break;
    }
    for (std::size_t i = 0; i < unacknowledged_.size() && open_ && !left_; ++i) {
      if (unacknowledged_[i].due <= now) transmit(unacknowledged_[i]);
    }
    if (habits_.writes && !resting_ && joined_ && now >= compose_at_ &&
        unacknowledged_.size() < unacknowledged_max) {
      compose();
      continue;
    }
    co_await sleep(step);
  }
  acting_ = false;
}

}  // namespace banter::simulation
