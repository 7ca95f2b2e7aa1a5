#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/http/rig.hpp"

namespace banter::http {
namespace {

class ConversationRoutes : public testing::Test {
 protected:
  Reply ask(const std::string& query, UserId user) {
    const auto path = "/api/chat/conversations/" + std::to_string(room_.value) + "/history" + query;
    return client_.ask(get(path, bearer(rig_.token(user))));
  }
  std::string ids(const std::string& query) {
    const auto body = ask(query, alice_).body;
    std::string found;
    for (auto at = body.find("{\"id\":"); at != std::string::npos;
         at = body.find("{\"id\":", at + 1)) {
      found += body.substr(at + 6, body.find(',', at) - at - 6) + " ";
    }
    return found;
  }

  Rig rig_;
  UserId alice_ = rig_.add_user("alice@example.com");
  UserId carol_ = rig_.add_user("carol@example.com");
  ConversationId room_ = rig_.add_conversation(alice_, {});
  Client client_ = rig_.connect();
};

TEST_F(ConversationRoutes, CreateAndList) {
  const auto lines = "Content-Type: application/json\r\n" + bearer(rig_.token(carol_));
  const auto created =
      client_.ask(post("/api/chat/conversations",
                       R"({"member_ids":[)" + std::to_string(alice_.value) + "]}", lines));
  EXPECT_EQ(created.status, 200);
  EXPECT_EQ(created.body, R"({"conversation_id":2})");
  EXPECT_EQ(client_.ask(get("/api/chat/conversations/list", bearer(rig_.token(alice_)))).body,
            R"({"conversations":[{"id":2},{"id":1}]})");
  EXPECT_EQ(client_.ask(post("/api/chat/conversations", R"({"member_ids":[99]})", lines)).status,
            400);
}

TEST_F(ConversationRoutes, HistoryIsTheNewestOldestFirst) {
  EXPECT_EQ(ask("", alice_).body, R"({"messages":[]})");
  for (int i = 1; i <= 60; ++i) rig_.add_message(room_, alice_, "m" + std::to_string(i));
  EXPECT_EQ(ids("?limit=3"), "58 59 60 ");
  EXPECT_EQ(ids("?limit=-7"), "60 ");
  EXPECT_EQ(ids("").substr(0, 6), "11 12 ");
  EXPECT_EQ(ask("?limit=x", alice_).body, R"({"error":"limit must be an integer"})");
}

TEST_F(ConversationRoutes, HistoryPagesByBeforeAndAfterWithHeadAndEpoch) {
  for (int i = 1; i <= 9; ++i) rig_.add_message(room_, alice_, "m");
  EXPECT_EQ(ids("?before=5&limit=2"), "3 4 ");
  EXPECT_EQ(ids("?after=5&limit=2"), "6 7 ");
  EXPECT_EQ(ids("?after=2&before=5"), "3 4 ");
  EXPECT_THAT(ask("?after=8", alice_).body, testing::EndsWith(R"(],"head":9,"epoch":"memory"})"));
  EXPECT_THAT(ask("", alice_).body, testing::EndsWith("]}"));
  EXPECT_EQ(ask("?before=x", alice_).status, 400);
}

TEST_F(ConversationRoutes, StrangersAndUnknownNumbersGetTheSame404) {
  const auto stranger = ask("", carol_);
  const auto unknown =
      client_.ask(get("/api/chat/conversations/999/history", bearer(rig_.token(carol_))));
  const auto huge = client_.ask(get("/api/chat/conversations/" + std::string(400, '9') + "/history",
                                    bearer(rig_.token(carol_))));
  EXPECT_EQ(stranger.status, 404);
  EXPECT_EQ(stranger.body, unknown.body);
  EXPECT_EQ(stranger.body, huge.body);
  EXPECT_EQ(huge.status, 404);
}

}  // namespace
}  // namespace banter::http
