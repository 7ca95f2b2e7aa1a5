#include "verify/local/postgres_server.hpp"

#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/unavailable.hpp"

namespace banter::verify {
namespace {

constexpr const char* owner = "postgres";  // initdb refuses root

std::string program(const std::string& name) {
  std::vector<std::string> found;
  const std::filesystem::path root = "/usr/lib/postgresql";
  if (std::filesystem::exists(root)) {
    for (const auto& version : std::filesystem::directory_iterator(root)) {
      if (std::filesystem::exists(version.path() / "bin" / name)) {
        found.push_back(version.path() / "bin" / name);
      }
    }
  }
  if (found.empty()) {
    throw Unavailable(name + " is not installed; apt-get install postgresql brings it");
  }
  return *std::ranges::max_element(found);
}

}  // namespace

PostgresServer::PostgresServer(std::vector<std::string> settings, Disk disk)
    : settings_(std::move(settings)), process_("postgres"), port_(free_port()) {
  if (::geteuid() == 0) {
    const passwd* account = ::getpwnam(owner);
    if (account == nullptr ||
        ::chown(process_.directory().c_str(), account->pw_uid, account->pw_gid) != 0) {
      throw Unavailable("there is no user postgres, who would run PostgreSQL instead of root");
    }
  }
  const auto data = process_.directory() / "data";
  run({.words = {program("initdb"), "-D", data, "-A", "trust", "-U", owner, "-E", "UTF8",
                 "--locale=C.UTF-8", "--no-sync", "--wal-segsize=1"},
       .user = owner});
  if (disk == Disk::can_lose_power) disk_.emplace(data, owner);
  start();
}

void PostgresServer::start() {
  std::vector<std::string> words{program("postgres"), "-D", process_.directory() / "data"};
  std::vector<std::string> settings{"listen_addresses=127.0.0.1", "port=" + std::to_string(port_),
                                    "unix_socket_directories=" + process_.directory().string(),
                                    "shared_buffers=64MB", "max_connections=200"};
  settings.insert(settings.end(), settings_.begin(), settings_.end());
  for (auto& setting : settings) {
    words.emplace_back("-c");
    words.push_back(std::move(setting));
  }
  Program postgres{.words = words, .user = owner};
  if (disk_) {
    postgres.environment = disk_->environment();
    postgres.environment.push_back("LD_PRELOAD=" + disk_->library());
  }
  process_.spawn(postgres);
  process_.wait_until(
      [this] {
        try {
          return query("postgres", "SELECT 1") == "1\n";
        } catch (const Unavailable&) {
          return false;
        }
      },
      "PostgreSQL takes questions");
}

void PostgresServer::stop() { process_.stop(SIGINT); }

void PostgresServer::lose_power() {
  ASSERT(disk_, "only a disk that can loses power");
  process_.kill();
  disk_->lose_power();
}

std::string PostgresServer::make_database(const std::string& copied_from) {
  const auto name = "banter_" + std::to_string(++databases_);
  query("postgres", "CREATE DATABASE " + name + " TEMPLATE " + copied_from);
  return url(name);
}

std::string PostgresServer::url(const std::string& database, const std::string& user) const {
  return "postgres://" + user + "@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

std::string PostgresServer::query(const std::string& database, const std::string& sql) const {
  return run({.words = {program("psql"), url(database), "-v", "ON_ERROR_STOP=1", "-Atqc", sql}});
}

std::string database_in(const std::string& url) { return url.substr(url.rfind('/') + 1); }

}  // namespace banter::verify
