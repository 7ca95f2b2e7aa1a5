// Events as bytes, for what keeps or carries them: rows of the embedded store, messages and windows
// of a relay. Stored and sent, so the format is only ever added to, under another version of what
// is around it. Values only.
//
//   event   = conversation seq author at kind client_id payload
//   conversation, seq, author, at: number        kind: byte
//   client_id, payload: length bytes             length: number
//   number  = unsigned LEB128 of at most 10 bytes
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "chat/event.hpp"

namespace banter::chat {

void put_number(std::string& record, std::int64_t number);
void put_bytes(std::string& record, std::string_view bytes);
void put_event(std::string& record, const Event& event);
// About as many bytes as put_event() adds, never much less: for reserve().
[[nodiscard]] std::size_t event_bytes(const Event& event);

// Reads from the front of bytes that may be anything; after the first failure everything else fails
// too.
class RecordReader {
 public:
  explicit RecordReader(std::string_view record) : rest_(record) {}
  [[nodiscard]] std::uint8_t byte();
  [[nodiscard]] std::int64_t number();
  [[nodiscard]] std::string_view bytes();                  // as put_bytes() wrote them
  [[nodiscard]] std::string_view bytes(std::size_t size);  // without a length
  [[nodiscard]] Event event();
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool at_end() const { return failed_ || rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace banter::chat
