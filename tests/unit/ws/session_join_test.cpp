#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chat/limits.hpp"
#include "unit/ws/session_world.hpp"

namespace banter::ws {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

int messages_in(const std::string& frame) {
  int count = 0;
  for (std::size_t at = frame.find(R"({"id": )"); at != std::string::npos;
       at = frame.find(R"({"id": )", at + 1)) {
    ++count;
  }
  return count;
}

TEST(SessionJoin, ShowsTheLastFiftyToAPlainClient) {
  World world;
  world.store_messages(60);
  Client a(world, {});
  const auto frame = a.text();
  EXPECT_EQ(messages_in(frame), 50);
  EXPECT_THAT(frame, StartsWith(R"({"type": "history", "messages": [{"id": 11, )"));
  EXPECT_THAT(frame, EndsWith("}]}"));
}

TEST(SessionJoin, ShowsFewerWhenTheyAreLong) {
  World world;
  // Each escape is one byte of payload and six on the wire.
  world.store_messages(60, std::string(8000, '\x01'));
  Client a(world, {});
  const auto frame = a.text();
  EXPECT_LE(frame.size(), chat::first_frame_bytes_max + 100);
  EXPECT_GT(messages_in(frame), 5);
  EXPECT_THAT(frame, HasSubstr(R"({"id": 60, )"));
}

TEST(SessionJoin, GivesTheExtentToAClientThatWillResume) {
  World world;
  world.store_messages(3);
  Client a(world, {.latest = true});
  EXPECT_THAT(a.text(),
              EndsWith(R"("from": 1, "to": 3, "head": 3, "more": false, "epoch": "memory", )"
                       R"("reset": false})"));
}

TEST(SessionJoin, CoversEventsThatAreNoMessagesWithoutShowingThem) {
  World world;
  world.store_messages(1);
  world.store_event("", chat::EventKind::lost);
  world.store_event("", chat::EventKind::lost);
  Client a(world, {.since = Seq{1}, .epoch = "memory"});
  const auto frame = a.text();
  EXPECT_EQ(messages_in(frame), 0);
  EXPECT_THAT(frame, HasSubstr(R"("from": 2, "to": 3, "head": 3, "more": false)"));
  a.say("next");
  EXPECT_THAT(a.text(), HasSubstr(R"({"id": 4, )"));
}

TEST(SessionJoin, PassesOverALiveEventThatIsNoMessage) {
  World world;
  Client a(world, {});
  (void)a.text();
  world.store_event("", chat::EventKind::lost);
  world.timelines.offer({.conversation = world.room,
                         .seq = Seq{1},
                         .author = UserId{1},
                         .kind = chat::EventKind::lost,
                         .payload = {},
                         .client_id = {},
                         .at = Micros{1}});
  a.say("next");
  EXPECT_THAT(a.text(), HasSubstr(R"({"id": 2, )"));
}

TEST(SessionJoin, ResumesWithExactlyWhatWasMissed) {
  World world;
  world.store_messages(10);
  Client a(world, {.since = Seq{7}, .epoch = "memory"});
  const auto frame = a.text();
  EXPECT_EQ(messages_in(frame), 3);
  EXPECT_THAT(frame, HasSubstr(R"("from": 8, "to": 10, "head": 10, "more": false)"));
  a.say("next");
  EXPECT_THAT(a.text(), HasSubstr(R"({"id": 11, )"));
}

TEST(SessionJoin, SaysThatThereIsNothingNew) {
  World world;
  world.store_messages(10);
  Client a(world, {.since = Seq{10}, .epoch = "memory"});
  const auto frame = a.text();
  EXPECT_EQ(messages_in(frame), 0);
  EXPECT_THAT(frame, HasSubstr(R"("from": 11, "to": 10, "head": 10, "more": false)"));
}

TEST(SessionJoin, ResumesALongAbsenceInPagesFromTheStore) {
  World world;
  const int count = 500;
  world.store_messages(count);
  Client a(world, {.since = Seq{0}});
  int seen = 0;
  for (bool more = true; more;) {
    const auto frame = a.text();
    EXPECT_THAT(frame, HasSubstr(R"("from": )" + std::to_string(seen + 1) + ","));
    seen += messages_in(frame);
    more = frame.find(R"("more": true)") != std::string::npos;
  }
  EXPECT_EQ(seen, count);
  EXPECT_TRUE(a.silent());
}

TEST(SessionJoin, BoundsAPageByItsEncodedBytes) {
  World world;
  world.store_messages(100, std::string(8000, '\x01'));
  Client a(world, {.since = Seq{0}});
  int seen = 0;
  while (seen < 100) {
    const auto frame = a.text();
    EXPECT_LE(frame.size(), chat::resume_page_bytes_max + 200);
    seen += messages_in(frame);
  }
  EXPECT_EQ(seen, 100);
}

TEST(SessionJoin, MissesNothingThatIsSentWhileItCatchesUp) {
  World world;
  world.store_messages(500);
  Client writer(world, {});
  (void)writer.text();
  Client a(world, {.since = Seq{0}});
  for (int i = 0; i < 5; ++i) writer.say("meanwhile");
  int seen = 0;
  while (seen < 505) {
    const auto frame = a.text();
    const auto first = R"({"id": )" + std::to_string(seen + 1) + ",";
    EXPECT_THAT(frame, HasSubstr(first)) << "no gap and no repeat at the seam";
    seen += messages_in(frame);
  }
  EXPECT_TRUE(a.silent());
}

// While the windows of a reactor are over their budget they are smaller than a page, so the last
// page comes from the store, which may know more than was heard of.
TEST(SessionJoin, PassesNothingTwiceThatWasReadBeforeItWasHeardOf) {
  World world;
  world.store_messages(60, std::string(8000, 'x'));
  Client a(world, {.latest = true});
  (void)a.text();
  world.timelines.find(world.room)->trim(1, 0);
  Client b(world, {.since = Seq{10}, .epoch = "memory"});
  world.settle();  // more than a socket holds: the first page is still on its way
  world.store_event("stored by another node");
  EXPECT_THAT(b.text(), HasSubstr(R"("from": 11, "to": 42, )"));
  EXPECT_THAT(b.text(), HasSubstr(R"("to": 61, "head": 61, "more": false, )"));
  EXPECT_THAT(a.text(), HasSubstr(R"({"id": 61, )"));
  const auto heard =
      world.run(world.store.read(world.room, {.after = Seq{60}, .count = 1})).events[0];
  world.timelines.offer(heard);
  EXPECT_TRUE(b.silent()) << "it has seen it";
  a.say("and on");
  EXPECT_THAT(b.text(), HasSubstr(R"("message": {"id": 62, )"));
}

TEST(SessionJoin, ResetsWhenItCannotContinue) {
  World world;
  world.store_messages(5);
  for (const Joining& joining :
       {Joining{.since = Seq{3}, .epoch = "another"}, Joining{.since = Seq{3}},
        Joining{.since = Seq{6}, .epoch = "memory"},
        Joining{.since = Seq{0}, .epoch = "another"}}) {
    Client a(world, joining);
    const auto frame = a.text();
    EXPECT_EQ(messages_in(frame), 5);
    EXPECT_THAT(frame, HasSubstr(R"("reset": true})"));
  }
  Client a(world, {.since = Seq{0}});
  EXPECT_THAT(a.text(), HasSubstr(R"("reset": false})"));
}

TEST(SessionJoin, EndsAMemberThatWasRemovedMeanwhile) {
  World world;
  (void)world.run(world.store.remove_member(world.room, UserId{2}));
  Client a(world, {.user = UserId{2}});
  EXPECT_EQ(a.close_code(), 4011);
}

TEST(SessionJoin, EndsAUserThatWasDeactivatedMeanwhile) {
  World world;
  (void)world.run(world.store.set_active(UserId{2}, false));
  Client a(world, {.user = UserId{2}});
  EXPECT_EQ(a.close_code(), 4003);
}

TEST(SessionJoin, AsksToComeBackWhenTheStoreIsDown) {
  using Operation = store::MemoryStore::Operation;
  using Fault = store::MemoryStore::Fault;
  auto down = std::make_shared<bool>(false);
  World world({.fault =
                   [down](Operation operation) {
                     return *down && operation == Operation::read ? Fault::before_effect
                                                                  : Fault::none;
                   },
               .healthy = {}});
  *down = true;
  Client a(world, {});
  EXPECT_EQ(a.close_code(), 1013);
  *down = false;
  Client b(world, {});
  EXPECT_THAT(b.text(), Not(HasSubstr("error")));
}

}  // namespace
}  // namespace banter::ws
