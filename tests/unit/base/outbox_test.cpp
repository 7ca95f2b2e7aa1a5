#include "base/outbox.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

namespace banter::base {
namespace {

std::string unsent(const Outbox& outbox) {
  std::array<iovec, 64> slices{};
  std::string all;
  const std::size_t count = outbox.gather(slices);
  for (std::size_t i = 0; i < count; ++i) {
    all.append(static_cast<const char*>(slices[i].iov_base), slices[i].iov_len);
  }
  return all;
}

TEST(Outbox, GivesBackWhatWasAppendedInOrder) {
  OutboxBuffers buffers;
  Outbox outbox;
  outbox.append("one ", buffers);
  outbox.append(std::make_shared<const std::string>("two "));
  outbox.append("three", buffers);
  EXPECT_EQ(unsent(outbox), "one two three");
  EXPECT_EQ(outbox.bytes(), 13U);
}

TEST(Outbox, GathersSmallFramesIntoOneSlice) {
  OutboxBuffers buffers;
  Outbox outbox;
  for (int i = 0; i < 100; ++i) outbox.append("0123456789", buffers);
  std::array<iovec, 4> slices{};
  EXPECT_EQ(outbox.gather(slices), 1U);
  EXPECT_EQ(slices[0].iov_len, 1000U);
}

TEST(Outbox, StartsAnotherChunkAtItsBound) {
  OutboxBuffers buffers;
  Outbox outbox;
  const std::string frame(Outbox::chunk_bytes_max - 1, 'x');
  outbox.append(frame, buffers);
  outbox.append("yy", buffers);
  std::array<iovec, 4> slices{};
  ASSERT_EQ(outbox.gather(slices), 2U);
  EXPECT_EQ(slices[0].iov_len, frame.size());
  EXPECT_EQ(slices[1].iov_len, 2U);
}

TEST(Outbox, ConsumesAcrossChunksAtAnyOffset) {
  OutboxBuffers buffers;
  const std::string a(Outbox::chunk_bytes_max, 'a');
  const std::string all = a + "bbb" + a + "c";
  for (std::size_t step : {1UL, 7UL, 5000UL, Outbox::chunk_bytes_max, all.size()}) {
    Outbox outbox;
    outbox.append(a, buffers);
    outbox.append("bbb", buffers);
    outbox.append(std::make_shared<const std::string>(a));
    outbox.append("c", buffers);
    std::size_t done = 0;
    while (!outbox.empty()) {
      ASSERT_EQ(unsent(outbox), all.substr(done));
      const std::size_t sent = std::min(step, outbox.bytes());
      outbox.consume(sent, buffers);
      done += sent;
      if (step == 1 && done > 20 && done + 20 < a.size()) {  // the middle of a chunk is dull
        const std::size_t skip = a.size() - 10 - done;
        outbox.consume(skip, buffers);
        done += skip;
      }
    }
    EXPECT_EQ(done, all.size());
  }
}

TEST(Outbox, DropsEverythingThatHasNotBegunToLeave) {
  OutboxBuffers buffers;
  Outbox outbox;
  outbox.append("first", buffers);
  outbox.append(std::make_shared<const std::string>("second"));
  outbox.drop_unsent(buffers);
  EXPECT_TRUE(outbox.empty());
}

TEST(Outbox, KeepsTheChunkThatHasBegunToLeaveSoThatTheNextFrameStartsAtABoundary) {
  OutboxBuffers buffers;
  Outbox outbox;
  outbox.append("first", buffers);
  outbox.append(std::make_shared<const std::string>("second"));
  outbox.consume(2, buffers);
  outbox.drop_unsent(buffers);
  outbox.append("close", buffers);
  EXPECT_EQ(unsent(outbox), "rstclose");
  EXPECT_EQ(outbox.bytes(), 8U);
}

TEST(Outbox, ReusesBuffersThroughThePool) {
  OutboxBuffers buffers;
  Outbox first;
  first.append(std::string(4000, 'x'), buffers);
  first.consume(4000, buffers);
  auto spare = buffers.take();
  EXPECT_GE(spare.capacity(), 4000U);
  EXPECT_TRUE(spare.empty());
  EXPECT_EQ(buffers.take().capacity(), std::string().capacity());
}

}  // namespace
}  // namespace banter::base
