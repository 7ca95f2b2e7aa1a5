// Session: one connected client. Reads commands, answers them, and is where a conversation's events
// enter a socket's outbox. It joins by the history first and goes live when it has caught up; only
// last_sent + 1 is ever written to it. Owned by its stream, on the conversation's home reactor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/accounts.hpp"
#include "base/metrics.hpp"
#include "base/reactor.hpp"
#include "base/stream.hpp"
#include "chat/append.hpp"
#include "chat/limits.hpp"
#include "chat/ports.hpp"
#include "chat/throttle.hpp"
#include "chat/timelines.hpp"
#include "http/upgrade.hpp"
#include "wire/close_codes.hpp"
#include "wire/command.hpp"
#include "ws/codec.hpp"
#include "ws/hub.hpp"

namespace banter::ws {

// Counters of all sessions.
struct SessionMetrics {
  explicit SessionMetrics(base::Metrics& metrics);
  prometheus::Counter& messages_in;
  prometheus::Counter& bytes_in;
  prometheus::Counter& errors;
  prometheus::Counter& rate_limited;
  prometheus::Counter& resumes;
  prometheus::Counter& resets;
  prometheus::Counter& slow;
  prometheus::Counter& order_failures;
  prometheus::Counter& deferrals;
};

struct SessionOptions {
  chat::Rate message_rate{.count = 5, .window = std::chrono::seconds{10}};
  std::size_t text_bytes_max = chat::text_bytes_max;
};

// What the sessions of one reactor share; outlives them.
struct SessionServices {
  base::Reactor& reactor;
  Hub& hub;
  chat::Timelines& timelines;
  chat::Appender& appender;
  chat::ConversationStore& store;
  chat::Throttle& throttle;
  auth::Accounts& accounts;
  SessionMetrics& metrics;
  SessionOptions options;
};

class Session final : public base::StreamHandler, public std::enable_shared_from_this<Session> {
 public:
  Session(SessionServices& services, http::UpgradeRequest request);
  ~Session() override;

  [[nodiscard]] UserId user() const { return user_; }
  [[nodiscard]] ConversationId conversation() const { return conversation_; }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool winding_down() const { return winding_down_; }

  // An event of the conversation, encoded; called by the hub while the session is live.
  void deliver(Seq seq, std::string_view frame);
  void deliver(Seq seq, const std::shared_ptr<const std::string>& frame);
  // An event of which this client is shown nothing takes its place in the order.
  void pass_over(Seq seq);
  // Sends what is queued and a close frame, then closes. Further calls do nothing.
  void end(wire::CloseCode code) { end(static_cast<std::uint16_t>(code), close_reason(code)); }

  // Takes no further commands, answers those that are on their way into the store, then ends.
  void wind_down();

  void on_open(base::Stream& stream) override;
  void on_input(std::span<char> bytes) override;
  void on_end() override;
  void on_drained() override;
  void on_tick(SteadyTime now) override;
  void on_closed() override;

 private:
  friend class Hub;
  struct Joining;

  // ---- joining (session_join.cpp)
  Task<> join();
  Task<std::optional<chat::Access>> still_allowed();
  Task<> send_first(bool with_extent, bool reset);
  Task<> catch_up();
  Task<> catch_up_silently();
  Task<chat::Stretch> read(chat::Range range);
  Task<> await_drained();
  void write_history(std::span<const chat::Event> events, Seq head, bool with_extent, bool more,
                     bool reset);
  void go_live();

  // ---- commands
  void on_event(const Event& event);
  void on_text(std::string_view payload);
  void post(wire::Command command);
  void submit(wire::Command command);
  void refuse_rate(const wire::Command& command, std::chrono::seconds retry_after);
  void on_appended(const std::string& client_id, const chat::AppendAnswer& answer);
  void settle(std::size_t bytes);
  void refuse(chat::ErrorCode code, std::string_view client_id,
              std::optional<std::chrono::seconds> retry_after = {}, std::string_view detail = {});
  void count_offence();
  void take_deferred();
  [[nodiscard]] bool saturated() const;

  [[nodiscard]] bool may_deliver(Seq seq, std::size_t bytes);
  void end(std::uint16_t code, std::string_view reason);
  void end_slow();
  void write_text(std::string_view text);

  // What a delivery touches stands first, on one cache line.
  base::Stream* stream_ = nullptr;  // nullptr once closed
  Seq last_sent_;
  bool ended_ = false;
  bool live_ = false;
  bool winding_down_ = false;
  bool pinged_ = false;
  bool taking_deferred_ = false;
  std::uint32_t place_ = 0;           // in the hub's list
  std::uint32_t audience_place_ = 0;  // in the conversation's audience
  SessionServices& services_;
  std::unique_ptr<Joining> joining_;  // until live
  chat::Timelines::Lease timeline_;
  Decoder decoder_;
  std::vector<std::string> deferred_;  // texts read before reading paused
  ConversationId conversation_;
  UserId user_;
  SteadyTime token_expires_;
  SteadyTime ping_at_{};  // the next one, or the one that is not yet answered
  SteadyTime offences_since_{};
  std::uint32_t uncommitted_bytes_ = 0;
  std::uint16_t uncommitted_ = 0;
  std::uint16_t offences_ = 0;
};

}  // namespace banter::ws
