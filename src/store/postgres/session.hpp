// Session: one blocking connection to PostgreSQL, for what is done before or beside serving:
// migrations and imports. One thread. Throws SqlFailure.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "store/postgres/connection.hpp"
#include "store/postgres/values.hpp"

namespace banter::store::postgres {

class SqlFailure : public std::runtime_error {
 public:
  explicit SqlFailure(Failure failure)
      : std::runtime_error(failure.message), failure_(std::move(failure)) {}
  [[nodiscard]] const Failure& failure() const noexcept { return failure_; }

 private:
  Failure failure_;
};

class Session {
 public:
  // What the server has to be: one that can be written to, or any.
  enum class Needs : std::uint8_t { writes, reads };
  // Waits at most 5 s.
  Session(const std::string& url, Needs needs);

  // Several statements; the first value of the last one, if it has any.
  std::string run(const std::string& sql);
  // One statement.
  Rows ask(const char* sql, const Params& params = {});

 private:
  [[nodiscard]] PGresult* checked(PGresult* result) const;

  struct Finish {
    void operator()(PGconn* handle) const { PQfinish(handle); }
  };
  std::unique_ptr<PGconn, Finish> handle_;
};

}  // namespace banter::store::postgres
