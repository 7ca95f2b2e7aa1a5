// The fixture of the store suites: each test runs once per implementation, on an empty store.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/ports.hpp"
#include "chat/ports.hpp"
#include "contract/reactors.hpp"

namespace banter::contract {

// One store of an implementation, both ports.
struct StoreUnderTest {
  chat::ConversationStore* conversations = nullptr;
  auth::AccountStore* accounts = nullptr;
  std::function<void(StoreUnderTest&)> reopen;  // empty: it keeps nothing
  std::shared_ptr<void> owner;
};

struct Implementation {
  std::string name;
  std::function<StoreUnderTest()> make;
};

[[nodiscard]] std::vector<Implementation> all_stores();
[[nodiscard]] std::vector<Implementation> durable_stores();

using chat::AppendResult;
using chat::AppendStatus;
using MemberChange = chat::ConversationStore::MemberChange;

class StoreContract : public testing::TestWithParam<Implementation> {
 protected:
  StoreContract() : store_(GetParam().make()) {}

  [[nodiscard]] chat::ConversationStore& conversations() { return *store_.conversations; }
  [[nodiscard]] auth::AccountStore& accounts() { return *store_.accounts; }
  void reopen() { store_.reopen(store_); }

  UserId user(const std::string& email) {
    auto created = await(accounts().create_account(
        {.email = email, .first_name = "F", .last_name = "L", .password_hash = "hash"}));
    EXPECT_TRUE(created.has_value()) << email;
    return created.value_or(UserId{});
  }
  ConversationId conversation(UserId creator, std::vector<UserId> members = {}) {
    auto created = await(conversations().create_conversation(creator, std::move(members)));
    EXPECT_TRUE(created.has_value());
    return created.value_or(ConversationId{});
  }
  std::vector<AppendResult> append(const std::vector<chat::PendingEvent>& batch) {
    return await(conversations().append(batch));
  }
  AppendResult append_one(chat::PendingEvent event) { return append({std::move(event)}).at(0); }
  chat::Stretch read(ConversationId id, chat::Range range = {.count = 1'000}) {
    return await(conversations().read(id, range));
  }
  // Stores n events "1" … "n".
  void fill(ConversationId id, UserId author, int n) {
    std::vector<chat::PendingEvent> batch;
    for (int i = 1; i <= n; ++i) {
      batch.push_back({.conversation = id,
                       .author = author,
                       .kind = chat::EventKind::message,
                       .payload = std::to_string(i),
                       .client_id = {}});
    }
    for (const auto& result : append(batch)) EXPECT_EQ(result.status, AppendStatus::stored);
  }

 private:
  StoreUnderTest store_;
};

inline chat::PendingEvent message(ConversationId conversation, UserId author, std::string payload,
                                  std::string client_id = {}) {
  return {.conversation = conversation,
          .author = author,
          .kind = chat::EventKind::message,
          .payload = std::move(payload),
          .client_id = std::move(client_id)};
}

inline std::vector<std::string> payloads(const chat::Stretch& stretch) {
  std::vector<std::string> found;
  for (const auto& event : stretch.events) found.push_back(event.payload);
  return found;
}

inline std::string name_of(const testing::TestParamInfo<Implementation>& info) {
  return info.param.name;
}

}  // namespace banter::contract
