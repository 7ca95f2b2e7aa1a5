// What has to be so before a node may serve from a database, and how it is told when it is not:
// schema, durability, rights, and signing keys in common with the other nodes. Runs on the store's
// thread, over one connection; only the migrations use one of their own, and wait there.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "chat/ports.hpp"
#include "store/open_failure.hpp"
#include "store/postgres/connection.hpp"

namespace banter::store::postgres {

// What every connection learns when it is made.
struct Greeting {
  chat::Durability durability = chat::Durability::unknown;
};

// Sets what the promise needs (synchronous_commit = on) and reads it back. A failure: it is a
// standby, or it did not answer.
[[nodiscard]] Task<std::expected<Greeting, Failure>> greet(Connection& connection);

// A failure is an accident, to be tried again; a refusal is for the operator.
struct Refusal {
  OpenFailure why;
};
using StartError = std::variant<Failure, Refusal>;

struct StartOptions {
  std::string url;
  bool migrate = true;
  std::string node;
  std::string version;
  std::vector<std::string> key_fingerprints;  // of the signing keys that this node believes
};
// Schema and entry of the node; gives the epoch.
[[nodiscard]] Task<std::expected<std::string, StartError>> start(Connection& connection,
                                                                 const StartOptions& options);
// Says again that the node is there. Its answer does not matter.
[[nodiscard]] Params enter_params(const StartOptions& options);
extern const Statement enter_statement;
extern const Statement leave_statement;
extern const Statement epoch_statement;

// Whether trying again cannot mend it; what to tell the operator then.
[[nodiscard]] std::optional<OpenFailure> refusal_of(const Failure& failure);

}  // namespace banter::store::postgres
