#include "relay/redis/redis_reader.hpp"

#include <utility>

#include "base/clock.hpp"
#include "base/unavailable.hpp"
#include "relay/redis/cluster_slots.hpp"

namespace banter::relay {

using namespace std::chrono_literals;

namespace {

constexpr auto connect_max = 5s;
constexpr auto answer_max = 10s;
constexpr auto end_max = 1s;

}  // namespace

RedisReader::RedisReader(RedisUrl url)
    : client_(context_.get_executor(), std::move(url), "banter-import",
              {.push = [](const RespValue&) {},
               .read_done = [] {},
               .changed = [] {},
               .state = [this](bool up) { up_ = up; },
               .failed = [this](const std::string& why) { failure_ = why; }},
              metrics_) {
  client_.start();
  run_until(up_, connect_max);
  if (!up_) throw Unavailable("Redis cannot be reached: " + failure_);
}

RedisReader::~RedisReader() {
  client_.stop();
  context_.restart();
  context_.run_for(end_max);
}

RespValue RedisReader::ask(std::string_view key, std::initializer_list<std::string_view> words) {
  std::string command;
  append_command(command, words);
  bool done = false;
  RedisReplies replies;
  client_.request(slot_of(key), {std::move(command)}, answer_max, [&](RedisReplies got) {
    replies = std::move(got);
    done = true;
  });
  // The request itself ends at its limit.
  while (!done) run_until(done, answer_max);
  if (replies.empty()) throw Unavailable("Redis did not answer: " + failure_);
  if (replies.front().is_error()) throw Unavailable("Redis: " + replies.front().text);
  return std::move(replies.front());
}

void RedisReader::run_until(const bool& done, std::chrono::milliseconds limit) {
  const auto deadline = steady_now() + limit;
  context_.restart();
  while (!done && steady_now() < deadline) context_.run_one_until(deadline);
}

}  // namespace banter::relay
