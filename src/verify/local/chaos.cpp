#include "verify/local/chaos.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/unavailable.hpp"

namespace banter::verify {

using namespace std::chrono_literals;

namespace {

// Longer than the 2 s within which everybody has to be complete after a fault.
constexpr auto calm = 2'500ms;
constexpr auto again_every = 200ms;
constexpr auto people_every = 6s;
constexpr auto people_out = 3s;  // longer than the 2 s after which nothing may come to them
constexpr auto long_run = 10min;
constexpr auto look_every = 50ms;
constexpr auto change_max = 2min;  // the longest fault, and what it takes to recover from it

}  // namespace

Chaos::Chaos(LocalDeployment& deployment, std::chrono::seconds duration, std::string only)
    : deployment_(deployment), duration_(duration), only_(std::move(only)) {
  std::mt19937_64 any;
  const std::vector some_conversation{ConversationId{1}};
  if (!deck(some_conversation, any).empty()) return;
  std::set<std::string> names;
  const auto wanted = std::exchange(only_, {});
  for (const auto& fault : deck(some_conversation, any)) names.insert(fault.name());
  throw Unavailable(fmt::format("no fault has \"{}\" in its name; there are:\n  {}", wanted,
                                fmt::join(names, "\n  ")));
}

std::vector<Fault> Chaos::deck(const std::vector<ConversationId>& conversations,
                               std::mt19937_64& random) const {
  auto faults = all_faults(deployment_, conversations, duration_ >= long_run, random);
  std::erase_if(faults, [&](const Fault& fault) { return !fault.name().contains(only_); });
  return faults;
}

Task<> Chaos::pause(std::chrono::milliseconds span) {
  if (stopping_) co_return;
  Timer timer(stage_->executor);
  const auto place = pauses_.insert(&timer);
  co_await wait_until(timer, steady_now() + span);
  pauses_.erase(place);
}

void Chaos::stop() {
  stopping_ = true;
  for (auto* timer : pauses_) timer->cancel();
}

std::vector<Fault> Chaos::shuffled_deck() {
  std::vector<ConversationId> conversations;
  for (const auto& room : setting_->rooms) conversations.push_back(room.conversation);
  auto shuffled = deck(conversations, stage_->random);
  std::ranges::shuffle(shuffled, stage_->random);
  return shuffled;
}

Task<> Chaos::run(Stage& stage, const Setting& setting) {
  stage_ = &stage;
  setting_ = &setting;
  stage.spawn(shuffle_people());
  bool alone = true;  // first each by itself
  while (!stopping_) {
    auto faults = shuffled_deck();
    while (!stopping_ && !faults.empty()) {
      if (alone) {
        auto fault = std::move(faults.back());
        faults.pop_back();
        co_await have(std::move(fault));
      } else {
        co_await two_at_once(faults);
      }
      check_nodes();
      co_await pause(calm);
    }
    alone = false;
  }
  Timer timer(stage.executor);
  while (!people_are_back_) co_await wait_until(timer, steady_now() + look_every);
}

Task<> Chaos::two_at_once(std::vector<Fault>& faults) {
  auto first = std::move(faults.back());
  faults.pop_back();
  // Not of the same part: what mends one would end the other.
  const auto second = std::ranges::find_if(
      faults, [&](const Fault& other) { return other.target != first.target; });
  if (second == faults.end()) {
    co_await have(std::move(first));
    co_return;
  }
  auto other = std::move(*second);
  faults.erase(second);
  int open = 1;
  stage_->spawn([](Chaos& self, Fault fault, int& left) -> Task<> {
    co_await self.have(std::move(fault));
    --left;
  }(*this, std::move(other), open));
  co_await have(std::move(first));
  Timer timer(stage_->executor);
  while (open > 0) co_await wait_until(timer, steady_now() + look_every);
}

Task<> Chaos::have(Fault fault) {
  auto& journal = stage_->journal;
  const auto id = journal.next_fault();
  ++count_;
  kinds_.insert(fault.name());
  journal.write(FaultBegun{.fault = id, .what = fault.what, .target = fault.target});
  co_await deployment_.by_hand(fault.begin);
  if (fault.outage) journal.write(OutageBegun{});
  const auto end = steady_now() + fault.lasts;
  while (!stopping_ && steady_now() < end) {
    if (fault.again) co_await deployment_.by_hand(fault.again);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - steady_now());
    co_await pause(fault.again ? std::min<std::chrono::milliseconds>(left, again_every) : left);
  }
  if (fault.outage) journal.write(OutageEnded{});
  co_await deployment_.by_hand(fault.mend);
  journal.write(FaultEnded{.fault = id});
}

void Chaos::check_nodes() {
  for (std::size_t n = 0; n < deployment_.size(); ++n) {
    deployment_.node(n).expect_no_end_of_its_own();
  }
}

// ---- members and accounts

Task<> Chaos::shuffle_people() {
  co_await pause(people_every);
  while (!stopping_) {
    const auto& room = setting_->rooms[stage_->pick(setting_->rooms.size())];
    co_await put_out_and_back(*room.members[stage_->pick(room.members.size())], room);
    co_await pause(people_every);
  }
  people_are_back_ = true;
}

Task<> Chaos::put_out_and_back(const Account& account, const Room& room) {
  const bool of_the_room = stage_->chance(0.5);
  const auto conversation = of_the_room ? room.conversation : ConversationId{};
  co_await change(of_the_room ? ChangeKind::remove : ChangeKind::deactivate, account, conversation);
  co_await pause(people_out);
  co_await change(of_the_room ? ChangeKind::add : ChangeKind::activate, account, conversation);
}

// Tried until it is done, through whatever happens to the store; a try that failed is known to have
// changed nothing only when a later one has.
Task<> Chaos::change(ChangeKind kind, const Account& account, ConversationId conversation) {
  const auto user = std::to_string(account.user.value);
  std::vector<std::string> words;
  switch (kind) {
    case ChangeKind::add:
    case ChangeKind::remove:
      words = {"conversation", "members", std::to_string(conversation.value),
               kind == ChangeKind::add ? "add" : "remove", user};
      break;
    case ChangeKind::activate:
      words = {"user", "activate", user};
      break;
    case ChangeKind::deactivate:
      words = {"user", "deactivate", user};
      break;
  }
  const auto call = stage_->journal.next_call();
  stage_->journal.write(
      ChangeBegun{.call = call, .what = kind, .user = account.user, .conversation = conversation});
  Timer timer(stage_->executor);
  const auto deadline = steady_now() + change_max;
  while (true) {
    const auto done = co_await deployment_.administer(stage_->pick(deployment_.size()), words);
    if (done) break;
    if (steady_now() > deadline) throw Unavailable("an administrator's command: " + done.error());
    co_await wait_until(timer, steady_now() + again_every);
  }
  stage_->journal.write(ChangeEnded{.call = call, .done = true});
}

}  // namespace banter::verify
