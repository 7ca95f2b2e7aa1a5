#include "verify/local/faults.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>

#include <utility>

#include "base/unavailable.hpp"

namespace banter::verify {

using namespace std::chrono_literals;

namespace {

constexpr auto shortly = 200ms;
constexpr auto a_while = 5s;
constexpr auto for_long = 40s;
constexpr rlim_t writable_bytes = 4096;  // of each file, on a disk that is full
constexpr int partitions = 256;          // of conversations over slots (decision 0008)

void restart(BanterNode& node) {
  node.stop();
  node.start();
}

void limit_files(BanterNode& node) {
  const rlimit limit{.rlim_cur = writable_bytes, .rlim_max = writable_bytes};
  if (::prlimit(node.process().pid(), RLIMIT_FSIZE, &limit, nullptr) != 0) {
    throw Unavailable("this machine does not let the files of a node be limited");
  }
}

void kill_a_backend(PostgresServer& postgres) {
  const auto pid =
      postgres.query("postgres",
                     "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND "
                     "application_name LIKE 'banter%' LIMIT 1");
  if (!pid.empty()) ::kill(std::stoi(pid), SIGKILL);
}

// The actions of what it makes outlive it: they know the deployment, not the catalogue.
class Catalogue {
 public:
  Catalogue(LocalDeployment& deployment, std::mt19937_64& random)
      : deployment_(deployment), random_(random) {}

  std::vector<Fault> take() { return std::move(faults_); }

  void of_nodes(bool long_freezes) {
    add({.what = "killed", .lasts = between(0ms, 2'000ms)}, a_node(), [](BanterNode& node) {
      return Actions{[&node] { node.kill(); }, [&node] { node.start(); }};
    });
    for (const auto lasts : freezes(long_freezes)) {
      add({.what = "frozen", .lasts = lasts}, a_node(), [](BanterNode& node) {
        return Actions{[&node] { node.process().pause(); }, [&node] { node.process().resume(); }};
      });
    }
    add({.what = "restarted"}, a_node(),
        [](BanterNode& node) { return Actions{[&node] { restart(node); }, [] {}}; });
    if (BanterNode::has_clock()) {
      const auto offset = std::chrono::hours{random_() % 2 == 0 ? 1 : -1};
      add({.what = "clock jumps by an hour and back", .lasts = a_while}, a_node(),
          [offset](BanterNode& node) {
            return Actions{[&node, offset] { node.set_clock_off_by(offset); },
                           [&node] { node.set_clock_off_by(0s); }};
          });
    }
    auto& all = deployment_;
    faults_.push_back({.what = "signing key rotated, by rolling restarts",
                       .target = "nodes",
                       .begin = [&all] { all.rotate_keys(); }});
    if (all.size() == 1) return;
    faults_.push_back({.what = "rolling restart", .target = "nodes", .begin = [&all] {
                         for (std::size_t n = 0; n < all.size(); ++n) restart(all.node(n));
                       }});
  }

  void of_the_disk() {
    add({.what = "disk full", .lasts = 2s, .outage = true}, 0, [](BanterNode& node) {
      return Actions{[&node] { limit_files(node); },
                     [&node] {
                       node.kill();
                       node.start();
                     }};
    });
  }

  void of_the_power() {
    if (!deployment_.node(0).has_power()) return;
    add({.what = "loses power", .lasts = between(0ms, 2'000ms)}, 0, [](BanterNode& node) {
      return Actions{[&node] { node.lose_power(); }, [&node] { node.start(); }};
    });
  }

  void of_postgres(bool long_freezes) {
    auto& postgres = deployment_.postgres();
    auto& process = postgres.process();
    const auto start_again = [&postgres] { postgres.start(); };
    faults_.push_back({.what = "killed",
                       .target = "postgres",
                       .lasts = between(0ms, 3'000ms),
                       .begin = [&process] { process.kill(); },
                       .mend = start_again,
                       .outage = true});
    faults_.push_back({.what = "loses power",
                       .target = "postgres",
                       .lasts = between(0ms, 3'000ms),
                       .begin = [&postgres] { postgres.lose_power(); },
                       .mend = start_again,
                       .outage = true});
    faults_.push_back({.what = "restarted",
                       .target = "postgres",
                       .begin = [&postgres] { postgres.stop(); },
                       .mend = start_again,
                       .outage = true});
    faults_.push_back({.what = "a process of it killed",
                       .target = "postgres",
                       .begin = [&postgres] { kill_a_backend(postgres); }});
    for (const auto lasts : freezes(long_freezes)) {
      faults_.push_back({.what = "frozen",
                         .target = "postgres",
                         .lasts = lasts,
                         .begin = [&process] { process.pause(); },
                         .mend = [&process] { process.resume(); },
                         .outage = true});
    }
  }

  void of_redis(bool long_freezes) {
    auto& redis = *deployment_.redis();
    auto& process = redis.process();
    faults_.push_back({.what = "killed, restarted empty",
                       .target = "redis",
                       .lasts = between(0ms, 3'000ms),
                       .begin = [&process] { process.kill(); },
                       .mend = [&redis] { redis.start(); }});
    faults_.push_back(
        {.what = "flushed", .target = "redis", .begin = [&redis] { redis.command({"FLUSHALL"}); }});
    const auto kill_subscribers = [&redis] { redis.command({"CLIENT", "KILL", "TYPE", "pubsub"}); };
    faults_.push_back({.what = "subscriptions killed again and again",
                       .target = "redis",
                       .lasts = 3s,
                       .begin = kill_subscribers,
                       .again = kill_subscribers});
    for (const auto lasts : freezes(long_freezes)) {
      faults_.push_back({.what = "frozen",
                         .target = "redis",
                         .lasts = lasts,
                         .begin = [&process] { process.pause(); },
                         .mend = [&process] { process.resume(); }});
    }
  }

  void of_a_cluster(const std::vector<ConversationId>& conversations) {
    auto& cluster = *deployment_.cluster();
    const auto settle = [&cluster] {
      cluster.server(0).process().wait_until([&] { return cluster.whole(); }, "the Redis Cluster");
    };
    const auto victim = std::make_shared<std::size_t>(0);
    const auto chance = random_();
    const auto pick = [&cluster, chance](const std::string& role) {
      const auto those = cluster.with_role(role);
      return those.at(chance % those.size());
    };
    faults_.push_back({.what = "a master killed",
                       .target = "redis",
                       .lasts = a_while,
                       .begin =
                           [&cluster, victim, pick] {
                             *victim = pick("master");
                             cluster.server(*victim).process().kill();
                           },
                       .mend =
                           [&cluster, victim, settle] {
                             cluster.server(*victim).start();
                             settle();
                           }});
    faults_.push_back(
        {.what = "a replica takes over",
         .target = "redis",
         .begin = [&cluster,
                   pick] { cluster.server(pick("slave")).command({"CLUSTER", "FAILOVER"}); },
         .mend = settle});
    faults_.push_back({.what = "flushed", .target = "redis", .begin = [&cluster] {
                         for (const auto i : cluster.with_role("master")) {
                           cluster.server(i).command({"FLUSHALL"});
                         }
                       }});
    const auto conversation = conversations.at(chance % conversations.size());
    faults_.push_back({.what = "a slot moved", .target = "redis", .begin = [=, &cluster] {
                         settle();
                         const auto tag = fmt::format("{{p:{}}}", conversation.value % partitions);
                         cluster.move_slot(
                             std::stoi(cluster.server(0).command({"CLUSTER", "KEYSLOT", tag})));
                       }});
  }

  using Way = TcpProxy& (LocalDeployment::*)(std::size_t);
  void of_ways(const std::string& name, Way way) {
    const auto add_one = [&](const std::string& what, std::chrono::milliseconds lasts, auto make) {
      const auto n = a_node();
      Actions actions = make((deployment_.*way)(n));
      faults_.push_back({.what = name + " " + what,
                         .target = name_of(n),
                         .lasts = lasts,
                         .begin = std::move(actions.begin),
                         .mend = std::move(actions.mend),
                         .again = std::move(actions.again)});
    };
    const auto weather = [&](const std::string& what, std::chrono::milliseconds lasts,
                             const Weather& bad) {
      add_one(what, lasts, [&bad](TcpProxy& proxy) {
        return Actions{[&proxy, bad] { proxy.set(bad); }, [&proxy] { proxy.set({}); }};
      });
    };
    weather("stand still", between(1'000ms, 4'000ms), {.up_stands = true, .down_stands = true});
    weather("stand still one way", between(1'000ms, 4'000ms), {.up_stands = true});
    weather("stand still the other way", between(1'000ms, 4'000ms), {.down_stands = true});
    weather("are late", 3s, {.delay = between(20ms, 200ms)});
    weather("are narrow", 3s, {.bytes_per_s = 20'000});
    weather("are refused, and cut in the middle of a frame", 2s,
            {.refuses = true, .cut_after = random_() % 3'000});
    add_one("stand still and are then cut", 3s, [](TcpProxy& proxy) {
      return Actions{[&proxy] { proxy.set({.up_stands = true, .down_stands = true}); },
                     [&proxy] {
                       proxy.cut();
                       proxy.set({});
                     }};
    });
    const auto cut = [](TcpProxy& proxy) { return [&proxy] { proxy.cut(); }; };
    add_one("are cut", 0ms, [&](TcpProxy& proxy) { return Actions{cut(proxy), [] {}}; });
    add_one("are cut again and again", 3s,
            [&](TcpProxy& proxy) { return Actions{[] {}, [] {}, cut(proxy)}; });
  }

 private:
  struct Actions {
    std::function<void()> begin;
    std::function<void()> mend;
    std::function<void()> again{};
  };
  template <class Make>
  void add(Fault fault, std::size_t n, Make make) {
    Actions actions = make(deployment_.node(n));
    fault.target = name_of(n);
    fault.begin = std::move(actions.begin);
    fault.mend = std::move(actions.mend);
    faults_.push_back(std::move(fault));
  }

  [[nodiscard]] static std::vector<std::chrono::milliseconds> freezes(bool long_ones) {
    std::vector<std::chrono::milliseconds> all{shortly, a_while};
    if (long_ones) all.emplace_back(for_long);
    return all;
  }
  [[nodiscard]] std::size_t a_node() { return random_() % deployment_.size(); }
  [[nodiscard]] std::string name_of(std::size_t n) const { return deployment_.urls().at(n).name; }
  [[nodiscard]] std::chrono::milliseconds between(std::chrono::milliseconds least,
                                                  std::chrono::milliseconds most) {
    return std::chrono::milliseconds{
        std::uniform_int_distribution<std::int64_t>(least.count(), most.count())(random_)};
  }

  LocalDeployment& deployment_;
  std::mt19937_64& random_;
  std::vector<Fault> faults_;
};

}  // namespace

std::vector<Fault> all_faults(LocalDeployment& deployment,
                              const std::vector<ConversationId>& conversations, bool long_freezes,
                              std::mt19937_64& random) {
  Catalogue catalogue(deployment, random);
  catalogue.of_nodes(long_freezes);
  catalogue.of_ways("connections of clients", &LocalDeployment::way_to_node);
  if (deployment.embedded()) {
    catalogue.of_the_disk();
    catalogue.of_the_power();
  } else {
    catalogue.of_postgres(long_freezes);
    catalogue.of_ways("connections to PostgreSQL", &LocalDeployment::way_to_postgres);
    if (deployment.redis() != nullptr) {
      catalogue.of_redis(long_freezes);
      catalogue.of_ways("connections to Redis", &LocalDeployment::way_to_redis);
    } else {
      catalogue.of_a_cluster(conversations);
    }
  }
  return catalogue.take();
}

}  // namespace banter::verify
