// ClientIds: which seq a client_id may stand at, by fingerprint. Those of the tail are in memory,
// those of the settled events in the table client_ids. It only says where to look, the event itself
// decides: fingerprints may collide (and are keyed, so that nobody makes them collide), and what is
// said of the tail may be out of date. Used by the writer's thread alone.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "chat/event.hpp"
#include "store/sqlite/database.hpp"

namespace banter::store {

class ClientIds {
 public:
  struct Key {
    ConversationId conversation;
    std::uint64_t fingerprint;
    // What the table keeps: with 32 bits the index is a fifth smaller, and a collision costs a look
    // at an event.
    [[nodiscard]] std::int32_t stored() const { return static_cast<std::int32_t>(fingerprint); }
    friend bool operator==(Key, Key) = default;
  };

  // Reads the key of the fingerprints.
  explicit ClientIds(Connection& connection);

  [[nodiscard]] Key key(ConversationId conversation, UserId author,
                        std::string_view client_id) const;
  [[nodiscard]] Key key(const chat::Event& event) const {
    return key(event.conversation, event.author, event.client_id);
  }
  // Where an event of that key may stand, of the tail and of the settled.
  [[nodiscard]] std::vector<Seq> in_tail(Key key) const;
  [[nodiscard]] std::vector<Seq> settled(Key key);

  void add_to_tail(Key key, Seq seq) { generations_[0].add(key, seq); }
  // The event was never committed.
  void undo(Key key, Seq seq) { generations_[0].remove(key, seq); }
  // A round of the Settler begins: what was said before the last one began is forgotten, because
  // that one moved all of it.
  void begin_round();
  // Inside the transaction that moves the event.
  void settle(Key key, Seq seq);

 private:
  struct KeyHash {
    using is_avalanching = void;  // boost: the fingerprint is random in every bit
    std::size_t operator()(Key key) const noexcept {
      return key.fingerprint ^ std::hash<ConversationId>{}(key.conversation);
    }
  };
  struct Generation {
    void add(Key key, Seq seq);
    void remove(Key key, Seq seq);
    boost::unordered_flat_map<Key, Seq, KeyHash> seqs;
    std::vector<std::pair<Key, Seq>> collided;  // others under a key of `seqs`: next to never any
  };
  Statement select_;
  Statement insert_;
  std::array<unsigned char, 16> secret_{};
  std::array<Generation, 2> generations_;  // since the last round began, and before
};

}  // namespace banter::store
