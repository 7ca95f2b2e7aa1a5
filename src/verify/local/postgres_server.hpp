// PostgresServer: a real PostgreSQL of this process's own, on a port of its own, fsync on. Owned by
// one thread. Throws Unavailable if PostgreSQL is not installed or does not start.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "verify/local/child_process.hpp"
#include "verify/local/volatile_disk.hpp"

namespace banter::verify {

class PostgresServer {
 public:
  // settings: such as "synchronous_standby_names=nobody".
  explicit PostgresServer(std::vector<std::string> settings = {}, Disk disk = Disk::lasting);
  void start();       // again, with the same data
  void stop();        // "fast": disconnects everybody
  void lose_power();  // if its disk can
  [[nodiscard]] ChildProcess& process() { return process_; }
  [[nodiscard]] const ChildProcess& process() const { return process_; }
  [[nodiscard]] int port() const { return port_; }

  // A new database, empty or a copy of another; the URL is the superuser's.
  [[nodiscard]] std::string make_database(const std::string& copied_from = "template1");
  [[nodiscard]] std::string url(const std::string& database,
                                const std::string& user = "postgres") const;
  // What psql prints: rows as lines, columns separated by |.
  std::string query(const std::string& database, const std::string& sql) const;

 private:
  std::vector<std::string> settings_;
  ChildProcess process_;
  std::optional<VolatileDisk> disk_;
  int port_;
  int databases_ = 0;
};

// The name of the database in a URL of ours.
[[nodiscard]] std::string database_in(const std::string& url);

}  // namespace banter::verify
