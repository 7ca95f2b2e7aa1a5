// A real PostgreSQL server of a test program's own, fsync on. What is not installed fails the test.
#pragma once

#include <string>
#include <vector>

#include "servers/child_process.hpp"

namespace banter::servers {

class PostgresServer {
 public:
  // settings: such as "synchronous_standby_names=nobody".
  explicit PostgresServer(std::vector<std::string> settings = {});
  void start();  // again, with the same data
  void stop();   // "fast": disconnects everybody
  [[nodiscard]] ChildProcess& process() { return process_; }

  // A new database, empty or a copy of another; the URL is the superuser's.
  [[nodiscard]] std::string make_database(const std::string& copied_from = "template1");
  [[nodiscard]] std::string url(const std::string& database,
                                const std::string& user = "postgres") const;
  // What psql prints: rows as lines, columns separated by |.
  std::string query(const std::string& database, const std::string& sql) const;

 private:
  std::vector<std::string> settings_;
  ChildProcess process_;
  int port_;
  int databases_ = 0;
};

// The name of the database in a URL of ours.
[[nodiscard]] std::string database_in(const std::string& url);

// One server for a whole test program, started when it is first asked for.
[[nodiscard]] PostgresServer& shared_postgres();

}  // namespace banter::servers
