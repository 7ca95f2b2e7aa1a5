// Outbox: the coalescing way out of one connection. Whole frames (or HTTP responses) are appended
// by memcpy and leave together with one write per turn; large ones are shared by reference. Owned
// by a Stream, used on its reactor only. It knows its size; what is too much is its user's
// decision.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace banter::base {

class OutboxBuffers;

class Outbox {
 public:
  // A chunk is closed when the next frame would take it past this: 16 KiB, so that dropping what is
  // unsent (keep_first_chunk) leaves little, and a buffer from the pool is worth reusing.
  static constexpr std::size_t chunk_bytes_max = 16 * 1024;

  void append(std::string_view frame, OutboxBuffers& buffers);
  void append(std::shared_ptr<const std::string> frame);

  [[nodiscard]] bool empty() const { return bytes_ == 0; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }  // not yet sent

  // Fills slices with what is to be sent next; returns how many it filled.
  [[nodiscard]] std::size_t gather(std::span<iovec> slices) const;
  // Takes `sent` bytes off the front; buffers that became empty go back to the pool.
  void consume(std::size_t sent, OutboxBuffers& buffers);

  // Forgets everything but a chunk that has begun to leave, so that the next bytes start at the
  // boundary of a frame.
  void drop_unsent(OutboxBuffers& buffers);
  void clear(OutboxBuffers& buffers);

 private:
  struct Chunk {
    std::string bytes;
    std::shared_ptr<const std::string> shared;
    [[nodiscard]] std::string_view view() const { return shared ? *shared : bytes; }
  };
  void recycle(Chunk& chunk, OutboxBuffers& buffers);
  [[nodiscard]] bool first_used() const { return first_.shared || !first_.bytes.empty(); }

  std::size_t bytes_ = 0;
  Chunk first_;              // the usual case: one chunk, no heap beyond its buffer
  std::vector<Chunk> more_;  // what follows it
  std::size_t offset_ = 0;   // of first_ already sent
};

// Spare buffers of one reactor, so that an idle connection owns none. Bounded: 1,024 buffers of at
// most 16 KiB.
class OutboxBuffers {
 public:
  [[nodiscard]] std::string take();
  void give(std::string buffer);

 private:
  static constexpr std::size_t spare_max = 1024;
  std::vector<std::string> spare_;
};

}  // namespace banter::base
