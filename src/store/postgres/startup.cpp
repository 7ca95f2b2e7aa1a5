#include "store/postgres/startup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/defect.hpp"
#include "base/log.hpp"
#include "store/migrations/migration.hpp"
#include "store/postgres/migrate.hpp"

namespace banter::store::postgres {

using Kind = OpenFailure::Kind;

namespace {

// A statement that waits for a lock, such as the append of a node that froze, ends by itself.
constexpr Statement greet_statement{
    "greet",
    "SELECT pg_is_in_recovery(), set_config('synchronous_commit', 'on', false),"
    " current_setting('fsync'), current_setting('full_page_writes'),"
    " current_setting('synchronous_standby_names'), set_config('statement_timeout', '5s', false),"
    " set_config('client_min_messages', 'warning', false),"
    // What a batch looks like does not matter for how it is best run, and planning it costs more
    // than running it.
    " set_config('plan_cache_mode', 'force_generic_plan', false)"};

constexpr Statement do_not_flush_statement{"do_not_flush",
                                           "SELECT set_config('synchronous_commit', 'off', false)"};

constexpr Statement schema_statement{"schema",
                                     "SELECT to_regclass('banter.migrations') IS NOT NULL"};
constexpr Statement version_statement{
    "version",
    "SELECT (SELECT coalesce(max(number), 0) FROM banter.migrations),"
    " (SELECT value::integer FROM banter.meta WHERE key = 'compatible_from')"};

StartError refused(OpenFailure failure) { return Refusal{std::move(failure)}; }

StartError error_of(const Failure& failure) {
  if (auto refusal = refusal_of(failure)) return refused(*std::move(refusal));
  return failure;
}

std::optional<StartError> bring_up_to_date(const StartOptions& options, int there) {
  const int known = static_cast<int>(migrations_postgres().size());
  if (!options.migrate) {
    return refused({.kind = Kind::needs_migrate,
                    .detail = fmt::format("the database has schema {}, this program needs {}: run "
                                          "`banter migrate`, or leave --auto-migrate on",
                                          there, known)});
  }
  const auto applied = migrate(options.url);
  if (applied) {
    log::info("store_migrated", {{"steps", *applied}});
    return std::nullopt;
  }
  if (applied.error().kind == Kind::failed) {
    return Failure{.lost = true, .message = applied.error().detail};
  }
  return refused(applied.error());
}

Task<std::optional<StartError>> check_schema(Connection& connection, const StartOptions& options) {
  const auto present = co_await connection.ask(schema_statement, {});
  if (present.failure) co_return error_of(*present.failure);
  if (!present.rows.boolean(0, 0)) co_return bring_up_to_date(options, 0);
  const auto version = co_await connection.ask(version_statement, {});
  if (version.failure) co_return error_of(*version.failure);
  const int there = static_cast<int>(version.rows.integer(0, 0));
  const int compatible_from = static_cast<int>(version.rows.integer(0, 1));
  const int known = static_cast<int>(migrations_postgres().size());
  if (there < known) co_return bring_up_to_date(options, there);
  if (auto newer = newer_than_known(there, compatible_from, known)) co_return refused(*newer);
  co_return std::nullopt;
}

chat::Durability durability_of(const Rows& rows) {
  const auto on = [&](int column) { return rows.bytes(0, column) == "on"; };
  if (!on(1) || !on(2) || !on(3)) return chat::Durability::weak;
  return rows.bytes(0, 4).empty() ? chat::Durability::single : chat::Durability::quorum;
}

}  // namespace

const Statement enter_statement{"enter", "SELECT banter.enter($1::text, $2::text, $3::text[])"};
const Statement leave_statement{"leave", "DELETE FROM banter.nodes WHERE id = $1::text"};
const Statement epoch_statement{"epoch", "SELECT banter.epoch()"};

Task<std::expected<Greeting, Failure>> greet(Connection& connection) {
  auto answer = co_await connection.ask(greet_statement, {});
  if (answer.failure) co_return std::unexpected(*std::move(answer.failure));
  if (answer.rows.boolean(0, 0)) {
    co_return std::unexpected(
        Failure{.lost = true, .message = "it is a standby, which takes no writes"});
  }
  if (has_defect(Defect::commits_not_flushed)) {
    static_cast<void>(co_await connection.ask(do_not_flush_statement, {}));
  }
  co_return Greeting{.durability = durability_of(answer.rows)};
}

Params enter_params(const StartOptions& options) {
  const std::vector<std::string_view> keys(options.key_fingerprints.begin(),
                                           options.key_fingerprints.end());
  Params params;
  params.text(options.node).text(options.version).strings(keys, Params::Element::text);
  return params;
}

Task<std::expected<std::string, StartError>> start(Connection& connection,
                                                   const StartOptions& options) {
  if (auto wrong = co_await check_schema(connection, options)) co_return std::unexpected(*wrong);
  if (!options.key_fingerprints.empty()) {
    const auto entered = co_await connection.ask(enter_statement, enter_params(options));
    if (entered.failure) co_return std::unexpected(error_of(*entered.failure));
    if (!entered.rows.is_null(0, 0)) {
      co_return std::unexpected(refused(
          {.kind = Kind::denied,
           .detail =
               "a node that serves from this database believes none of this node's signing "
               "keys: give all nodes the same BANTER_SECRET_KEY (or to rotate it, the old one "
               "in BANTER_SECRET_KEY_PREVIOUS)"}));
    }
  }
  const auto epoch = co_await connection.ask(epoch_statement, {});
  if (epoch.failure) co_return std::unexpected(error_of(*epoch.failure));
  co_return std::string(epoch.rows.bytes(0, 0));
}

std::optional<OpenFailure> refusal_of(const Failure& failure) {
  // Invalid password or role, no such database, no right, no such schema or table.
  constexpr std::array<std::string_view, 6> hopeless{"28000", "28P01", "3D000",
                                                     "42501", "3F000", "42P01"};
  if (std::ranges::find(hopeless, failure.sqlstate) == hopeless.end()) return std::nullopt;
  std::string help;
  if (failure.sqlstate == "42501") {
    help =
        "; the role needs the rights that docs/nodes.md lists, or the schema has to be made "
        "by another one with `banter migrate`";
  }
  return OpenFailure{.kind = Kind::denied,
                     .detail = fmt::format("PostgreSQL refuses ({}): {}{}", failure.sqlstate,
                                           failure.message, help)};
}

}  // namespace banter::store::postgres
