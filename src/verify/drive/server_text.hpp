// ServerText: what a node says, as JSON -> the record of having seen it. Owns what the record
// points to; one thread.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "verify/history/record.hpp"

namespace banter::verify {

struct SeenFrame {
  Record record;                        // LiveMessage, HistoryFrame, Ack or ErrorFrame
  std::chrono::seconds retry_after{0};  // of an error that names it
};

class ServerText {
 public:
  ServerText();
  ~ServerText();
  ServerText(ServerText&&) noexcept;
  ServerText& operator=(ServerText&&) noexcept;

  // Good until the next call. The error says why the frame is none of the protocol's.
  [[nodiscard]] std::expected<SeenFrame, std::string> frame(SocketId socket, std::string_view text);
  // The body of a history that came with 200.
  [[nodiscard]] std::expected<ReadEnded, std::string> history(CallId call, std::string_view text);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

}  // namespace banter::verify
