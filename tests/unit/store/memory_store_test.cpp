#include "store/memory/memory_store.hpp"

#include <gtest/gtest.h>

#include "base/unavailable.hpp"
#include "contract/reactors.hpp"

namespace banter::store {
namespace {

using contract::await;
using Fault = MemoryStore::Fault;
using Operation = MemoryStore::Operation;

auth::NewAccount account(const char* email) {
  return {.email = email, .first_name = "", .last_name = "", .password_hash = ""};
}

TEST(MemoryStore, AFaultBeforeTheEffectDoesNothing) {
  Fault fault = Fault::before_effect;
  MemoryStore store({.fault = [&fault](Operation) { return fault; }});
  EXPECT_THROW(static_cast<void>(await(store.create_account(account("ann")))), Unavailable);
  fault = Fault::none;
  EXPECT_FALSE(await(store.find_account_by_email("ann")).has_value());
}

TEST(MemoryStore, AFaultAfterTheEffectLeavesIt) {
  Fault fault = Fault::after_effect;
  MemoryStore store({.fault = [&fault](Operation) { return fault; }});
  EXPECT_THROW(static_cast<void>(await(store.create_account(account("ann")))), Unavailable);
  fault = Fault::none;
  EXPECT_TRUE(await(store.find_account_by_email("ann")).has_value());
}

TEST(MemoryStore, FaultsAreAskedForByOperation) {
  std::vector<Operation> asked;
  MemoryStore store({.clock = [] { return Micros{42}; },
                     .fault =
                         [&asked](Operation operation) {
                           asked.push_back(operation);
                           return Fault::none;
                         }});
  const auto ann = await(store.create_account(account("ann"))).value();
  const auto talk = await(store.create_conversation(ann, {})).value();
  const std::vector<chat::PendingEvent> batch{{.conversation = talk,
                                               .author = ann,
                                               .kind = chat::EventKind::message,
                                               .payload = "x",
                                               .client_id = {}}};
  EXPECT_EQ(await(store.append(batch)).at(0).at, Micros{42});
  EXPECT_EQ(await(store.read(talk, {.count = 1})).events.size(), 1u);
  EXPECT_EQ(asked, (std::vector{Operation::other_write, Operation::other_write, Operation::append,
                                Operation::read}));
}

}  // namespace
}  // namespace banter::store
