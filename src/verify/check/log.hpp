// Log: all that is known of one conversation in one life: what is at each seq, and how far it had
// come. 24 bytes a message, in pages of consecutive seqs. Owned by a LogBook.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "base/ids.hpp"
#include "verify/check/epochs.hpp"

namespace banter::verify {

// Tells (conversation, user, text) apart.
using TextKey = std::uint64_t;

struct Entry {
  static constexpr std::int64_t unknown = -1;

  TextKey text = 0;                 // as first read
  std::int64_t known_at = unknown;  // microseconds, when it was first known to be stored
  std::uint32_t ts = 0;             // the low bits
  Line line : 30 = 0;               // of the first read; 0: not read
  Line in_final : 1 = 0;
  Line disputed : 1 = 0;  // somebody read something else
};

// How far something had come, and the record that said so.
struct Mark {
  Seq seq;
  Line line = 0;
  void raise(Seq to, Line by) {
    if (to > seq) *this = {.seq = to, .line = by};
  }
};

class Log {
 public:
  Log(ConversationId conversation, Life life, Seq first)
      : conversation_(conversation), life_(life), first_(first) {}

  [[nodiscard]] Entry& at(Seq seq);
  [[nodiscard]] Entry* find(Seq seq);
  // Those that are known to be stored, ascending.
  void for_each(const std::function<void(Seq, Entry&)>& visit);

  [[nodiscard]] ConversationId conversation() const { return conversation_; }
  [[nodiscard]] Life life() const { return life_; }
  [[nodiscard]] Seq first() const { return first_; }

  Mark acked;         // the highest that was acknowledged
  Mark stated;        // the highest head that the server named
  Mark seen;          // the highest that anybody read
  Line complete = 0;  // the final history was read to its end here, from a node at least

 private:
  static constexpr std::int64_t page_seqs = 128;
  using Page = std::array<Entry, page_seqs>;

  ConversationId conversation_;
  Life life_;
  Seq first_;
  std::map<std::int64_t, std::unique_ptr<Page>> pages_;
  std::int64_t hot_number_ = -1;  // of the page that was used last
  Page* hot_ = nullptr;
};

}  // namespace banter::verify
