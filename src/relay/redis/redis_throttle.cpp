#include "relay/redis/redis_throttle.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <map>
#include <utility>

namespace banter::relay {

using namespace std::chrono_literals;
using chat::Quota;
using chat::Verdict;

namespace {

constexpr auto answer_max = 50ms;    // a request waits no longer for a shared count
constexpr auto connection_max = 1s;  // then the connection is of no use
constexpr std::size_t hash_bytes = 16;

// ARGV: whether to count; then count and window (ms) of each key. Answers how long each has to
// wait.
constexpr std::string_view log_script = R"(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local waits = {}
for i, key in ipairs(KEYS) do
  local count, window = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local first = redis.call('LINDEX', key, -count)
  local wait = 0
  if first then wait = math.max(0, tonumber(first) + window - now) end
  if wait == 0 and ARGV[1] == '1' then
    redis.call('RPUSH', key, string.format('%.0f', now))
    redis.call('LTRIM', key, -count, -1)
    redis.call('PEXPIRE', key, window)
  end
  waits[i] = wait
end
return waits)";

// ARGV: count, window (ms). Answers how long to wait.
constexpr std::string_view window_script = R"(
local n = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  left = tonumber(ARGV[2])
end
if n <= tonumber(ARGV[1]) then return 0 end
return math.max(left, 1))";

std::string hashed(std::string_view text) {
  std::array<unsigned char, hash_bytes> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size(), nullptr, 0);
  std::string hex;
  for (const auto byte : hash) hex += fmt::format("{:02x}", byte);
  return hex;
}

// Failed logins are counted for "account address" and for "account": both belong to the account.
std::string owner_of(const Quota& quota) {
  return hashed(quota.identity.substr(0, quota.identity.find(' ')));
}

std::string milliseconds(std::chrono::seconds time) {
  return std::to_string(std::chrono::milliseconds(time).count());
}

std::chrono::seconds rounded_up(std::int64_t ms) {
  return std::max(std::chrono::ceil<std::chrono::seconds>(std::chrono::milliseconds(ms)), 1s);
}

std::string evaluate(std::string_view script, const std::vector<std::string>& keys,
                     const std::vector<std::string>& arguments) {
  const auto count = std::to_string(keys.size());
  std::vector<std::string_view> words{"EVAL", script, count};
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::string command;
  append_command(command, words);
  return command;
}

// The longest wait of all owners' answers, and whether each of them came.
struct Answers {
  std::size_t open;
  bool whole = true;
  std::int64_t longest = 0;
};

}  // namespace

RedisThrottle::RedisThrottle(Executor executor, std::function<std::string()> epoch,
                             base::Metrics& metrics)
    : executor_(executor),
      epoch_(std::move(epoch)),
      own_(metrics),
      metrics_(metrics),
      fallbacks_(metrics.counter("banter_relay_throttle_fallbacks_total",
                                 "Rates that this node counted alone, because Redis was away")) {}

void RedisThrottle::stop() {
  stopping_ = true;
  for (auto& [slot, messages] : messages_) {
    for (auto& message : messages) message->answered = true;
    finish(messages);
  }
}

Task<Verdict> RedisThrottle::admit(std::vector<Quota> quotas, SteadyTime now) {
  if (const auto verdict = co_await ask(quotas, true)) co_return *verdict;
  co_return co_await own_.admit(std::move(quotas), now);
}

Task<Verdict> RedisThrottle::peek(std::vector<Quota> quotas, SteadyTime now) {
  if (const auto verdict = co_await ask(quotas, false)) co_return *verdict;
  co_return co_await own_.peek(std::move(quotas), now);
}

Task<std::optional<Verdict>> RedisThrottle::ask(const std::vector<Quota>& quotas, bool count) {
  std::optional<Verdict> verdict;
  if (up_) {
    using Answer = std::shared_ptr<std::optional<Verdict>>;
    const auto answer =
        co_await boost::asio::async_initiate<const decltype(use_task), void(Answer)>(
            [&](auto handler) {
              auto back = boost::asio::get_associated_executor(handler);
              auto answered = [back,
                               handler = std::move(handler)](std::optional<Verdict> got) mutable {
                boost::asio::post(back, [got, handler = std::move(handler)]() mutable {
                  std::move(handler)(std::make_shared<std::optional<Verdict>>(got));
                });
              };
              boost::asio::post(executor_,
                                [this, quotas, count, answered = std::move(answered)]() mutable {
                                  ask_here(std::move(quotas), count, std::move(answered));
                                });
            },
            use_task);
    verdict = *answer;
  }
  if (!verdict) fallbacks_.Increment();
  co_return verdict;
}

void RedisThrottle::ask_here(std::vector<Quota> quotas, bool count,
                             std::move_only_function<void(std::optional<Verdict>)> answered) {
  std::map<std::string, std::vector<Quota>> owners;
  for (auto& quota : quotas) {
    if (quota.rate.count > 0) owners[owner_of(quota)].push_back(std::move(quota));
  }
  if (owners.empty()) return answered(Verdict{});
  const auto answers = std::make_shared<Answers>(Answers{.open = owners.size()});
  const auto all = std::make_shared<decltype(answered)>(std::move(answered));
  const auto epoch = epoch_();
  for (const auto& [owner, group] : owners) {
    std::vector<std::string> keys;
    std::vector<std::string> arguments{count ? "1" : "0"};
    std::vector<std::string_view> scopes;
    for (const auto& quota : group) {
      keys.push_back(fmt::format("banter:{{t:{}}}:{}:{}:{}", owner, epoch, quota.scope,
                                 hashed(quota.identity)));
      arguments.push_back(std::to_string(quota.rate.count));
      arguments.push_back(milliseconds(quota.rate.window));
      scopes.push_back(quota.scope);
    }
    auto done = [this, answers, all, scopes](const RedisReplies& replies) {
      const bool good = replies.size() == 1 && replies[0].items.size() == scopes.size();
      answers->whole = answers->whole && good;
      for (std::size_t i = 0; good && i < scopes.size(); ++i) {
        const auto wait = replies[0].items[i].number;
        if (wait > 0) refused(scopes[i]);
        answers->longest = std::max(answers->longest, wait);
      }
      if (--answers->open > 0) return;
      if (!answers->whole) return (*all)(std::nullopt);
      if (answers->longest == 0) return (*all)(Verdict{});
      (*all)(Verdict{.admitted = false, .retry_after = rounded_up(answers->longest)});
    };
    client_->request(slot_of(keys[0]), {evaluate(log_script, keys, arguments)}, connection_max,
                     within(executor_, answer_max, std::move(done)));
  }
}

void RedisThrottle::refused(std::string_view scope) {
  metrics_
      .counter("banter_chat_throttled_total", "Requests and messages refused by a rate.",
               {{"scope", std::string(scope)}})
      .Increment();
}

// ---- messages

void RedisThrottle::admit_message(Executor reactor, UserId user, ConversationId conversation,
                                  chat::Rate rate, SteadyTime /*now*/,
                                  std::move_only_function<void(Verdict)> done) {
  auto message = std::make_shared<Message>(Message{.reactor = reactor,
                                                   .user = user,
                                                   .conversation = conversation,
                                                   .rate = rate,
                                                   .done = std::move(done),
                                                   .answered = false,
                                                   .verdict = std::nullopt});
  boost::asio::post(executor_, [this, message = std::move(message)]() mutable {
    ask_message(std::move(message));
  });
}

// Answers of one slot go out in the order of their questions, though some came from this node and
// some from a server that the slot had moved to.
void RedisThrottle::ask_message(std::shared_ptr<Message> message) {
  const auto owner = hashed(fmt::format("{} {}", message->user.value, message->conversation.value));
  const auto key = fmt::format("banter:{{t:{}}}:{}:message", owner, epoch_());
  const auto slot = slot_of(key);
  Messages& messages = messages_[slot];
  messages.push_back(message);
  if (message->rate.count == 0) message->verdict = Verdict{};
  if (message->verdict || !up_ || stopping_) {
    message->answered = true;
    return finish(messages);
  }
  auto done = [this, slot, message](const RedisReplies& replies) {
    message->answered = true;
    if (replies.size() == 1 && replies[0].kind == RespValue::Kind::number) {
      const auto wait = replies[0].number;
      if (wait > 0) refused("message");
      message->verdict = wait == 0 ? Verdict{} : Verdict{false, rounded_up(wait)};
    }
    finish(messages_[slot]);
  };
  const std::vector<std::string> arguments{std::to_string(message->rate.count),
                                           milliseconds(message->rate.window)};
  client_->request(slot, {evaluate(window_script, {key}, arguments)}, connection_max,
                   within(executor_, answer_max, std::move(done)));
}

void RedisThrottle::finish(Messages& messages) {
  while (!messages.empty() && messages.front()->answered) {
    const auto message = messages.front();
    messages.pop_front();
    const auto deliver = [&](Verdict verdict) {
      boost::asio::post(message->reactor, [message, verdict] { message->done(verdict); });
    };
    if (message->verdict) {
      deliver(*message->verdict);
      continue;
    }
    fallbacks_.Increment();
    own_.admit_message(executor_, message->user, message->conversation, message->rate, steady_now(),
                       deliver);
  }
}

}  // namespace banter::relay
