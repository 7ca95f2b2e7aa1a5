#include "store/postgres/notices.hpp"

#include <boost/asio/post.hpp>

#include "base/log.hpp"

namespace banter::store::postgres {

using namespace std::chrono_literals;

namespace {

constexpr Statement look_statement{
    "look",
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, n.id, n.xid, n.kind, n.account,"
    " n.conversation FROM (SELECT 1) AS one LEFT JOIN banter.notices n ON n.xid >= $1::bigint"
    " ORDER BY n.id"};
// Rows live for a day (banter.tell).
constexpr auto memory = 12h;
constexpr std::int64_t from_now_on = INT64_MAX;

}  // namespace

void Notices::listen(Executor reactor, chat::NoticeListener& listener) {
  const std::scoped_lock lock(mutex_);
  listeners_.push_back({.reactor = reactor, .listener = &listener});
}

Task<bool> Notices::look(Connection& connection) {
  Params params;
  params.integer(oldest_running_.value_or(from_now_on));
  const auto asked_at = steady_now();
  const auto answer = co_await connection.ask(look_statement, std::move(params));
  if (answer.failure) co_return false;
  const auto& rows = answer.rows;
  const std::int64_t oldest_running = rows.integer(0, 0);
  for (int row = 0; row < rows.count(); ++row) {
    if (rows.is_null(row, 1)) continue;
    if (!told_.emplace(rows.integer(row, 1), rows.integer(row, 2)).second) continue;
    tell({.kind = static_cast<chat::Notice::Kind>(rows.integer(row, 3)),
          .user = UserId{rows.integer(row, 4)},
          .conversation = ConversationId{rows.integer(row, 5)}});
  }
  // Another cluster counts its transactions anew; and rows are not kept for ever.
  const bool rewound = oldest_running_ && oldest_running < *oldest_running_;
  if (rewound || (oldest_running_ && asked_at - looked_at_ > memory)) {
    log::warn("notices_missed", {});
    tell({.kind = chat::Notice::Kind::anything, .user = {}, .conversation = {}});
  }
  std::erase_if(told_, [&](const auto& item) { return rewound || item.second < oldest_running; });
  oldest_running_ = oldest_running;
  looked_at_ = asked_at;
  co_return true;
}

void Notices::tell(const chat::Notice& notice) {
  const std::scoped_lock lock(mutex_);
  for (const auto& each : listeners_) {
    boost::asio::post(each.reactor,
                      [listener = each.listener, notice] { listener->on_notice(notice); });
  }
}

}  // namespace banter::store::postgres
