// ModelStore: the store that all nodes of a simulation share: the port's promise in its simplest
// form, in memory. NodeStore is one node's way to it: late, and now and then failing before or
// after the effect. Owned by a Simulation.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "chat/ports.hpp"
#include "simulation/weather.hpp"

namespace banter::simulation {

struct Log {
  std::vector<chat::Event> events;  // ascending; without a hole, if the server is in order
  std::set<UserId> members;
  std::map<std::pair<UserId, std::string>, Seq> by_client_id;
  std::int64_t numbered = 0;
  [[nodiscard]] Seq head() const { return Seq{numbered}; }
};

struct ModelStore {
  std::map<ConversationId, Log> logs;
};

class NodeStore final : public chat::ConversationStore {
 public:
  // relayed: what is told to other nodes, for a server that tells too early.
  using Relayed = std::function<void(std::span<const chat::Event>)>;
  // remembered: what the relay has, for a server that asks nobody else.
  using Remembered = std::function<std::vector<chat::Event>(ConversationId)>;
  NodeStore(ModelStore& model, Weather& weather, Relayed relayed, Remembered remembered)
      : model_(model),
        weather_(weather),
        relayed_(std::move(relayed)),
        remembered_by_relay_(std::move(remembered)) {}

  // The node is gone: nothing of it comes back any more, and what is on its way may still arrive.
  void die() { dead_ = true; }

  Task<std::vector<chat::AppendResult>> append(std::span<const chat::PendingEvent> batch) override;
  Task<chat::Stretch> read(ConversationId conversation, chat::Range range) override;
  Task<std::optional<chat::Access>> access(ConversationId conversation, UserId user) override;
  Task<std::vector<Seq>> heads(std::span<const ConversationId> conversations) override;
  [[nodiscard]] std::string epoch() const override { return "simulation"; }
  [[nodiscard]] bool shared() const override { return weather_.polls_heads(); }
  Task<bool> healthy() override { co_return !weather_.store_away; }

  // Nobody asks these here.
  Task<std::expected<ConversationId, UserId>> create_conversation(UserId,
                                                                  std::vector<UserId>) override {
    co_return std::unexpected(UserId{});
  }
  Task<std::vector<ConversationId>> conversations_of(UserId, std::size_t) override {
    co_return std::vector<ConversationId>{};
  }
  Task<std::vector<chat::ConversationSummary>> list_conversations(ConversationId,
                                                                  std::size_t) override {
    co_return std::vector<chat::ConversationSummary>{};
  }
  Task<std::optional<chat::ConversationSummary>> find_conversation(ConversationId) override {
    co_return std::nullopt;
  }
  Task<std::vector<chat::Member>> members_of(ConversationId) override {
    co_return std::vector<chat::Member>{};
  }
  Task<MemberChange> add_member(ConversationId, UserId) override {
    co_return MemberChange::no_change;
  }
  Task<MemberChange> remove_member(ConversationId, UserId) override {
    co_return MemberChange::no_change;
  }

 private:
  using Known = std::map<std::pair<UserId, std::string>, Seq>;
  [[nodiscard]] Task<> go();       // the way there; throws if it does not arrive
  [[nodiscard]] Task<> return_();  // the way back
  [[nodiscard]] std::vector<chat::AppendResult> carry_out(
      std::span<const chat::PendingEvent> batch);
  [[nodiscard]] chat::AppendResult carry_out(const chat::PendingEvent& event);
  [[nodiscard]] std::vector<chat::AppendResult> foretell(std::span<const chat::PendingEvent> batch);
  [[nodiscard]] Task<> carry_out_later(std::vector<chat::PendingEvent> batch);

  ModelStore& model_;
  Weather& weather_;
  Relayed relayed_;
  Remembered remembered_by_relay_;
  bool dead_ = false;
  std::map<ConversationId, Known> remembered_;  // by a server that dedupes in memory
};

}  // namespace banter::simulation
