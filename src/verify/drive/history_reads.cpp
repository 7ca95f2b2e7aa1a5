#include "verify/drive/history_reads.hpp"

#include <fmt/format.h>

#include "base/unavailable.hpp"

namespace banter::verify {

using namespace std::chrono_literals;

namespace {

constexpr double by_the_stranger = 0.1;  // of the reads
constexpr std::int64_t limit_max = 200;  // the server's
// Of the last reading: with throttles and a sick node, and with one that is not there.
constexpr auto patience_max = 5min;
constexpr auto silence_max = 30s;

std::string target_of(const ReadBegun& read) {
  auto target = fmt::format("/api/chat/conversations/{}/history?limit={}", read.conversation.value,
                            read.limit);
  if (read.before) target += fmt::format("&before={}", read.before->value);
  if (read.after) target += fmt::format("&after={}", read.after->value);
  return target;
}

// One page, however long the node's throttle asks to wait.
class LastReading {
 public:
  explicit LastReading(Stage& stage) : stage_(stage), pause_(stage.executor) {}

  Task<std::expected<void, std::string>> read(const Room& room, const NodeUrl& node) {
    Seq after{0};
    for (bool more = true; more;) {
      const auto& reader = *room.members[next_reader_++ % room.members.size()];
      const auto answer = co_await ask_patiently(
          node, {.target = target_of(
                     {.conversation = room.conversation, .after = after, .limit = limit_max}),
                 .token = reader.token});
      if (answer.status != 200) {
        co_return std::unexpected(fmt::format("{} does not give conversation {}: {} {}", node.name,
                                              room.conversation.value, answer.status, answer.body));
      }
      const auto page = server_text_.history({}, answer.body);
      if (!page || !page->head)
        co_return std::unexpected("a history without a head: " + answer.body);
      if (!page->messages.empty()) after = page->messages.back().seq;
      more = after < *page->head && !page->messages.empty();
      stage_.journal.write(FinalPage{.conversation = room.conversation,
                                     .node = node.name,
                                     .epoch = page->epoch,
                                     .head = *page->head,
                                     .messages = page->messages,
                                     .more = more});
    }
    co_return std::expected<void, std::string>();
  }

 private:
  Task<HttpAnswer> ask_patiently(const NodeUrl& node, HttpQuestion question) {
    const auto begun = steady_now();
    while (true) {
      auto answer = co_await ask(stage_.executor, node, question);
      const bool silent = answer.status == 0;
      const bool again = silent || answer.status == 429 || answer.status >= 500;
      const auto waited = steady_now() - begun;
      if (!again || waited > (silent ? silence_max : patience_max)) co_return answer;
      co_await wait_until(pause_, steady_now() + std::max(answer.retry_after, 1s));
    }
  }

  Stage& stage_;
  ServerText server_text_;
  Timer pause_;
  std::size_t next_reader_ = 0;  // in turn: throttles count by user
};

}  // namespace

HistoryReads::HistoryReads(Stage& stage, const Setting& setting, std::chrono::milliseconds every)
    : stage_(stage), setting_(setting), every_(every), pause_(stage.executor) {}

Task<> HistoryReads::run() {
  while (!leaving_) {
    co_await read();
    if (!leaving_) co_await wait_until(pause_, steady_now() + stage_.around(every_));
  }
}

void HistoryReads::leave() {
  leaving_ = true;
  pause_.cancel();
}

Task<> HistoryReads::read() {
  const auto& room = setting_.rooms[stage_.pick(setting_.rooms.size())];
  const auto& reader = stage_.chance(by_the_stranger)
                           ? *setting_.stranger
                           : *room.members[stage_.pick(room.members.size())];
  const auto& node = stage_.nodes[stage_.pick(stage_.nodes.size())];
  const auto head = static_cast<std::size_t>(stage_.heads[room.conversation].value);
  ReadBegun read{.call = stage_.journal.next_call(),
                 .user = reader.user,
                 .conversation = room.conversation,
                 .node = node.name,
                 .limit = 1 + static_cast<std::int64_t>(stage_.pick(limit_max))};
  if (stage_.chance(0.3)) read.before = Seq{1 + static_cast<std::int64_t>(stage_.pick(head + 5))};
  if (stage_.chance(0.3)) read.after = Seq{static_cast<std::int64_t>(stage_.pick(head + 5))};
  stage_.journal.write(read);
  const auto answer =
      co_await ask(stage_.executor, node, {.target = target_of(read), .token = reader.token});
  if (answer.status != 200) {
    stage_.journal.write(ReadEnded{.call = read.call, .status = answer.status});
    co_return;
  }
  const auto ended = server_text_.history(read.call, answer.body);
  if (!ended) throw Unavailable("a history that is none of the protocol's: " + ended.error());
  stage_.journal.write(*ended);
}

Task<std::expected<void, std::string>> read_everything(Stage& stage, const Setting& setting) {
  LastReading reading(stage);
  for (const auto& room : setting.rooms) {
    for (const auto& node : stage.nodes) {
      if (auto done = co_await reading.read(room, node); !done) co_return done;
    }
  }
  co_return std::expected<void, std::string>();
}

}  // namespace banter::verify
