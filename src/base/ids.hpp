// Strong identifiers: swapping a user and a conversation must not compile. Values, no ownership.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace banter {

// A number that only means something as a Tag. 0 is never given out: it stands for "none".
template <class Tag>
struct Id {
  std::int64_t value = 0;
  friend constexpr auto operator<=>(Id, Id) = default;
};

using UserId = Id<struct UserTag>;
using ConversationId = Id<struct ConversationTag>;

// The place of an event in its conversation's log: first_seq (1 unless imported), then without a
// hole. Seq{0} stands before the first event.
struct Seq {
  std::int64_t value = 0;
  friend constexpr auto operator<=>(Seq, Seq) = default;
  [[nodiscard]] constexpr Seq next() const { return Seq{value + 1}; }
};

}  // namespace banter

template <class Tag>
struct std::hash<banter::Id<Tag>> {
  std::size_t operator()(banter::Id<Tag> id) const noexcept {
    // Fibonacci hashing: ids are consecutive, and buckets are chosen by the low bits.
    return static_cast<std::size_t>(static_cast<std::uint64_t>(id.value) * 0x9E3779B97F4A7C15u >>
                                    16);
  }
};
