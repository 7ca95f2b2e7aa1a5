// WorkerPool: a few threads for what must not run on a reactor (password hashing, SQLite reads).
// Owned by app; run() is called from reactors and resumes there. The queue is bounded: a full pool
// answers at once with Unavailable instead of growing.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/task.hpp"
#include "base/unavailable.hpp"

namespace banter::base {

class WorkerPool {
 public:
  struct Options {
    std::string name;  // of the threads, at most 15 bytes
    std::size_t threads = 1;
    std::size_t queue_max = 64;  // jobs waiting; past it run() throws Unavailable
  };
  explicit WorkerPool(Options options);
  ~WorkerPool();  // finishes what is queued, then joins
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Runs job on one of the threads, and resumes the caller on its reactor with the result or the
  // exception. The job gets the number of its thread (0 … threads - 1), for per-thread resources.
  template <class Job>
  [[nodiscard]] Task<std::invoke_result_t<Job&, std::size_t>> run(Job job) {
    using Result = std::invoke_result_t<Job&, std::size_t>;
    auto answer = co_await boost::asio::async_initiate<const decltype(use_task),
                                                       void(std::shared_ptr<Answer<Result>>)>(
        [this](auto handler, Job work) {
          this->template submit_for<Result>(std::move(handler), std::move(work));
        },
        use_task, std::move(job));
    if (answer->error) std::rethrow_exception(answer->error);
    if constexpr (!std::is_void_v<Result>) co_return std::move(*answer->value);
  }

  [[nodiscard]] std::size_t queued() const;

 private:
  template <class Result>
  struct Answer {
    std::conditional_t<std::is_void_v<Result>, std::optional<bool>, std::optional<Result>> value;
    std::exception_ptr error;
  };

  template <class Result, class Handler, class Job>
  void submit_for(Handler handler, Job job) {
    auto executor = boost::asio::prefer(boost::asio::get_associated_executor(handler),
                                        boost::asio::execution::outstanding_work.tracked);
    auto answer = std::make_shared<Answer<Result>>();
    auto deliver = [executor, answer, shared = std::make_shared<Handler>(std::move(handler))] {
      boost::asio::post(executor, [answer, shared] { std::move (*shared)(answer); });
    };
    const bool taken = submit([answer, deliver, work = std::move(job)](std::size_t thread) mutable {
      try {
        if constexpr (std::is_void_v<Result>) {
          work(thread);
        } else {
          answer->value.emplace(work(thread));
        }
      } catch (...) {
        answer->error = std::current_exception();
      }
      deliver();
    });
    if (!taken) {
      answer->error = std::make_exception_ptr(Unavailable(options_.name + " queue is full"));
      deliver();
    }
  }

  // False: the queue is full.
  [[nodiscard]] bool submit(std::move_only_function<void(std::size_t)> job);
  void work(std::size_t thread);

  Options options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::move_only_function<void(std::size_t)>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace banter::base
