#include "base/reactor.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace banter::base {
namespace {

// Records what happens; each hook may be replaced by a test.
class Recorder : public StreamHandler {
 public:
  void on_open(Stream& stream) override {
    stream_ = &stream;
    ++opened;
  }
  void on_input(std::span<char> bytes) override {
    input.append(bytes.data(), bytes.size());
    if (on_bytes) on_bytes();
  }
  void on_end() override {
    ended = true;
    stream_->close();
  }
  void on_drained() override { ++drained; }
  void on_tick(SteadyTime) override { ++ticks; }
  void on_closed() override { closed = true; }

  [[nodiscard]] Stream& stream() { return *stream_; }

  std::string input;
  std::function<void()> on_bytes;
  int opened = 0;
  int drained = 0;
  int ticks = 0;
  bool ended = false;
  bool closed = false;

 private:
  Stream* stream_ = nullptr;
};

class ReactorTest : public testing::Test {
 protected:
  void SetUp() override {
    int pair[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    peer_ = pair[0];
    fcntl(pair[1], F_SETFL, O_NONBLOCK);
    reactor_.adopt(pair[1], handler_);
  }
  void TearDown() override {
    if (peer_ >= 0) ::close(peer_);
  }

  // Turns until the condition holds; each waits at most two seconds for something to happen.
  void run_until(const std::function<bool()>& condition) {
    for (int i = 0; i < 10'000 && !condition(); ++i) {
      reactor_.context().run_one_for(std::chrono::seconds(2));
    }
    ASSERT_TRUE(condition());
  }
  std::string receive(std::size_t bytes) {
    std::string got(bytes, '\0');
    std::size_t at = 0;
    while (at < bytes) {
      const ssize_t n = recv(peer_, got.data() + at, bytes - at, MSG_DONTWAIT);
      if (n == 0) break;
      if (n > 0) at += static_cast<std::size_t>(n);
      if (n < 0) reactor_.context().run_one_for(std::chrono::seconds(2));
    }
    got.resize(at);
    return got;
  }

  int peer_ = -1;
  std::shared_ptr<Recorder> handler_ = std::make_shared<Recorder>();
  Reactor reactor_{{}};
};

TEST_F(ReactorTest, HandsInputToTheHandler) {
  EXPECT_EQ(handler_->opened, 1);
  ASSERT_EQ(write(peer_, "hello", 5), 5);
  run_until([&] { return handler_->input == "hello"; });
}

TEST_F(ReactorTest, SendsWhatWasWrittenInOneTurnTogether) {
  handler_->stream().write("one");
  handler_->stream().write("two");
  int available = 0;
  ioctl(peer_, FIONREAD, &available);
  EXPECT_EQ(available, 0) << "nothing leaves before the end of the turn";
  EXPECT_EQ(receive(6), "onetwo");
  run_until([&] { return handler_->drained == 1; });
}

TEST_F(ReactorTest, KeepsWhatTheSocketDoesNotTakeAndSendsItLater) {
  const std::string large(4 * 1024 * 1024, 'x');
  handler_->stream().write(large);
  run_until([&] { return handler_->stream().outbox_bytes() < large.size(); });
  EXPECT_GT(handler_->stream().outbox_bytes(), 0U);
  EXPECT_EQ(handler_->drained, 0);
  EXPECT_EQ(receive(large.size()), large);
  run_until([&] { return handler_->drained == 1; });
  EXPECT_EQ(handler_->stream().outbox_bytes(), 0U);
}

TEST_F(ReactorTest, TellsTheEndAndThenTheClose) {
  ::close(std::exchange(peer_, -1));
  run_until([&] { return handler_->closed; });
  EXPECT_TRUE(handler_->ended);
  EXPECT_EQ(reactor_.streams(), 0U);
}

TEST_F(ReactorTest, TellsTheCloseOnlyAfterTheCallThatClosed) {
  handler_->stream().close();
  EXPECT_FALSE(handler_->closed);
  run_until([&] { return handler_->closed; });
}

TEST_F(ReactorTest, ClosesAfterTheOutboxHasLeft) {
  handler_->stream().write("goodbye");
  handler_->stream().close_after_flush();
  handler_->stream().write("too late");
  EXPECT_EQ(receive(100), "goodbye");
  EXPECT_FALSE(handler_->closed) << "waits for the peer's end";
  ::close(std::exchange(peer_, -1));
  run_until([&] { return handler_->closed; });
}

TEST_F(ReactorTest, DoesNotReadWhilePaused) {
  handler_->stream().pause_reading();
  ASSERT_EQ(write(peer_, "later", 5), 5);
  handler_->stream().write("x");
  run_until([&] { return handler_->drained == 1; });
  EXPECT_EQ(handler_->input, "");
  handler_->stream().resume_reading();
  run_until([&] { return handler_->input == "later"; });
}

TEST_F(ReactorTest, HandsTheStreamToAnotherHandler) {
  auto second = std::make_shared<Recorder>();
  handler_->on_bytes = [&] { handler_->stream().set_handler(second); };
  ASSERT_EQ(write(peer_, "a", 1), 1);
  run_until([&] { return second->opened == 1; });
  ASSERT_EQ(write(peer_, "b", 1), 1);
  run_until([&] { return second->input == "b"; });
  EXPECT_EQ(handler_->input, "a");
  EXPECT_FALSE(handler_->closed);
}

TEST_F(ReactorTest, ReleasesASocketForAnotherReactor) {
  const int socket = handler_->stream().release();
  EXPECT_EQ(reactor_.streams(), 0U);
  Reactor other({.number = 1});
  auto handler = std::make_shared<Recorder>();
  other.adopt(socket, handler);
  ASSERT_EQ(write(peer_, "moved", 5), 5);
  while (handler->input != "moved") other.context().run_one_for(std::chrono::seconds(2));
  EXPECT_FALSE(handler_->closed) << "release is not a close";
}

TEST_F(ReactorTest, FlushesManyStreamsInSlicesUntilAllAreSent) {
  Reactor small({.flushes_per_turn_max = 2});
  std::vector<int> peers;
  std::vector<std::shared_ptr<Recorder>> handlers;
  for (int i = 0; i < 7; ++i) {
    int pair[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    peers.push_back(pair[0]);
    handlers.push_back(std::make_shared<Recorder>());
    small.adopt(pair[1], handlers.back());
  }
  for (auto& handler : handlers) handler->stream().write("x");
  handlers[3]->stream().close();
  const auto sent = [&] {
    int count = 0;
    for (auto& handler : handlers) count += handler->drained;
    return count;
  };
  while (sent() < 6) small.context().run_one_for(std::chrono::seconds(2));
  EXPECT_EQ(handlers[3]->drained, 0);
  for (int peer : peers) ::close(peer);
}

TEST_F(ReactorTest, ClosesAPausedStreamWhosePeerIsGone) {
  handler_->stream().pause_reading();
  ::close(std::exchange(peer_, -1));
  run_until([&] { return handler_->closed; });
}

TEST_F(ReactorTest, TicksOpenStreams) {
  run_until([&] { return handler_->ticks > 0; });
}

}  // namespace
}  // namespace banter::base
