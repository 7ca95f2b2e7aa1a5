// PostgresStore's conversations: what is asked, and how the answers are read.
#include <algorithm>
#include <limits>
#include <utility>

#include "base/assert.hpp"
#include "store/postgres/pool.hpp"
#include "store/postgres/postgres_store.hpp"

namespace banter::store {

using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

constexpr std::size_t heads_max = 5'000;  // of one question; chat/ports.hpp

std::int64_t limit(std::size_t count) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  return count > static_cast<std::size_t>(most) ? most : static_cast<std::int64_t>(count);
}

constexpr Statement extent_statement{
    "extent", "SELECT first_seq, last_seq FROM banter.conversations WHERE id = $1::bigint"};

// Stretch and extent are of one snapshot. One event is always given, however large.
constexpr Statement oldest_statement{
    "oldest",
    "SELECT c.first_seq, c.last_seq, e.seq, e.author, e.kind, e.at, e.client_id, e.payload"
    " FROM banter.conversations c LEFT JOIN LATERAL ("
    "  SELECT * FROM (SELECT *, sum(octet_length(payload)) OVER (ORDER BY seq) AS bytes,"
    "                        row_number() OVER (ORDER BY seq) AS place FROM ("
    "   SELECT * FROM banter.events WHERE conversation = c.id AND seq > $2::bigint"
    "    AND seq < $3::bigint ORDER BY seq LIMIT $4::bigint) AS found) AS counted"
    "  WHERE bytes <= $5::bigint OR place = 1) AS e ON true"
    " WHERE c.id = $1::bigint ORDER BY e.seq"};
constexpr Statement newest_statement{
    "newest",
    "SELECT c.first_seq, c.last_seq, e.seq, e.author, e.kind, e.at, e.client_id, e.payload"
    " FROM banter.conversations c LEFT JOIN LATERAL ("
    "  SELECT * FROM (SELECT *, sum(octet_length(payload)) OVER (ORDER BY seq DESC) AS bytes,"
    "                        row_number() OVER (ORDER BY seq DESC) AS place FROM ("
    "   SELECT * FROM banter.events WHERE conversation = c.id AND seq > $2::bigint"
    "    AND seq < $3::bigint ORDER BY seq DESC LIMIT $4::bigint) AS found) AS counted"
    "  WHERE bytes <= $5::bigint OR place = 1) AS e ON true"
    " WHERE c.id = $1::bigint ORDER BY e.seq"};

constexpr Statement access_statement{
    "access",
    "SELECT c.first_seq, c.last_seq FROM banter.members m"
    " JOIN banter.conversations c ON c.id = m.conversation"
    " WHERE m.conversation = $1::bigint AND m.member = $2::bigint"};

// One array for another: a row for each would cost the node ten times as much.
constexpr Statement heads_statement{"heads",
                                    "SELECT array_agg(coalesce(c.last_seq, 0) ORDER BY i.place)"
                                    " FROM unnest($1::bigint[]) WITH ORDINALITY AS i (id, place)"
                                    " LEFT JOIN banter.conversations c ON c.id = i.id"};

constexpr Statement create_statement{
    "create", "SELECT id, missing FROM banter.create_conversation($1::bigint, $2::bigint[])"};
constexpr Statement of_member_statement{
    "of_member",
    "SELECT conversation FROM banter.members WHERE member = $1::bigint"
    " ORDER BY conversation DESC LIMIT $2::bigint"};
constexpr Statement list_statement{
    "list",
    "SELECT c.id, c.created_at, c.last_seq, (SELECT count(*) FROM banter.members m"
    " WHERE m.conversation = c.id) FROM banter.conversations c WHERE c.id > $1::bigint"
    " ORDER BY c.id LIMIT $2::bigint"};
constexpr Statement members_statement{
    "members",
    "SELECT member, joined_at FROM banter.members WHERE conversation = $1::bigint"
    " ORDER BY member"};
constexpr Statement change_member_statement{
    "change_member", "SELECT banter.change_member($1::bigint, $2::bigint, $3::boolean)"};

chat::Stretch stretch_of(ConversationId conversation, const Rows& rows) {
  chat::Stretch stretch{.events = {}, .first = Seq{1}, .head = Seq{0}};
  for (int row = 0; row < rows.count(); ++row) {
    stretch.first = Seq{rows.integer(row, 0)};
    stretch.head = Seq{rows.integer(row, 1)};
    if (rows.is_null(row, 2)) continue;
    stretch.events.push_back({.conversation = conversation,
                              .seq = Seq{rows.integer(row, 2)},
                              .author = UserId{rows.integer(row, 3)},
                              .kind = static_cast<chat::EventKind>(rows.integer(row, 4)),
                              .payload = std::string(rows.bytes(row, 7)),
                              .client_id = std::string(rows.bytes(row, 6)),
                              .at = Micros{rows.integer(row, 5)}});
  }
  return stretch;
}

chat::Stretch extent_of(const Rows& rows) {
  if (rows.count() == 0) return {.events = {}, .first = Seq{1}, .head = Seq{0}};
  return {.events = {}, .first = Seq{rows.integer(0, 0)}, .head = Seq{rows.integer(0, 1)}};
}

}  // namespace

Task<chat::Stretch> PostgresStore::read(ConversationId conversation, chat::Range range) {
  Params params;
  params.integer(conversation.value);
  if (range.count == 0) {
    co_return co_await pool_->query(extent_statement, std::move(params), extent_of);
  }
  params.integer(range.after.value)
      .integer(range.before.value)
      .integer(limit(range.count))
      .integer(limit(range.bytes_max));
  co_return co_await pool_->query(
      range.newest ? newest_statement : oldest_statement, std::move(params),
      [conversation](const Rows& rows) { return stretch_of(conversation, rows); });
}

Task<std::optional<chat::Access>> PostgresStore::access(ConversationId conversation, UserId user) {
  Params params;
  params.integer(conversation.value).integer(user.value);
  co_return co_await pool_->query(
      access_statement, std::move(params), [](const Rows& rows) -> std::optional<chat::Access> {
        if (rows.count() == 0) return std::nullopt;
        return chat::Access{.first = Seq{rows.integer(0, 0)}, .head = Seq{rows.integer(0, 1)}};
      });
}

Task<std::vector<Seq>> PostgresStore::heads(std::span<const ConversationId> conversations) {
  ASSERT(conversations.size() <= heads_max, "the port bounds a question for heads");
  std::vector<std::int64_t> ids;
  ids.reserve(conversations.size());
  for (const auto conversation : conversations) ids.push_back(conversation.value);
  if (ids.empty()) co_return std::vector<Seq>{};
  Params params;
  params.integers(ids);
  co_return co_await pool_->ask_aside(heads_statement, std::move(params), [](const Rows& rows) {
    std::vector<Seq> heads;
    for (const auto seq : rows.integers(0, 0)) heads.push_back(Seq{seq});
    return heads;
  });
}

Task<std::expected<ConversationId, UserId>> PostgresStore::create_conversation(
    UserId creator, std::vector<UserId> members) {
  std::vector<std::int64_t> others;
  for (const auto member : members) others.push_back(member.value);
  Params params;
  params.integer(creator.value).integers(others);
  co_return co_await pool_->query(create_statement, std::move(params),
                                  [](const Rows& rows) -> std::expected<ConversationId, UserId> {
                                    if (!rows.is_null(0, 1))
                                      return std::unexpected(UserId{rows.integer(0, 1)});
                                    return ConversationId{rows.integer(0, 0)};
                                  });
}

Task<std::vector<ConversationId>> PostgresStore::conversations_of(UserId user, std::size_t most) {
  Params params;
  params.integer(user.value).integer(limit(most));
  co_return co_await pool_->query(of_member_statement, std::move(params), [](const Rows& rows) {
    std::vector<ConversationId> found;
    for (int row = 0; row < rows.count(); ++row) {
      found.push_back(ConversationId{rows.integer(row, 0)});
    }
    return found;
  });
}

Task<std::vector<chat::ConversationSummary>> PostgresStore::list_conversations(ConversationId after,
                                                                               std::size_t most) {
  Params params;
  params.integer(after.value).integer(limit(most));
  co_return co_await pool_->query(list_statement, std::move(params), [](const Rows& rows) {
    std::vector<chat::ConversationSummary> found;
    for (int row = 0; row < rows.count(); ++row) {
      found.push_back({.id = ConversationId{rows.integer(row, 0)},
                       .created_at = Micros{rows.integer(row, 1)},
                       .head = Seq{rows.integer(row, 2)},
                       .members = static_cast<std::size_t>(rows.integer(row, 3))});
    }
    return found;
  });
}

Task<std::optional<chat::ConversationSummary>> PostgresStore::find_conversation(
    ConversationId conversation) {
  auto found = co_await list_conversations(ConversationId{conversation.value - 1}, 1);
  if (found.empty() || found[0].id != conversation) co_return std::nullopt;
  co_return found[0];
}

Task<std::vector<chat::Member>> PostgresStore::members_of(ConversationId conversation) {
  Params params;
  params.integer(conversation.value);
  co_return co_await pool_->query(members_statement, std::move(params), [](const Rows& rows) {
    std::vector<chat::Member> found;
    for (int row = 0; row < rows.count(); ++row) {
      found.push_back(
          {.user = UserId{rows.integer(row, 0)}, .joined_at = Micros{rows.integer(row, 1)}});
    }
    return found;
  });
}

Task<chat::ConversationStore::MemberChange> PostgresStore::add_member(ConversationId conversation,
                                                                      UserId user) {
  return change_member(conversation, user, true);
}

Task<chat::ConversationStore::MemberChange> PostgresStore::remove_member(
    ConversationId conversation, UserId user) {
  return change_member(conversation, user, false);
}

Task<chat::ConversationStore::MemberChange> PostgresStore::change_member(
    ConversationId conversation, UserId user, bool adds) {
  Params params;
  params.integer(conversation.value).integer(user.value).boolean(adds);
  co_return co_await pool_->query(change_member_statement, std::move(params), [](const Rows& rows) {
    return static_cast<MemberChange>(rows.integer(0, 0));
  });
}

}  // namespace banter::store
