#include "base/outbox.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace banter::base {

void Outbox::append(std::string_view frame, OutboxBuffers& buffers) {
  if (frame.empty()) return;
  Chunk* last = more_.empty() ? &first_ : &more_.back();
  const bool fits = !last->shared &&
                    (last->bytes.empty() || last->bytes.size() + frame.size() <= chunk_bytes_max);
  if (!fits) last = &more_.emplace_back();
  if (last->bytes.capacity() < frame.size() && last->bytes.empty()) last->bytes = buffers.take();
  last->bytes.append(frame);
  bytes_ += frame.size();
}

void Outbox::append(std::shared_ptr<const std::string> frame) {
  if (frame->empty()) return;
  bytes_ += frame->size();
  if (first_used()) {
    more_.push_back({.bytes = {}, .shared = std::move(frame)});
  } else {
    first_.shared = std::move(frame);
  }
}

std::size_t Outbox::gather(std::span<iovec> slices) const {
  std::size_t filled = 0;
  const auto add = [&](std::string_view view) {
    // iovec is the kernel's and knows no const; sendmsg() only reads.
    slices[filled++] = {.iov_base = const_cast<char*>(view.data()), .iov_len = view.size()};
  };
  if (bytes_ == 0) return 0;
  add(first_.view().substr(offset_));
  for (const auto& chunk : more_) {
    if (filled == slices.size()) break;
    add(chunk.view());
  }
  return filled;
}

void Outbox::consume(std::size_t sent, OutboxBuffers& buffers) {
  ASSERT(sent <= bytes_, "the kernel takes no more than it was given");
  bytes_ -= sent;
  offset_ += sent;
  if (bytes_ == 0) {
    clear(buffers);
    return;
  }
  std::size_t done = 0;
  while (offset_ >= first_.view().size()) {
    offset_ -= first_.view().size();
    recycle(first_, buffers);
    first_ = std::move(more_[done++]);
  }
  more_.erase(more_.begin(), more_.begin() + static_cast<std::ptrdiff_t>(done));
}

void Outbox::drop_unsent(OutboxBuffers& buffers) {
  for (auto& chunk : more_) recycle(chunk, buffers);
  more_ = {};
  if (offset_ == 0) {
    clear(buffers);
  } else {
    bytes_ = first_.view().size() - offset_;
  }
}

void Outbox::clear(OutboxBuffers& buffers) {
  recycle(first_, buffers);
  for (auto& chunk : more_) recycle(chunk, buffers);
  more_ = {};
  offset_ = 0;
  bytes_ = 0;
}

void Outbox::recycle(Chunk& chunk, OutboxBuffers& buffers) {
  if (chunk.bytes.capacity() > 0) buffers.give(std::move(chunk.bytes));
  chunk = {};
}

std::string OutboxBuffers::take() {
  if (spare_.empty()) return {};
  auto buffer = std::move(spare_.back());
  spare_.pop_back();
  return buffer;
}

void OutboxBuffers::give(std::string buffer) {
  if (spare_.size() >= spare_max || buffer.capacity() > Outbox::chunk_bytes_max) return;
  buffer.clear();
  spare_.push_back(std::move(buffer));
}

}  // namespace banter::base
