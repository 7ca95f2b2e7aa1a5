// LocalDeployment: everything a deployment consists of, on this machine and this process's own:
// nodes of this program, PostgreSQL and Redis, and a proxy on every hop between them and to the
// clients. One node is the embedded server. Made by the command, then used on its own thread only
// (by_hand()), which stays until the end: servers die with the thread that started them.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/task.hpp"
#include "verify/drive/node_url.hpp"
#include "verify/local/banter_node.hpp"
#include "verify/local/postgres_server.hpp"
#include "verify/local/redis_cluster.hpp"
#include "verify/local/tcp_proxy.hpp"

namespace banter::verify {

enum class RedisKind : std::uint8_t { single, cluster };

class LocalDeployment {
 public:
  // Starts everything; `say` hears what it is about. Throws Unavailable with what to do.
  LocalDeployment(std::size_t nodes, RedisKind redis, Disk disk,
                  const std::function<void(std::string)>& say);
  ~LocalDeployment();
  LocalDeployment(const LocalDeployment&) = delete;
  LocalDeployment& operator=(const LocalDeployment&) = delete;

  // Does something on the deployment's thread, and resumes on the caller's. Throws what it throws.
  [[nodiscard]] Task<> by_hand(std::function<void()> action);
  // An administrator command, such as {"user", "activate", "7"}; takes up to 10 s while the store
  // is away. What is so already, as after a try whose answer got lost, is done. The error is what
  // it said.
  [[nodiscard]] Task<std::expected<void, std::string>> administer(std::size_t node,
                                                                  std::vector<std::string> words);
  // Where the clients go.
  [[nodiscard]] const std::vector<NodeUrl>& urls() const { return urls_; }
  // Ends what by_hand() and administer() have begun, and takes nothing more. The servers end too.
  void finish_work();
  // Copies what the nodes have logged into a new directory.
  void save_logs(const std::filesystem::path& directory) const;

  // ---- on the deployment's thread
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] BanterNode& node(std::size_t number) { return *nodes_.at(number); }
  [[nodiscard]] TcpProxy& way_to_node(std::size_t number) { return *ways_to_nodes_.at(number); }
  [[nodiscard]] bool embedded() const { return postgres_ == nullptr; }
  [[nodiscard]] PostgresServer& postgres() { return *postgres_; }
  [[nodiscard]] TcpProxy& way_to_postgres(std::size_t node) { return *ways_to_postgres_.at(node); }
  // nullptr: a cluster, whose servers tell clients where they are, so that no proxy fits between.
  [[nodiscard]] RedisServer* redis() { return redis_.get(); }
  [[nodiscard]] TcpProxy& way_to_redis(std::size_t node) { return *ways_to_redis_.at(node); }
  [[nodiscard]] RedisCluster* cluster() { return cluster_.get(); }
  // Gives all nodes another signing key, one after the other, so that nobody is logged out.
  void rotate_keys();

 private:
  void start_stores(RedisKind redis, Disk disk, const std::function<void(std::string)>& say);
  void start_nodes(std::size_t count, Disk disk);

  boost::asio::io_context hands_{1};
  boost::asio::io_context network_{1};
  boost::asio::io_context errands_{1};  // commands that wait for what hands_ have to mend
  boost::asio::executor_work_guard<Executor> hands_open_;
  boost::asio::executor_work_guard<Executor> network_open_;
  boost::asio::executor_work_guard<Executor> errands_open_;
  std::string key_;
  std::string old_keys_;  // those of before, separated by commas
  std::unique_ptr<PostgresServer> postgres_;
  std::unique_ptr<RedisServer> redis_;
  std::unique_ptr<RedisCluster> cluster_;
  std::string database_;  // its name
  std::vector<std::unique_ptr<TcpProxy>> ways_to_postgres_;
  std::vector<std::unique_ptr<TcpProxy>> ways_to_redis_;
  std::vector<std::unique_ptr<BanterNode>> nodes_;
  std::vector<std::unique_ptr<TcpProxy>> ways_to_nodes_;
  std::vector<NodeUrl> urls_;
  std::thread network_thread_;
  std::thread errands_thread_;
  std::thread hands_thread_;
};

}  // namespace banter::verify
