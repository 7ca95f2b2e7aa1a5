// A store whose answers a test holds back and lets go, one by one. Keeps logs in memory; knows no
// members. Used on one io_context.
#pragma once

#include <boost/asio/redirect_error.hpp>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/unavailable.hpp"
#include "chat/ports.hpp"

namespace banter::chat {

class HeldStore final : public ConversationStore {
 public:
  explicit HeldStore(Executor executor) : executor_(executor) {}

  // ---- what tests do
  void hold(bool on) { hold_ = on; }
  // Lets the oldest waiting call go on; with fail it throws instead.
  void release(bool fail = false) {
    auto gate = gates_.front();
    gates_.pop_front();
    gate->fail = fail;
    gate->timer.cancel();
  }
  [[nodiscard]] std::size_t waiting() const { return gates_.size(); }
  // Stores an event behind the server's back, as another node would.
  Event add(ConversationId conversation, std::string text) {
    auto& log = logs_[conversation];
    log.push_back({.conversation = conversation,
                   .seq = Seq{static_cast<std::int64_t>(log.size()) + 1},
                   .author = UserId{9},
                   .payload = std::move(text),
                   .client_id = {},
                   .at = Micros{1}});
    return log.back();
  }
  std::vector<std::size_t> batches;  // sizes of what append() was given
  std::size_t reads = 0;
  bool member = true;
  std::string unknown = "none";  // the text whose fate append() does not know

  // ---- the port
  Task<std::vector<AppendResult>> append(std::span<const PendingEvent> batch) override {
    batches.push_back(batch.size());
    co_await pass();
    std::vector<AppendResult> results;
    for (const auto& pending : batch) {
      if (pending.payload == unknown) {
        results.push_back({.status = AppendStatus::unknown, .seq = {}, .at = {}});
        continue;
      }
      auto event = add(pending.conversation, pending.payload);
      results.push_back({.status = AppendStatus::stored, .seq = event.seq, .at = event.at});
    }
    co_return results;
  }
  Task<Stretch> read(ConversationId conversation, Range range) override {
    ++reads;
    co_await pass();
    Stretch stretch{.events = {}, .first = Seq{1}, .head = Seq{0}};
    for (const auto& event : logs_[conversation]) {
      stretch.head = event.seq;
      if (event.seq > range.after && event.seq < range.before) stretch.events.push_back(event);
    }
    auto& events = stretch.events;
    if (events.size() > range.count) {
      const auto extra = static_cast<std::ptrdiff_t>(events.size() - range.count);
      range.newest ? events.erase(events.begin(), events.begin() + extra)
                   : events.erase(events.end() - extra, events.end());
    }
    co_return stretch;
  }
  Task<std::optional<Access>> access(ConversationId conversation, UserId) override {
    ++accesses;
    co_await pass();
    if (!member) co_return std::nullopt;
    co_return Access{.first = Seq{1},
                     .head = Seq{static_cast<std::int64_t>(logs_[conversation].size())}};
  }
  std::size_t accesses = 0;
  Task<std::vector<Seq>> heads(std::span<const ConversationId> conversations) override {
    ++heads_asked;
    co_await pass();
    std::vector<Seq> heads;
    for (const auto conversation : conversations) {
      heads.push_back(Seq{static_cast<std::int64_t>(logs_[conversation].size())});
    }
    co_return heads;
  }
  std::size_t heads_asked = 0;
  Task<std::expected<ConversationId, UserId>> create_conversation(UserId,
                                                                  std::vector<UserId>) override {
    co_return ConversationId{1};
  }
  Task<std::vector<ConversationId>> conversations_of(UserId, std::size_t) override {
    co_return std::vector<ConversationId>{};
  }
  Task<std::vector<ConversationSummary>> list_conversations(ConversationId, std::size_t) override {
    co_return std::vector<ConversationSummary>{};
  }
  Task<std::optional<ConversationSummary>> find_conversation(ConversationId) override {
    co_return std::nullopt;
  }
  Task<std::vector<Member>> members_of(ConversationId) override { co_return std::vector<Member>{}; }
  Task<MemberChange> add_member(ConversationId, UserId) override { co_return MemberChange::done; }
  Task<MemberChange> remove_member(ConversationId, UserId) override {
    co_return MemberChange::done;
  }
  [[nodiscard]] std::string epoch() const override { return epoch_; }
  [[nodiscard]] bool shared() const override { return is_shared; }
  bool is_shared = false;
  Task<bool> healthy() override { co_return true; }

 private:
  struct Gate {
    explicit Gate(Executor executor) : timer(executor, SteadyTime::max()) {}
    Timer timer;
    bool fail = false;
  };
  Task<> pass() {
    if (!hold_) co_return;
    auto gate = std::make_shared<Gate>(executor_);
    gates_.push_back(gate);
    boost::system::error_code cancelled;
    co_await gate->timer.async_wait(boost::asio::redirect_error(use_task, cancelled));
    if (gate->fail) throw Unavailable("told to fail", std::chrono::seconds{2});
  }

  Executor executor_;
  bool hold_ = false;
  std::deque<std::shared_ptr<Gate>> gates_;
  std::map<ConversationId, std::vector<Event>> logs_;
  std::string epoch_ = "e1";
};

}  // namespace banter::chat
