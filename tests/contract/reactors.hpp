// Ways to call a port from a test: await() runs one task on an io_context of its own; Reactors runs
// many on several threads at once.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <cstddef>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "base/task.hpp"

namespace banter::contract {

template <class T>
T await(Task<T> task) {
  boost::asio::io_context context(1);
  auto answer = boost::asio::co_spawn(context, std::move(task), boost::asio::use_future);
  context.run();
  return answer.get();
}

class Reactors {
 public:
  explicit Reactors(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      contexts_.push_back(std::make_unique<boost::asio::io_context>(1));
      guards_.push_back(boost::asio::make_work_guard(*contexts_.back()));
      threads_.emplace_back([context = contexts_.back().get()] { context->run(); });
    }
  }
  ~Reactors() {
    guards_.clear();
    for (auto& thread : threads_) thread.join();
  }
  Reactors(const Reactors&) = delete;
  Reactors& operator=(const Reactors&) = delete;

  [[nodiscard]] std::size_t size() const { return contexts_.size(); }
  [[nodiscard]] std::thread::id thread(std::size_t number) const {
    return threads_[number].get_id();
  }
  template <class T>
  std::future<T> spawn(std::size_t number, Task<T> task) {
    return boost::asio::co_spawn(*contexts_[number], std::move(task), boost::asio::use_future);
  }

 private:
  std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
  std::vector<boost::asio::executor_work_guard<Executor>> guards_;
  std::vector<std::thread> threads_;
};

}  // namespace banter::contract
