#include "store/postgres/session.hpp"

#include <array>

namespace banter::store::postgres {
namespace {

std::string one_line(const char* message) {
  std::string out(message);
  while (out.ends_with('\n') || out.ends_with(' ')) out.pop_back();
  return out;
}

}  // namespace

Session::Session(const std::string& url, Needs needs) {
  const std::array names{"fallback_application_name", "connect_timeout", "target_session_attrs",
                         "dbname", static_cast<const char*>(nullptr)};
  const std::array values{"banter", "5", needs == Needs::writes ? "read-write" : "any", url.c_str(),
                          static_cast<const char*>(nullptr)};
  handle_.reset(PQconnectdbParams(names.data(), values.data(), 1));
  if (PQstatus(handle_.get()) != CONNECTION_OK) {
    throw SqlFailure({.lost = true, .message = one_line(PQerrorMessage(handle_.get()))});
  }
}

std::string Session::run(const std::string& sql) {
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(
      checked(PQexec(handle_.get(), sql.c_str())), PQclear);
  if (PQntuples(result.get()) == 0) return {};
  return PQgetvalue(result.get(), 0, 0);
}

Rows Session::ask(const char* sql, const Params& params) {
  return Rows(checked(PQexecParams(handle_.get(), sql, params.count(), nullptr, params.pointers(),
                                   params.lengths(), params.formats(), 1)));
}

PGresult* Session::checked(PGresult* result) const {
  const auto status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
  const char* code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  SqlFailure failure({.lost = code == nullptr,
                      .sqlstate = code == nullptr ? "" : code,
                      .message = one_line(result == nullptr ? PQerrorMessage(handle_.get())
                                                            : PQresultErrorMessage(result))});
  PQclear(result);
  throw failure;
}

}  // namespace banter::store::postgres
