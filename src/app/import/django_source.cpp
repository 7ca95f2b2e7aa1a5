#include "app/import/django_source.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "base/unavailable.hpp"
#include "relay/redis/redis_reader.hpp"
#include "store/postgres/session.hpp"

namespace banter::app {
namespace {

using relay::RedisReader;
using relay::RespValue;
using store::postgres::Params;
using store::postgres::Rows;
using store::postgres::Session;
using store::postgres::SqlFailure;

constexpr const char* users_query =
    "SELECT id, username, email, first_name, last_name, password, is_active,"
    " is_staff OR is_superuser, (extract(epoch FROM date_joined) * 1000000)::bigint,"
    " (extract(epoch FROM last_login) * 1000000)::bigint"
    " FROM auth_user WHERE id > $1::bigint ORDER BY id LIMIT 1000";
constexpr const char* conversations_query =
    "SELECT c.id, (extract(epoch FROM c.created_at) * 1000000)::bigint,"
    " array_agg(m.user_id::bigint ORDER BY m.id) FILTER (WHERE m.id IS NOT NULL),"
    " array_agg((extract(epoch FROM m.joined_at) * 1000000)::bigint ORDER BY m.id)"
    "   FILTER (WHERE m.id IS NOT NULL)"
    " FROM (SELECT * FROM chat_conversation WHERE id > $1::bigint ORDER BY id LIMIT 500) c"
    " LEFT JOIN chat_conversationmember m ON m.conversation_id = c.id"
    " GROUP BY c.id, c.created_at ORDER BY c.id";

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1) return std::nullopt;
  return value;
}

// The replaced system keeps its messages in database 1 unless it was told otherwise.
relay::RedisUrl redis_url(const std::string& text) {
  auto url = relay::parse_redis_url(text).value();
  const auto host = text.find("://") + 3;
  if (text.find('/', host) == std::string::npos) url.database = 1;
  return url;
}

class Source final : public DjangoSource {
 public:
  Source(std::unique_ptr<Session> session, std::unique_ptr<RedisReader> redis)
      : session_(std::move(session)), redis_(std::move(redis)) {}

  Counts counts() override {
    const auto rows = ask(
        "SELECT (SELECT count(*) FROM auth_user), (SELECT count(*) FROM chat_conversation)", {});
    return {.users = rows.integer(0, 0), .conversations = rows.integer(0, 1)};
  }

  std::vector<DjangoUser> users(UserId after) override {
    const auto rows = ask(users_query, Params().integer(after.value));
    std::vector<DjangoUser> page;
    for (int row = 0; row < rows.count(); ++row) {
      DjangoUser user{.id = UserId{rows.integer(row, 0)},
                      .username = std::string(rows.bytes(row, 1)),
                      .email = std::string(rows.bytes(row, 2)),
                      .first_name = std::string(rows.bytes(row, 3)),
                      .last_name = std::string(rows.bytes(row, 4)),
                      .password = std::string(rows.bytes(row, 5)),
                      .active = rows.boolean(row, 6),
                      .staff = rows.boolean(row, 7),
                      .joined_at = Micros{rows.integer(row, 8)},
                      .last_login_at = std::nullopt};
      if (const auto at = rows.maybe_integer(row, 9)) user.last_login_at = Micros{*at};
      page.push_back(std::move(user));
    }
    return page;
  }

  std::vector<DjangoConversation> conversations(ConversationId after) override {
    const auto rows = ask(conversations_query, Params().integer(after.value));
    std::vector<DjangoConversation> page;
    for (int row = 0; row < rows.count(); ++row) {
      DjangoConversation conversation{.id = ConversationId{rows.integer(row, 0)},
                                      .created_at = Micros{rows.integer(row, 1)},
                                      .members = {}};
      if (!rows.is_null(row, 2)) {
        const auto users = rows.integers(row, 2);
        const auto times = rows.integers(row, 3);
        for (std::size_t i = 0; i < users.size(); ++i) {
          conversation.members.push_back({.user = UserId{users[i]}, .joined_at = Micros{times[i]}});
        }
      }
      page.push_back(std::move(conversation));
    }
    return page;
  }

  DjangoMessages messages(ConversationId conversation) override {
    DjangoMessages found;
    if (!redis_) return found;
    const auto list = fmt::format("chat:{}:messages", conversation.value);
    const auto counter = fmt::format("chat:{}:seq", conversation.value);
    const auto given = redis_->ask(counter, {"GET", counter});
    found.counter = number_in(given.text).value_or(0);
    std::size_t bytes = 0;
    for (std::size_t from = 0;;) {
      const auto page = redis_->ask(list, {"LRANGE", list, fmt::format("{}", from),
                                           fmt::format("{}", from + page_entries - 1)});
      for (const auto& entry : page.items) {
        bytes += entry.text.size();
        auto message = parse_listed_message(entry.text);
        if (message) {
          found.messages.push_back(*std::move(message));
        } else {
          found.unreadable.push_back(std::move(message.error()));
        }
      }
      from += page.items.size();
      if (page.items.size() < page_entries) return found;
      found.too_long = from >= list_entries_max || bytes >= list_bytes_max;
      if (found.too_long) return found;
    }
  }

  std::vector<ConversationId> listed_conversations() override {
    std::vector<ConversationId> found;
    if (!redis_) return found;
    std::string cursor = "0";
    do {
      const auto page =
          redis_->ask("", {"SCAN", cursor, "MATCH", "chat:*:messages", "COUNT", "1000"});
      if (page.items.size() != 2) throw Unavailable("Redis: not an answer to SCAN");
      cursor = page.items[0].text;
      for (const auto& key : page.items[1].items) {
        const auto end = key.text.rfind(':');
        if (const auto id = number_in(std::string_view(key.text).substr(5, end - 5))) {
          found.push_back(ConversationId{*id});
        }
      }
    } while (cursor != "0");
    return found;
  }

 private:
  static constexpr std::size_t page_entries = 1'000;

  Rows ask(const char* sql, const Params& params) {
    try {
      return session_->ask(sql, params);
    } catch (const SqlFailure& failure) {
      throw Unavailable(fmt::format("the Django server's database: {}", failure.what()));
    }
  }

  std::unique_ptr<Session> session_;
  std::unique_ptr<RedisReader> redis_;  // nullptr: none was named
};

}  // namespace

std::expected<std::unique_ptr<DjangoSource>, std::string> DjangoSource::open(
    const std::string& database, const std::string& redis) {
  std::unique_ptr<Session> session;
  try {
    session = std::make_unique<Session>(database, Session::Needs::reads);
    session->run("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    for (const auto* table : {"auth_user", "chat_conversation", "chat_conversationmember"}) {
      if (session->run(fmt::format("SELECT to_regclass('{}')", table)).empty()) {
        return std::unexpected(fmt::format(
            "--from is not a database of the Django server: it has no table {}", table));
      }
    }
  } catch (const SqlFailure& failure) {
    return std::unexpected(fmt::format("--from cannot be read: {}", failure.what()));
  }
  std::unique_ptr<RedisReader> reader;
  if (!redis.empty()) {
    try {
      reader = std::make_unique<RedisReader>(redis_url(redis));
    } catch (const Unavailable& away) {
      return std::unexpected(fmt::format("--redis cannot be read: {}", away.what()));
    }
  }
  return std::make_unique<Source>(std::move(session), std::move(reader));
}

}  // namespace banter::app
