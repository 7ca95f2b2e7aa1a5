// What the tests of the embedded store share: a directory of their own, a store in it, short names.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/metrics.hpp"
#include "contract/reactors.hpp"
#include "contract/temporary_directory.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace banter::store {

using contract::await;

class SqliteFixture : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path data() const { return directory_.path() / "data"; }
  [[nodiscard]] std::filesystem::path path(const std::string& name) const {
    return directory_.path() / name;
  }
  // The running store's directory as it would be found after a kill -9 now. Only while nothing
  // writes.
  void copy_as_crashed(const std::filesystem::path& to) const {
    std::filesystem::create_directories(to);
    for (const char* name : {"banter.db", "banter.db-wal"}) {
      if (!std::filesystem::exists(data() / name)) continue;
      std::filesystem::copy_file(data() / name, to / name,
                                 std::filesystem::copy_options::overwrite_existing);
    }
  }

  std::unique_ptr<SqliteStore> open(SqliteStore::Options options) {
    auto opened = SqliteStore::open(std::move(options), metrics_);
    if (opened) return std::move(*opened);
    ADD_FAILURE() << opened.error().detail;
    return nullptr;
  }
  std::unique_ptr<SqliteStore> open() { return open({.data_dir = data()}); }

  static UserId user(SqliteStore& store, const std::string& email) {
    return await(store.create_account(
                     {.email = email, .first_name = "", .last_name = "", .password_hash = ""}))
        .value();
  }
  static ConversationId talk(SqliteStore& store, UserId user) {
    return await(store.create_conversation(user, {})).value();
  }
  static chat::PendingEvent message(ConversationId conversation, UserId author, std::string text,
                                    std::string client_id = {}) {
    return {.conversation = conversation,
            .author = author,
            .kind = chat::EventKind::message,
            .payload = std::move(text),
            .client_id = std::move(client_id)};
  }
  static chat::AppendResult append(SqliteStore& store, chat::PendingEvent event) {
    const std::vector<chat::PendingEvent> batch{std::move(event)};
    return await(store.append(batch)).at(0);
  }
  static std::vector<std::string> log(SqliteStore& store, ConversationId conversation) {
    std::vector<std::string> texts;
    for (const auto& event : await(store.read(conversation, {.count = 100'000})).events) {
      texts.push_back(event.payload);
    }
    return texts;
  }

  base::Metrics metrics_;

 private:
  contract::TemporaryDirectory directory_;
};

}  // namespace banter::store
