#include "verify/local/redis_cluster.hpp"

#include <charconv>
#include <sstream>

#include "base/unavailable.hpp"

namespace banter::verify {
namespace {

constexpr int servers = 6;

// Whether a line of CLUSTER NODES lists a slot, alone or in a range.
bool lists(const std::string& line, int slot) {
  std::istringstream words(line);
  std::string word;
  for (int skipped = 0; skipped < 8; ++skipped) words >> word;
  while (words >> word) {
    int first = -1;
    const char* end = word.data() + word.size();
    const auto parsed = std::from_chars(word.data(), end, first);
    int last = first;
    if (parsed.ec == std::errc{} && parsed.ptr != end) std::from_chars(parsed.ptr + 1, end, last);
    if (first <= slot && slot <= last) return true;
  }
  return false;
}

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string own_line(const RedisServer& server) {
  std::istringstream lines(server.command({"CLUSTER", "NODES"}));
  for (std::string line; std::getline(lines, line);) {
    if (line.find("myself") != std::string::npos) return line;
  }
  return {};
}

}  // namespace

RedisCluster::RedisCluster() {
  std::vector<std::string> words{"redis-cli", "--cluster", "create"};
  for (int i = 0; i < servers; ++i) {
    servers_.push_back(std::make_unique<RedisServer>(
        std::vector<std::string>{"--cluster-enabled", "yes", "--cluster-node-timeout", "2000",
                                 "--cluster-config-file", "nodes.conf"}));
    words.push_back("127.0.0.1:" + std::to_string(servers_.back()->port()));
  }
  words.insert(words.end(), {"--cluster-replicas", "1", "--cluster-yes"});
  run({.words = words});
  servers_[0]->process().wait_until([this] { return whole(); }, "the Redis Cluster is whole");
}

std::string RedisCluster::url() const {
  return servers_[0]->url() + ",127.0.0.1:" + std::to_string(servers_[1]->port());
}

bool RedisCluster::whole() {
  for (auto& each : servers_) {
    if (!each->process().running()) continue;
    try {
      if (each->command({"CLUSTER", "INFO"}).find("cluster_state:ok") == std::string::npos) {
        return false;
      }
    } catch (const Unavailable&) {
      return false;
    }
  }
  return true;
}

std::vector<std::size_t> RedisCluster::with_role(const std::string& role) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (!servers_[i]->process().running()) continue;
    if (servers_[i]->command({"ROLE"}).starts_with(role)) numbers.push_back(i);
  }
  return numbers;
}

void RedisCluster::move_slot(int slot) {
  const auto number = std::to_string(slot);
  RedisServer* source = nullptr;
  RedisServer* target = nullptr;
  for (const auto i : with_role("master")) {
    (lists(own_line(*servers_[i]), slot) ? source : target) = servers_[i].get();
  }
  if (source == nullptr || target == nullptr) throw Unavailable("no master has slot " + number);
  const auto from = trimmed(source->command({"CLUSTER", "MYID"}));
  const auto to = trimmed(target->command({"CLUSTER", "MYID"}));
  target->command({"CLUSTER", "SETSLOT", number, "IMPORTING", from});
  source->command({"CLUSTER", "SETSLOT", number, "MIGRATING", to});
  while (true) {
    std::istringstream keys(source->command({"CLUSTER", "GETKEYSINSLOT", number, "100"}));
    std::vector<std::string> words{
        "MIGRATE", "127.0.0.1", std::to_string(target->port()), "", "0", "5000", "REPLACE", "KEYS"};
    const auto none = words.size();
    for (std::string key; std::getline(keys, key);) {
      if (!key.empty()) words.push_back(key);
    }
    if (words.size() == none) break;
    source->command(words);
  }
  target->command({"CLUSTER", "SETSLOT", number, "NODE", to});
  source->command({"CLUSTER", "SETSLOT", number, "NODE", to});
}

}  // namespace banter::verify
