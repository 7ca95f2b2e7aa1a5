#include "base/worker_pool.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>

namespace banter::base {
namespace {

// Runs a task on an io_context of its own, to its end.
template <class T>
T run(Task<T> task) {
  boost::asio::io_context context;
  auto result = boost::asio::co_spawn(context, std::move(task), boost::asio::use_future);
  context.run();
  return result.get();
}

TEST(WorkerPool, RunsTheJobOnAnotherThreadAndResumesOnTheCallers) {
  WorkerPool pool({.name = "test", .threads = 1});
  const auto here = std::this_thread::get_id();
  run([](WorkerPool& p, std::thread::id caller) -> Task<> {
    const auto worker = co_await p.run([](std::size_t) { return std::this_thread::get_id(); });
    EXPECT_NE(worker, caller);
    EXPECT_EQ(std::this_thread::get_id(), caller);
  }(pool, here));
}

TEST(WorkerPool, PassesExceptionsOn) {
  WorkerPool pool({.name = "test", .threads = 1});
  EXPECT_THROW(
      run([](WorkerPool& p) -> Task<int> {
        co_return co_await p.run([](std::size_t) -> int { throw std::runtime_error("broken"); });
      }(pool)),
      std::runtime_error);
}

TEST(WorkerPool, TellsEachJobItsThread) {
  WorkerPool pool({.name = "test", .threads = 2});
  const auto thread = run([](WorkerPool& p) -> Task<std::size_t> {
    co_return co_await p.run([](std::size_t number) { return number; });
  }(pool));
  EXPECT_LT(thread, 2U);
}

TEST(WorkerPool, ShedsWhatItsQueueDoesNotTake) {
  WorkerPool pool({.name = "test", .threads = 1, .queue_max = 1});
  std::promise<void> begun;
  std::promise<void> release;
  boost::asio::io_context context;
  const auto slow = [&](std::size_t) {
    begun.set_value();
    release.get_future().wait();
  };
  const auto nothing = [](std::size_t) {};
  auto first = boost::asio::co_spawn(context, pool.run(slow), boost::asio::use_future);
  context.poll();
  begun.get_future().wait();
  auto second = boost::asio::co_spawn(context, pool.run(nothing), boost::asio::use_future);
  auto third = boost::asio::co_spawn(context, pool.run(nothing), boost::asio::use_future);
  context.poll();
  EXPECT_THROW(third.get(), Unavailable);
  release.set_value();
  context.run();
  EXPECT_NO_THROW(first.get());
  EXPECT_NO_THROW(second.get());
}

TEST(WorkerPool, FinishesWhatIsQueuedBeforeItEnds) {
  boost::asio::io_context context;
  std::vector<std::future<int>> results;
  {
    WorkerPool pool({.name = "test", .threads = 1});
    for (int i = 0; i < 10; ++i) {
      results.push_back(boost::asio::co_spawn(context, pool.run([i](std::size_t) { return i; }),
                                              boost::asio::use_future));
    }
    context.poll();
  }
  context.run();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)].get(), i);
}

}  // namespace
}  // namespace banter::base
