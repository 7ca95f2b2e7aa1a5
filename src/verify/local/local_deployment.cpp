#include "verify/local/local_deployment.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <future>
#include <new>
#include <string_view>
#include <utility>

namespace banter::verify {
namespace {

constexpr int already_so =
    1;  // how a command ends that changes nothing, such as "a member already"

std::string fresh_key() {
  std::array<unsigned char, 32> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw std::bad_alloc();
  }
  std::string key;
  for (const auto byte : bytes) key += fmt::format("{:02x}", byte);
  return key;
}

// A URL with another port.
std::string through(std::string url, int port, const TcpProxy& proxy) {
  const auto old = ":" + std::to_string(port);
  return url.replace(url.find(old), old.size(), ":" + std::to_string(proxy.port()));
}

}  // namespace

LocalDeployment::LocalDeployment(std::size_t nodes, RedisKind redis, Disk disk,
                                 const std::function<void(std::string)>& say)
    : hands_open_(boost::asio::make_work_guard(hands_)),
      network_open_(boost::asio::make_work_guard(network_)),
      errands_open_(boost::asio::make_work_guard(errands_)),
      key_(fresh_key()),
      network_thread_([this] { network_.run(); }),
      errands_thread_([this] { errands_.run(); }),
      hands_thread_([this] { hands_.run(); }) {
  std::promise<void> done;
  boost::asio::post(hands_, [&] {
    try {
      if (nodes > 1) start_stores(redis, disk, say);
      say(nodes > 1 ? fmt::format("starting {} nodes", nodes) : "starting the embedded server");
      start_nodes(nodes, disk);
      done.set_value();
    } catch (...) {  // whatever it is, it is the caller's
      done.set_exception(std::current_exception());
    }
  });
  try {
    done.get_future().get();
  } catch (...) {
    finish_work();
    network_.stop();
    network_thread_.join();
    throw;
  }
}

LocalDeployment::~LocalDeployment() {
  finish_work();
  // Nodes first: they would miss their database.
  nodes_.clear();
  network_.stop();
  network_thread_.join();
}

void LocalDeployment::finish_work() {
  errands_open_.reset();
  if (errands_thread_.joinable()) errands_thread_.join();
  hands_open_.reset();
  if (hands_thread_.joinable()) hands_thread_.join();
}

void LocalDeployment::start_stores(RedisKind redis, Disk disk,
                                   const std::function<void(std::string)>& say) {
  say("starting PostgreSQL");
  postgres_ = std::make_unique<PostgresServer>(std::vector<std::string>{}, disk);
  database_ = database_in(postgres_->make_database());
  if (redis == RedisKind::cluster) {
    say("starting a Redis Cluster");
    cluster_ = std::make_unique<RedisCluster>();
  } else {
    say("starting Redis");
    redis_ = std::make_unique<RedisServer>();
  }
}

// Of several nodes none has anything on its disk that matters.
void LocalDeployment::start_nodes(std::size_t count, Disk disk) {
  if (postgres_) disk = Disk::lasting;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<std::string> environment;
    if (postgres_) {
      auto& way =
          *ways_to_postgres_.emplace_back(std::make_unique<TcpProxy>(network_, postgres_->port()));
      environment.push_back("BANTER_DATABASE=" +
                            through(postgres_->url(database_), postgres_->port(), way));
    }
    if (cluster_) environment.push_back("BANTER_REDIS=" + cluster_->url());
    if (redis_) {
      auto& way =
          *ways_to_redis_.emplace_back(std::make_unique<TcpProxy>(network_, redis_->port()));
      environment.push_back("BANTER_REDIS=" + through(redis_->url(), redis_->port(), way));
    }
    auto& node = *nodes_.emplace_back(std::make_unique<BanterNode>(std::move(environment), disk));
    node.use_keys(key_, {});
    node.start();
    node.process().wait_until([&node] { return node.ready(); }, "a node is ready");
    auto& way = *ways_to_nodes_.emplace_back(std::make_unique<TcpProxy>(network_, node.port()));
    urls_.push_back(*parse_node_url(fmt::format("http://127.0.0.1:{}", way.port())));
    urls_.back().name = fmt::format("node{}", i + 1);
  }
}

void LocalDeployment::rotate_keys() {
  const auto next = fresh_key();
  const auto restart_all = [this](const std::string& key, const std::string& previous) {
    for (auto& node : nodes_) {
      node->stop();
      node->use_keys(key, previous);
      node->start();
    }
  };
  // All must believe the new key before one signs with it.
  if (nodes_.size() > 1) restart_all(key_, old_keys_.empty() ? next : next + "," + old_keys_);
  old_keys_ = old_keys_.empty() ? key_ : key_ + "," + old_keys_;
  restart_all(next, old_keys_);
  key_ = next;
}

Task<> LocalDeployment::by_hand(std::function<void()> action) {
  co_await boost::asio::co_spawn(
      hands_,
      [](std::function<void()> what) -> Task<> {
        what();
        co_return;
      }(std::move(action)),
      use_task);
}

Task<std::expected<void, std::string>> LocalDeployment::administer(std::size_t node,
                                                                   std::vector<std::string> words) {
  using Done = std::expected<void, std::string>;
  co_return co_await boost::asio::co_spawn(
      errands_,
      [](const BanterNode& through, std::vector<std::string> command) -> Task<Done> {
        try {
          through.administer(std::move(command));
          co_return Done{};
        } catch (const ProgramFailed& failure) {
          if (failure.exit_status() == already_so) co_return Done{};
          co_return std::unexpected(std::string(failure.what()));
        }
      }(*nodes_.at(node), std::move(words)),
      use_task);
}

void LocalDeployment::save_logs(const std::filesystem::path& directory) const {
  std::filesystem::create_directories(directory);
  const auto save = [&](const ChildProcess& process, const std::string& name) {
    std::error_code ignored;
    std::filesystem::copy_file(process.directory() / "log", directory / (name + ".log"),
                               std::filesystem::copy_options::overwrite_existing, ignored);
  };
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    save(nodes_[i]->process(), fmt::format("node{}", i + 1));
  }
  if (postgres_) save(postgres_->process(), "postgres");
  if (redis_) save(redis_->process(), "redis");
}

}  // namespace banter::verify
