// ConversationStore::append from several reactors at once.
#include <algorithm>
#include <map>
#include <string>

#include "contract/store_contract.hpp"

namespace banter::contract {
namespace {

constexpr std::size_t reactors = 8;
constexpr int rounds = 12;

class Overlap : public StoreContract {
 protected:
  UserId ann_ = user("ann@example.org");
  ConversationId talk_ = conversation(ann_);
};
INSTANTIATE_TEST_SUITE_P(Stores, Overlap, testing::ValuesIn(all_stores()), name_of);

// Appends batches of 1 … 7 events, each named "<reactor>.<round>.<n>", and remembers the answers.
Task<std::vector<std::vector<AppendResult>>> talk(chat::ConversationStore& store,
                                                  ConversationId conversation, UserId author,
                                                  std::size_t reactor) {
  std::vector<std::vector<AppendResult>> answers;
  for (int round = 0; round < rounds; ++round) {
    std::vector<chat::PendingEvent> batch;
    for (int n = 0; n <= (round + static_cast<int>(reactor)) % 7; ++n) {
      const auto name =
          std::to_string(reactor) + "." + std::to_string(round) + "." + std::to_string(n);
      batch.push_back(message(conversation, author, name, name));
    }
    answers.push_back(co_await store.append(batch));
  }
  co_return answers;
}

TEST_P(Overlap, CallsAreOrderedAsAWholeAndLeaveNoHole) {
  Reactors threads(reactors);
  std::vector<std::future<std::vector<std::vector<AppendResult>>>> running;
  for (std::size_t i = 0; i < reactors; ++i) {
    running.push_back(threads.spawn(i, talk(conversations(), talk_, ann_, i)));
  }
  std::map<Seq, std::string> expected;
  for (std::size_t i = 0; i < reactors; ++i) {
    Seq last{0};
    const auto answers = running[i].get();
    for (std::size_t round = 0; round < answers.size(); ++round) {
      EXPECT_GT(answers[round].front().seq, last) << "a later call of one reactor comes later";
      for (std::size_t n = 0; n < answers[round].size(); ++n) {
        EXPECT_EQ(answers[round][n].status, AppendStatus::stored);
        EXPECT_EQ(answers[round][n].seq.value,
                  answers[round].front().seq.value + static_cast<std::int64_t>(n))
            << "nothing gets between the events of one call";
        last = answers[round][n].seq;
        expected[last] = std::to_string(i) + "." + std::to_string(round) + "." + std::to_string(n);
      }
    }
  }
  const auto stretch = read(talk_, {.count = 10'000});
  EXPECT_EQ(stretch.head.value, static_cast<std::int64_t>(expected.size()));
  ASSERT_EQ(stretch.events.size(), expected.size());
  for (const auto& event : stretch.events) EXPECT_EQ(event.payload, expected[event.seq]);
}

Task<AppendResult> send(chat::ConversationStore& store, chat::PendingEvent event) {
  const std::vector<chat::PendingEvent> batch{std::move(event)};
  const auto results = co_await store.append(batch);
  co_return results.at(0);
}

TEST_P(Overlap, TheSameClientIdFromEverywhereIsStoredOnce) {
  Reactors threads(reactors);
  std::vector<std::future<AppendResult>> running;
  for (std::size_t i = 0; i < 64; ++i) {
    running.push_back(
        threads.spawn(i % reactors, send(conversations(), message(talk_, ann_, "once", "c1"))));
  }
  int stored = 0;
  for (auto& each : running) {
    const auto result = each.get();
    stored += result.status == AppendStatus::stored ? 1 : 0;
    EXPECT_NE(result.status, AppendStatus::conflict);
    EXPECT_EQ(result.seq, Seq{1});
  }
  EXPECT_EQ(stored, 1);
  EXPECT_EQ(read(talk_).head, Seq{1});
}

TEST_P(Overlap, OfTwoBodiesUnderOneClientIdOneWinsForGood) {
  Reactors threads(reactors);
  std::vector<std::future<AppendResult>> running;
  for (std::size_t i = 0; i < 32; ++i) {
    const std::string body = i % 2 == 0 ? "even" : "odd";
    running.push_back(
        threads.spawn(i % reactors, send(conversations(), message(talk_, ann_, body, "c1"))));
  }
  std::map<AppendStatus, int> seen;
  for (auto& each : running) ++seen[each.get().status];
  EXPECT_EQ(seen[AppendStatus::stored], 1);
  EXPECT_EQ(seen[AppendStatus::duplicate], 15);
  EXPECT_EQ(seen[AppendStatus::conflict], 16);
}

Task<std::thread::id> thread_after_append(chat::ConversationStore& store, ConversationId id,
                                          UserId author) {
  const std::vector<chat::PendingEvent> batch{message(id, author, "x")};
  const auto results = co_await store.append(batch);
  EXPECT_EQ(results.size(), 1u);
  co_return std::this_thread::get_id();
}

Task<std::thread::id> thread_after_read(chat::ConversationStore& store, ConversationId id) {
  const auto stretch = co_await store.read(id, {.count = 1});
  EXPECT_EQ(stretch.first, Seq{1});
  co_return std::this_thread::get_id();
}

TEST_P(Overlap, EveryCallResumesOnItsReactor) {
  Reactors threads(3);
  for (std::size_t i = 0; i < threads.size(); ++i) {
    EXPECT_EQ(threads.spawn(i, thread_after_append(conversations(), talk_, ann_)).get(),
              threads.thread(i));
    EXPECT_EQ(threads.spawn(i, thread_after_read(conversations(), talk_)).get(), threads.thread(i));
  }
}

Task<Seq> head_seen_after(chat::ConversationStore& store, ConversationId id, UserId author) {
  const std::vector<chat::PendingEvent> batch{message(id, author, "x")};
  const auto results = co_await store.append(batch);
  const auto stretch =
      co_await store.read(id, {.after = Seq{results.at(0).seq.value - 1}, .count = 1});
  EXPECT_EQ(stretch.events.at(0).seq, results.at(0).seq);
  co_return stretch.head;
}

TEST_P(Overlap, WhatWasAnsweredCanBeReadAtOnce) {
  Reactors threads(4);
  for (int round = 0; round < 25; ++round) {
    std::vector<std::future<Seq>> running;
    for (std::size_t i = 0; i < threads.size(); ++i) {
      running.push_back(threads.spawn(i, head_seen_after(conversations(), talk_, ann_)));
    }
    for (auto& each : running) EXPECT_GE(each.get(), Seq{round * 4 + 1});
  }
  EXPECT_EQ(read(talk_).head, Seq{100});
}

Task<int> read_whole_logs(chat::ConversationStore& store, ConversationId id, int times) {
  for (int i = 0; i < times; ++i) {
    const auto stretch = co_await store.read(id, {.count = 10'000});
    EXPECT_EQ(static_cast<std::int64_t>(stretch.events.size()), stretch.head.value);
    for (std::size_t n = 0; n < stretch.events.size(); ++n) {
      EXPECT_EQ(stretch.events[n].seq.value, static_cast<std::int64_t>(n) + 1);
    }
  }
  co_return times;
}

TEST_P(Overlap, AReaderNeverSeesHalfACallOrAHole) {
  Reactors threads(reactors);
  std::vector<std::future<std::vector<std::vector<AppendResult>>>> writing;
  std::vector<std::future<int>> reading;
  for (std::size_t i = 0; i < 4; ++i) {
    writing.push_back(threads.spawn(i, talk(conversations(), talk_, ann_, i)));
    reading.push_back(threads.spawn(i + 4, read_whole_logs(conversations(), talk_, 25)));
  }
  for (auto& each : writing) each.get();
  for (auto& each : reading) EXPECT_EQ(each.get(), 25);
}

Task<MemberChange> leave(chat::ConversationStore& store, ConversationId id, UserId user) {
  co_return co_await store.remove_member(id, user);
}

TEST_P(Overlap, AfterARemovalReturnedNothingOfThatUserIsStored) {
  const auto bob = user("bob@example.org");
  EXPECT_EQ(await(conversations().add_member(talk_, bob)), MemberChange::done);
  Reactors threads(reactors);
  auto writing = threads.spawn(0, talk(conversations(), talk_, bob, 0));
  auto leaving = threads.spawn(1, leave(conversations(), talk_, bob));
  EXPECT_EQ(leaving.get(), MemberChange::done);
  const auto head = read(talk_).head;
  std::vector<AppendResult> all;
  for (const auto& answers : writing.get()) all.insert(all.end(), answers.begin(), answers.end());
  EXPECT_EQ(read(talk_).head, head);
  const auto is_stored = [](const AppendResult& result) {
    return result.status == AppendStatus::stored;
  };
  EXPECT_EQ(std::ranges::count_if(all, is_stored), head.value);
  EXPECT_TRUE(std::ranges::is_partitioned(all, is_stored));
}

}  // namespace
}  // namespace banter::contract
