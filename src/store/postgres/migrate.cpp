#include "store/postgres/migrate.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <optional>

#include "store/migrations/migration.hpp"
#include "store/postgres/session.hpp"
#include "store/postgres/startup.hpp"

namespace banter::store::postgres {
namespace {

// The first number is "BANT", as of all our locks; 1 is this one.
constexpr const char* take_turns =
    "SET lock_timeout = '60s'; SET client_min_messages = warning;"
    "SELECT pg_advisory_lock(1111576148, 1)";

int schema_of(Session& session) {
  if (session.run("SELECT to_regclass('banter.migrations')").empty()) return 0;
  return std::atoi(session.run("SELECT coalesce(max(number), 0) FROM banter.migrations").c_str());
}

void apply(Session& session, const Migration& step) {
  session.run(
      fmt::format("BEGIN; {}; INSERT INTO banter.migrations (number, name) VALUES ({}, '{}');"
                  " COMMIT",
                  step.sql, step.number, step.name));
}

std::expected<int, OpenFailure> apply_missing(Session& session) {
  session.run(take_turns);
  const int there = schema_of(session);
  const auto known = migrations_postgres();
  if (there > static_cast<int>(known.size())) {
    const auto from = std::atoi(
        session.run("SELECT value FROM banter.meta WHERE key = 'compatible_from'").c_str());
    if (auto newer = newer_than_known(there, from, static_cast<int>(known.size()))) {
      return std::unexpected(*std::move(newer));
    }
  }
  int applied = 0;
  for (const auto& step : known) {
    if (step.number <= there) continue;
    apply(session, step);
    ++applied;
  }
  return applied;
}

}  // namespace

std::expected<int, OpenFailure> migrate(const std::string& url) {
  try {
    Session session(url, Session::Needs::writes);
    return apply_missing(session);
  } catch (const SqlFailure& caught) {
    if (auto refusal = refusal_of(caught.failure())) return std::unexpected(*std::move(refusal));
    return std::unexpected(OpenFailure{.kind = OpenFailure::Kind::failed, .detail = caught.what()});
  }
}

std::optional<OpenFailure> newer_than_known(int there, int compatible_from, int known) {
  if (there <= known || compatible_from <= known) return std::nullopt;
  return OpenFailure{
      .kind = OpenFailure::Kind::newer_schema,
      .detail = fmt::format("the database has schema {}, this program knows {}: use a newer one",
                            there, known)};
}

}  // namespace banter::store::postgres
