// Members: who may see a conversation, as far as it can be known: a change that has begun may have
// happened, and one that has ended has. Judges strictly only what is certain. Owned by a Checker.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "verify/check/findings.hpp"
#include "verify/check/keys.hpp"
#include "verify/history/record.hpp"

namespace banter::verify {

// Since when somebody is certainly out.
struct Out {
  bool always = false;  // was never let in
  Instant since{0};
  Line line = 0;  // of the end of the removal or deactivation
};

class Members {
 public:
  // False: there is one with this number.
  [[nodiscard]] bool make(UserId user) { return users_.try_emplace(user.value).second; }
  [[nodiscard]] bool knows(UserId user) const { return users_.contains(user.value); }
  void make(const ConversationMade& conversation);

  [[nodiscard]] std::expected<void, std::string> begin(const ChangeBegun& change, Moment now);
  [[nodiscard]] std::expected<void, std::string> end(const ChangeEnded& change, Moment now);

  // Whether the user is certainly out of the conversation, by removal or deactivation.
  [[nodiscard]] std::optional<Out> out(ConversationId conversation, UserId user) const;
  // Whether the user was certainly removed from it: then nothing is stored for them either.
  [[nodiscard]] std::optional<Out> removed(ConversationId conversation, UserId user) const;
  // Changes with every change: as long as it stays, so does what out() says.
  [[nodiscard]] std::uint64_t version() const { return version_; }

 private:
  // Of a user in a conversation, or of a user's account.
  struct Standing {
    std::optional<Out> out;
    std::int64_t letting_in = 0;  // changes on their way that let them in
    Line let_in = 0;              // of the last record of such a change
  };
  struct Change {
    ChangeBegun what;
    Line begun = 0;
    std::optional<Out> before;
  };
  [[nodiscard]] static std::uint64_t key(ConversationId conversation, UserId user) {
    return key_of(conversation, user, 0);
  }
  Standing& standing_of(const ChangeBegun& change);

  boost::unordered_flat_map<std::int64_t, Standing> users_;
  boost::unordered_flat_map<std::uint64_t, Standing, KeyHash> memberships_;
  boost::unordered_flat_map<std::int64_t, Change> pending_;
  std::uint64_t version_ = 1;
};

}  // namespace banter::verify
