// ImportTarget on PostgreSQL.
#include "store/import_target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/unavailable.hpp"
#include "store/postgres/migrate.hpp"
#include "store/postgres/session.hpp"
#include "store/postgres/startup.hpp"

namespace banter::store {
namespace {

using namespace std::chrono_literals;
using postgres::Params;
using postgres::Rows;
using postgres::Session;
using postgres::SqlFailure;

// Of one statement: some hundred KiB to send, while the rows of a conversation may be many.
constexpr std::size_t events_per_statement = 1'000;

class PostgresImportTarget final : public ImportTarget {
 public:
  explicit PostgresImportTarget(std::unique_ptr<Session> session) : session_(std::move(session)) {}

  AccountPut put_account(const auth::Account& account) override {
    const auto there = ask("SELECT email FROM banter.accounts WHERE id = $1::bigint",
                           Params().integer(account.id.value));
    if (there.count() > 0) {
      return there.bytes(0, 0) == account.email ? AccountPut::there : AccountPut::number_taken;
    }
    const auto last_login = account.last_login_at
                                ? std::optional<std::int64_t>(account.last_login_at->value)
                                : std::nullopt;
    // What the database gives out next is behind every number that came.
    const auto added =
        ask("WITH added AS (INSERT INTO banter.accounts (id, email, first_name, last_name,"
            " password_hash, active, created_at, last_login_at) OVERRIDING SYSTEM VALUE"
            " VALUES ($1::bigint, $2::text, $3::text, $4::text, $5::text, $6::boolean,"
            " $7::bigint, $8::bigint) ON CONFLICT DO NOTHING RETURNING id)"
            " SELECT setval(pg_get_serial_sequence('banter.accounts', 'id'), greatest(id,"
            " nextval(pg_get_serial_sequence('banter.accounts', 'id')))) FROM added",
            Params()
                .integer(account.id.value)
                .text(account.email)
                .text(account.first_name)
                .text(account.last_name)
                .text(account.password_hash)
                .boolean(account.active)
                .integer(account.created_at.value)
                .maybe_integer(last_login));
    return added.count() > 0 ? AccountPut::added : AccountPut::email_taken;
  }

  bool has_account(UserId id) override {
    return ask("SELECT 1 FROM banter.accounts WHERE id = $1::bigint", Params().integer(id.value))
               .count() > 0;
  }

  std::optional<Conversation> find_conversation(ConversationId id) override {
    const auto rows =
        ask("SELECT created_at, last_seq FROM banter.conversations WHERE id = $1::bigint",
            Params().integer(id.value));
    if (rows.count() == 0) return std::nullopt;
    return Conversation{.created_at = Micros{rows.integer(0, 0)}, .head = Seq{rows.integer(0, 1)}};
  }

  Added put_conversation(const ImportedConversation& conversation) override {
    try {
      session_->run("BEGIN");
      const auto added = put(conversation);
      session_->run("COMMIT");
      return added;
    } catch (const SqlFailure& failure) {
      throw Unavailable(fmt::format("the database: {}", failure.what()));
    }
  }

 private:
  Rows ask(const char* sql, const Params& params) {
    try {
      return session_->ask(sql, params);
    } catch (const SqlFailure& failure) {
      throw Unavailable(fmt::format("the database: {}", failure.what()));
    }
  }

  Added put(const ImportedConversation& conversation) {
    const auto first =
        conversation.events.empty() ? conversation.next : conversation.events.front().seq;
    session_->ask(
        "WITH added AS (INSERT INTO banter.conversations (id, created_at, first_seq, last_seq)"
        " OVERRIDING SYSTEM VALUE VALUES ($1::bigint, $2::bigint, $3::bigint, $3::bigint - 1)"
        " ON CONFLICT DO NOTHING RETURNING id)"
        " SELECT setval(pg_get_serial_sequence('banter.conversations', 'id'), greatest(id,"
        " nextval(pg_get_serial_sequence('banter.conversations', 'id')))) FROM added",
        Params()
            .integer(conversation.id.value)
            .integer(conversation.created_at.value)
            .integer(first.value));
    Added added{.members = put_members(conversation), .events = conversation.events.size()};
    std::span<const chat::Event> rest(conversation.events);
    while (!rest.empty()) {
      const auto count = std::min(rest.size(), events_per_statement);
      put_events(conversation.id, rest.first(count));
      rest = rest.subspan(count);
    }
    if (!conversation.events.empty()) {
      session_->ask(
          "UPDATE banter.conversations SET last_seq = $2::bigint WHERE id = $1::bigint",
          Params().integer(conversation.id.value).integer(conversation.events.back().seq.value));
    }
    return added;
  }

  std::size_t put_members(const ImportedConversation& conversation) {
    std::vector<std::int64_t> members;
    std::vector<std::int64_t> times;
    for (const auto& member : conversation.members) {
      members.push_back(member.user.value);
      times.push_back(member.joined_at.value);
    }
    return static_cast<std::size_t>(
        session_
            ->ask("INSERT INTO banter.members (conversation, member, joined_at)"
                  " SELECT $1::bigint, m.* FROM unnest($2::bigint[], $3::bigint[]) m"
                  " ON CONFLICT DO NOTHING RETURNING 1",
                  Params().integer(conversation.id.value).integers(members).integers(times))
            .count());
  }

  void put_events(ConversationId conversation, std::span<const chat::Event> events) {
    std::vector<std::int64_t> seqs;
    std::vector<std::int64_t> authors;
    std::vector<std::int64_t> times;
    std::vector<std::int16_t> kinds;
    std::vector<std::string_view> payloads;
    for (const auto& event : events) {
      seqs.push_back(event.seq.value);
      authors.push_back(event.author.value);
      times.push_back(event.at.value);
      kinds.push_back(static_cast<std::int16_t>(event.kind));
      payloads.emplace_back(event.payload);
    }
    session_->ask(
        "INSERT INTO banter.events (conversation, seq, author, at, kind, payload)"
        " SELECT $1::bigint, e.* FROM unnest($2::bigint[], $3::bigint[], $4::bigint[],"
        " $5::smallint[], $6::bytea[]) e",
        Params()
            .integer(conversation.value)
            .integers(seqs)
            .integers(authors)
            .integers(times)
            .small_integers(kinds)
            .strings(payloads, Params::Element::bytes));
  }

  std::unique_ptr<Session> session_;
};

// A node that was killed is still in the table. One that lives says so every 5 s.
constexpr auto sign_of_life_max = 7s;
constexpr auto look_again_after = 200ms;

bool nodes_serve(Session& session) {
  const auto seen = [&session] {
    return session.run(
        "SELECT max(seen_at) FROM banter.nodes WHERE seen_at > clock_timestamp() - interval '15 "
        "s'");
  };
  const auto first = seen();
  const auto deadline = steady_now() + sign_of_life_max;
  while (!first.empty() && steady_now() < deadline) {
    std::this_thread::sleep_for(look_again_after);
    const auto now = seen();
    if (now.empty()) return false;
    if (now != first) return true;
  }
  return false;
}

}  // namespace

OpenedTarget open_import_target_postgres(const std::string& url) {
  if (auto migrated = postgres::migrate(url); !migrated) {
    return std::unexpected(std::move(migrated.error()));
  }
  try {
    auto session = std::make_unique<Session>(url, Session::Needs::writes);
    if (nodes_serve(*session)) {
      return std::unexpected(
          OpenFailure{.kind = OpenFailure::Kind::locked,
                      .detail = "nodes serve from that database; stop them first"});
    }
    session->run("SET synchronous_commit = on");
    return std::make_unique<PostgresImportTarget>(std::move(session));
  } catch (const SqlFailure& failure) {
    if (auto refusal = postgres::refusal_of(failure.failure())) return std::unexpected(*refusal);
    return std::unexpected(
        OpenFailure{.kind = OpenFailure::Kind::failed, .detail = failure.what()});
  }
}

}  // namespace banter::store
