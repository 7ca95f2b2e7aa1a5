#include "verify/drive/setting.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace banter::verify {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t shown_bytes_max = 200;
// A node whose disk was slow just now, or that has just begun, is no broken one.
constexpr auto health_max = 10s;
constexpr auto health_pause = 200ms;

json::object object_of(const std::string& body) {
  boost::system::error_code error;
  const auto value = json::parse(body, error);
  return error || !value.is_object() ? json::object() : value.as_object();
}

// Nobody is to log in to these accounts after the run.
std::string fresh_password() {
  unsigned char bytes[18];
  if (::getrandom(bytes, sizeof bytes, 0) != sizeof bytes) throw std::bad_alloc();
  std::string password = "Vf-";
  for (const auto byte : bytes) password += fmt::format("{:02x}", byte);
  return password;
}

std::int64_t number_in(const json::object& object, std::string_view name) {
  const auto* found = object.if_contains({name.data(), name.size()});
  return found != nullptr && found->is_int64() ? found->get_int64() : 0;
}

}  // namespace

std::unexpected<std::string> SettingMaker::failed(std::string_view what, const HttpAnswer& answer) {
  if (answer.status == 429) {
    return std::unexpected(fmt::format(
        "the server's throttles stop {}: after {} minutes of waiting it still says 429. Run it "
        "against a deployment with `--throttle off`, or with fewer --writers",
        what, patience_max.count()));
  }
  return std::unexpected(
      fmt::format("{} failed with {}: {}", what,
                  answer.status == 0 ? "no answer" : fmt::to_string(answer.status),
                  answer.body.substr(0, shown_bytes_max)));
}

Task<SettingMaker::Made> SettingMaker::check_nodes() {
  for (const auto& node : stage_.nodes) {
    auto answer = co_await ask(stage_.executor, node, {.target = "/healthz"});
    for (const auto end = steady_now() + health_max; answer.status == 503 && steady_now() < end;) {
      say_(fmt::format("waiting until {} is healthy", node.name));
      co_await wait_until(pause_, steady_now() + health_pause);
      answer = co_await ask(stage_.executor, node, {.target = "/healthz"});
    }
    if (answer.status == 0) {
      co_return std::unexpected(
          fmt::format("{} does not answer: {}. Is the address right, and does "
                      "the server run?",
                      node.name, answer.body));
    }
    const auto state = object_of(answer.body);
    if (!state.contains("durability")) {
      co_return std::unexpected(fmt::format("{} is no Banter server: its /healthz says {} {}",
                                            node.name, answer.status,
                                            answer.body.substr(0, shown_bytes_max)));
    }
    if (answer.status != 200) {
      co_return std::unexpected(fmt::format("{} is not healthy: {}. Mend it first", node.name,
                                            answer.body.substr(0, shown_bytes_max)));
    }
  }
  co_return Made{};
}

Task<HttpAnswer> SettingMaker::ask_patiently(HttpQuestion question, std::string_view what) {
  while (true) {
    auto answer =
        co_await ask(stage_.executor, stage_.nodes[stage_.pick(stage_.nodes.size())], question);
    if (answer.status != 429 && answer.status != 503) co_return answer;
    const auto wait = std::max(answer.retry_after, 1s);
    if (waited_ + wait > patience_max) co_return answer;
    waited_ += wait;
    say_(fmt::format("{}: the server asks to wait {} s", what, wait.count()));
    co_await wait_until(pause_, steady_now() + wait);
  }
}

Task<SettingMaker::Made> SettingMaker::make_account(Setting& setting) {
  const auto email =
      fmt::format("verify-{}-{}@example.org", stage_.tag, setting.accounts.size() + 1);
  const auto password = fresh_password();
  const auto signed_up =
      co_await ask_patiently({.target = "/api/users/signup",
                              .body = json::serialize(json::object{{"first_name", "Verify"},
                                                                   {"last_name", "Run"},
                                                                   {"email", email},
                                                                   {"password", password}})},
                             "signing up");
  const UserId user{number_in(object_of(signed_up.body), "id")};
  if (!signed_up.ok() || user.value == 0) co_return failed("signing up", signed_up);
  const auto logged_in = co_await ask_patiently(
      {.target = "/api/users/login",
       .body = json::serialize(json::object{{"email", email}, {"password", password}})},
      "logging in");
  const auto answer = object_of(logged_in.body);
  const auto* token = answer.if_contains("access");
  if (!logged_in.ok() || token == nullptr || !token->is_string()) {
    co_return failed("logging in", logged_in);
  }
  setting.accounts.push_back(
      {.user = user, .email = email, .token = std::string(token->get_string())});
  stage_.journal.write(UserMade{user});
  co_return Made{};
}

Task<SettingMaker::Made> SettingMaker::make_room(Setting& setting, const Account& founder) {
  Room room;
  json::array numbers;
  std::vector<UserId> users;
  for (const auto& account : setting.accounts) {
    if (&account == setting.stranger) continue;
    room.members.push_back(&account);
    users.push_back(account.user);
    numbers.push_back(account.user.value);
  }
  const auto made =
      co_await ask_patiently({.target = "/api/chat/conversations",
                              .token = founder.token,
                              .body = json::serialize(json::object{{"member_ids", numbers}})},
                             "making a conversation");
  room.conversation = ConversationId{number_in(object_of(made.body), "conversation_id")};
  if (!made.ok() || room.conversation.value == 0) co_return failed("making a conversation", made);
  stage_.journal.write(ConversationMade{.conversation = room.conversation, .members = users});
  setting.rooms.push_back(std::move(room));
  co_return Made{};
}

Task<SettingMaker::Made> SettingMaker::make(Setting& setting, int members, int rooms) {
  for (int i = 0; i <= members; ++i) {
    say_(fmt::format("accounts: {} of {}", i, members + 1));
    if (auto made = co_await make_account(setting); !made) co_return made;
  }
  setting.stranger = &setting.accounts.back();
  for (int i = 0; i < rooms; ++i) {
    say_(fmt::format("conversations: {} of {}", i, rooms));
    const auto& founder = setting.accounts[static_cast<std::size_t>(i % members)];
    if (auto made = co_await make_room(setting, founder); !made) co_return made;
  }
  co_return Made{};
}

}  // namespace banter::verify
