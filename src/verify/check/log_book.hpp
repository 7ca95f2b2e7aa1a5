// LogBook: every message that was read is entered here, whoever read it and wherever: at its seq of
// its log it must be the one that everybody reads, it must have been sent, and no more often be
// stored than it was sent. About 130 bytes for each message of the run. Owned by a Checker.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <utility>

#include "verify/check/epochs.hpp"
#include "verify/check/findings.hpp"
#include "verify/check/keys.hpp"
#include "verify/check/log.hpp"

namespace banter::verify {

// What was sent by a user in a conversation under one text.
struct Text {
  Instant sent_at{0};        // first
  Mark after;                // the highest acknowledged seq when it was first sent ...
  Life after_life = 0;       // ... in this life
  Life stored_life = 0;      // in which `stored` counts
  Line line = 0;             // of the first send
  std::uint32_t sends = 0;   // how often it may be stored: a client_id counts once
  std::uint32_t stored = 0;  // at how many seqs it was read
};

class LogBook {
 public:
  LogBook(Findings& findings, Epochs& epochs) : findings_(findings), epochs_(epochs) {}

  // False: there is one with this number.
  [[nodiscard]] bool make_conversation(ConversationId conversation, Seq first);
  [[nodiscard]] bool knows(ConversationId conversation) const {
    return firsts_.contains(conversation.value);
  }
  [[nodiscard]] Log& log(Life life, ConversationId conversation);

  // A text that is about to be sent; `fresh` unless it is sent again.
  Text& send(ConversationId conversation, TextKey text, bool fresh, Moment now);
  [[nodiscard]] Text* find(TextKey text);

  // The entry of a message that was read. From the complete read at the end: `final`.
  Entry& read(Log& log, const Message& message, Moment now, bool final = false);
  // The same where it is not known of which life the message is.
  void read_of_any_life(ConversationId conversation, const Message& message, Moment now);

  void for_each_log(const std::function<void(Log&)>& visit);
  // At the end: what was seen is in the final history. The conversations of which there is none.
  [[nodiscard]] std::vector<ConversationId> finish();
  [[nodiscard]] std::uint64_t messages() const { return messages_; }

 private:
  void read_first(Log& log, Entry& entry, const Message& message, Moment now);
  void count_stored(Log& log, Text& text, const Entry& entry, Seq seq, Moment now);
  void dispute(Log& log, Entry& entry, const Message& message, Moment now);

  struct LogKey {
    Life life;
    std::int64_t conversation;
    bool operator==(const LogKey&) const = default;
  };
  struct LogHash {
    using is_avalanching = void;
    std::size_t operator()(const LogKey& key) const noexcept {
      return mixed(static_cast<std::uint64_t>(key.conversation) + mixed(key.life + 1u));
    }
  };

  Findings& findings_;
  Epochs& epochs_;
  boost::unordered_flat_map<std::int64_t, Seq> firsts_;  // of the conversations
  boost::unordered_flat_map<LogKey, std::unique_ptr<Log>, LogHash> logs_;
  boost::unordered_flat_map<TextKey, Text, KeyHash> texts_;
  std::uint64_t messages_ = 0;
};

}  // namespace banter::verify
