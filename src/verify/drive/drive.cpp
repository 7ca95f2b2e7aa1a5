#include "verify/drive/drive.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "base/unavailable.hpp"
#include "verify/drive/client.hpp"
#include "verify/drive/history_reads.hpp"
#include "verify/drive/samples.hpp"
#include "verify/drive/setting.hpp"

namespace banter::verify {

using namespace std::chrono_literals;

namespace {

constexpr auto show_every = 200ms;
constexpr auto warm_after = 3s;  // then memory and descriptors are what they are with these clients
constexpr auto sample_every = 5s;
constexpr auto settle_max = 30s;  // the longest bound that the checker knows
constexpr auto settle_check = 50ms;
constexpr auto away = 1s;  // of those who come and go
// Of one reader and one conversation. 10 reads a minute and user is the server's own limit.
constexpr auto reads_every_max = 4s;
constexpr double reads_per_send = 0.2;

// Two runs with one seed against one deployment must not meet.
std::string fresh_tag() {
  std::uint32_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) throw std::bad_alloc();
  return fmt::format("{:08x}", number);
}

class Drive {
 public:
  Drive(const DriveOptions& options, std::ostream& history,
        const std::function<void(const Progress&)>& show)
      : options_(options),
        journal_(history),
        show_(show),
        stage_{.executor = context_.get_executor(),
               .nodes = options.nodes,
               .journal = journal_,
               .random = std::mt19937_64(options.seed),
               .tag = fresh_tag(),
               .spawn = [this](Task<> task) { spawn(std::move(task)); }},
        setting_maker_(stage_, [this](std::string detail) { detail_ = std::move(detail); }),
        display_(context_.get_executor()),
        pause_(context_.get_executor()),
        signals_(context_.get_executor(), SIGINT, SIGTERM) {}

  std::expected<DriveDone, std::string> run() {
    on_signal();
    spawn(tick());
    boost::asio::co_spawn(context_, act(), [this](std::exception_ptr problem) {
      if (problem) return fail(problem);
      finish();
    });
    context_.run();
    if (options_.disturbance != nullptr) options_.disturbance->let_go();
    journal_.flush();
    if (problem_) std::rethrow_exception(problem_);
    if (!outcome_) return std::unexpected("interrupted");
    if (!*outcome_) return std::unexpected(outcome_->error());
    DriveDone done{.interrupted = interrupted_};
    for (const auto& account : setting_.accounts) done.emails.push_back(account.email);
    return done;
  }

 private:
  using Outcome = std::expected<void, std::string>;

  void spawn(Task<> task) {
    boost::asio::co_spawn(context_, std::move(task), [this](std::exception_ptr problem) {
      if (problem) fail(problem);
    });
  }
  void fail(std::exception_ptr problem) {
    if (!problem_) problem_ = std::move(problem);
    context_.stop();
  }
  void finish() { context_.stop(); }

  void on_signal() {
    signals_.async_wait([this](boost::system::error_code error, int) {
      if (error) return;
      if (std::exchange(interrupted_, true)) return context_.stop();
      pause_.cancel();
      on_signal();
    });
  }

  Task<> tick() {
    while (true) {
      show_(
          {.phase = phase_,
           .detail = detail_,
           .elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(steady_now() - begun_),
           .duration = duration_,
           .tally = journal_.tally()});
      co_await wait_until(display_, steady_now() + show_every);
    }
  }
  void enter(std::string_view phase, std::chrono::milliseconds duration = 0ms) {
    phase_ = phase;
    detail_.clear();
    duration_ = duration;
    begun_ = steady_now();
  }

  Task<> act() {
    std::vector<std::string_view> names;
    for (const auto& node : stage_.nodes) names.push_back(node.name);
    journal_.write(Run{.seed = static_cast<std::int64_t>(options_.seed),
                       .nodes = names,
                       .options = options_.words});
    enter("preparing");
    outcome_ = co_await setting_maker_.check_nodes();
    if (!*outcome_) co_return;
    outcome_ = co_await setting_maker_.make(setting_, options_.writers, options_.conversations);
    if (!*outcome_) co_return;
    cast();
    enter("talking", options_.duration);
    co_await talk();
    enter("settling");
    co_await settle();
    enter("reading everything");
    outcome_ = co_await read_everything(stage_, setting_);
    if (!*outcome_) co_return;
    co_await take_samples(stage_, SampleWhen::end);
    journal_.write(End{});
  }

  Client& add(const Account& account, const Room& room, const Habits& habits) {
    return *clients_.emplace_back(
        std::make_unique<Client>(stage_, account, room.conversation, habits));
  }

  // Who takes part.
  void cast() {
    for (int i = 0; i < options_.writers; ++i) {
      const auto& room = setting_.rooms[static_cast<std::size_t>(i % options_.conversations)];
      const auto& account = *room.members[static_cast<std::size_t>(i) % room.members.size()];
      auto& writer = add(account, room, {.sends_per_s = options_.rate, .stays = 20s});
      writer.pair_with(add(account, room, {.stays = 15s, .returns = away}));
    }
    for (const auto& room : setting_.rooms) {
      const auto anyone = [&]() -> const Account& {
        return *room.members[stage_.pick(room.members.size())];
      };
      for (std::size_t i = 0; i < stage_.nodes.size(); ++i) add(anyone(), room, {.node = i});
      add(anyone(), room, {.stays = 3s, .returns = away});
      add(anyone(), room, {.resumes = false, .stays = 5s, .returns = away});
      add(anyone(), room, {.kind = SocketKind::slow, .stays = 3s, .returns = 6s});
      if (options_.floods) {
        add(anyone(), room, {.kind = SocketKind::flood, .stays = 1s, .returns = 12s});
      }
      add(*setting_.stranger, room,
          {.kind = SocketKind::spy, .resumes = false, .stays = 1s, .returns = 4s});
    }
    const double sends = options_.rate * options_.writers;
    const auto every =
        std::chrono::milliseconds(static_cast<std::int64_t>(1000 / (sends * reads_per_send)));
    reads_ = std::make_unique<HistoryReads>(
        stage_, setting_, std::clamp<std::chrono::milliseconds>(every, 20ms, reads_every_max));
  }

  Task<> talk() {
    for (auto& client : clients_) spawn_participant(client->run());
    spawn_participant(reads_->run());
    const auto end = steady_now() + options_.duration;
    auto when = SampleWhen::baseline;
    bool disturbed = false;
    while (steady_now() < end && !interrupted_) {
      const auto next = when == SampleWhen::baseline ? warm_after : sample_every;
      co_await wait_until(pause_, std::min(end, steady_now() + next));
      co_await take_samples(stage_, std::exchange(when, SampleWhen::during));
      if (options_.disturbance == nullptr || std::exchange(disturbed, true)) continue;
      spawn_participant(options_.disturbance->run(stage_, setting_));
    }
    if (!disturbed) co_return;
    const int others = taking_part_ - 1;
    enter("mending");
    options_.disturbance->stop();
    while (taking_part_ > others) co_await wait_until(pause_, steady_now() + settle_check);
  }

  void spawn_participant(Task<> task) {
    ++taking_part_;
    boost::asio::co_spawn(context_, std::move(task), [this](std::exception_ptr problem) {
      --taking_part_;
      if (problem) fail(problem);
    });
  }

  // Everything that was sent is known, everybody has seen it, and they go.
  Task<> settle() {
    reads_->leave();
    for (auto& client : clients_) client->fall_silent();
    const auto deadline = steady_now() + settle_max;
    const auto settled = [](const auto& client) { return client->settled(); };
    while (steady_now() < deadline && !std::ranges::all_of(clients_, settled)) {
      co_await wait_until(pause_, steady_now() + settle_check);
    }
    for (auto& client : clients_) client->leave();
    while (taking_part_ > 0) co_await wait_until(pause_, steady_now() + settle_check);
  }

  const DriveOptions& options_;
  boost::asio::io_context context_{1};
  Journal journal_;
  const std::function<void(const Progress&)>& show_;
  Stage stage_;
  Setting setting_;
  SettingMaker setting_maker_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::unique_ptr<HistoryReads> reads_;
  int taking_part_ = 0;
  Timer display_;
  Timer pause_;
  boost::asio::basic_signal_set<Executor> signals_;
  std::string_view phase_ = "preparing";
  std::string detail_;
  SteadyTime begun_ = steady_now();
  std::chrono::milliseconds duration_{0};
  std::optional<Outcome> outcome_;
  std::exception_ptr problem_;
  bool interrupted_ = false;
};

}  // namespace

std::expected<DriveDone, std::string> drive(const DriveOptions& options, std::ostream& history,
                                            const std::function<void(const Progress&)>& show) {
  return Drive(options, history, show).run();
}

}  // namespace banter::verify
