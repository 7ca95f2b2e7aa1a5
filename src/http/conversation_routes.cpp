// /api/chat/...: create, list, history. Translates between wire and chat::Conversations.
#include <string_view>
#include <utility>

#include "base/unavailable.hpp"
#include "http/routes.hpp"
#include "wire/fields.hpp"
#include "wire/forms.hpp"
#include "wire/http_json.hpp"

namespace banter::http {

Task<Response> create_conversation(Exchange& exchange) {
  const auto& request = exchange.request;
  auto fields =
      wire::read_fields(request.head.content_type.value_or(std::string_view()), request.body);
  if (!fields) co_return to_response(std::move(fields.error()));
  auto members = wire::member_ids(*fields, exchange.services.options.members_max);
  if (!members) co_return to_response(std::move(members.error()));
  const auto conversation =
      co_await exchange.services.conversations.create(exchange.identity->user, std::move(*members));
  if (!conversation) co_return to_response(wire::answer(wire::HttpError::unknown_member));
  co_return json_response(wire::conversation_created(*conversation));
}

Task<Response> list_conversations(Exchange& exchange) {
  const auto conversations = co_await exchange.services.conversations.list(exchange.identity->user);
  co_return json_response(wire::conversation_list(conversations));
}

Task<Response> read_history(Exchange& exchange) {
  auto query =
      wire::history_query(exchange.request.target.query, exchange.services.options.history_max);
  if (!query) co_return to_response(std::move(query.error()));
  const auto conversation = wire::path_id(exchange.path_parameter);
  if (!conversation) co_return to_response(wire::answer(wire::HttpError::not_found));

  chat::Range range{.count = query->limit, .newest = !query->after};
  if (query->after) range.after = *query->after;
  if (query->before) range.before = *query->before;
  std::optional<std::string> epoch;
  if (query->before || query->after) epoch = exchange.services.conversations.epoch();
  wire::HistoryBody body(range.count);
  const auto extent = co_await exchange.services.conversations.history(
      *conversation, exchange.identity->user, range,
      [&body](const chat::Event& event) { body.add(event); });
  if (!extent) co_return to_response(wire::answer(wire::HttpError::not_found));
  if (epoch && epoch != exchange.services.conversations.epoch()) {
    throw Unavailable("the epoch changed");  // of which one the events are can't be said
  }
  co_return json_response(std::move(body).finish(extent->head, epoch));
}

}  // namespace banter::http
