// How every call of MemoryStore runs: fault or effect under the lock, then one post. Included by
// the sources of MemoryStore alone.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <optional>

#include "base/unavailable.hpp"
#include "store/memory/memory_store.hpp"

namespace banter::store {

template <class Effect>
Task<std::invoke_result_t<Effect&>> MemoryStore::perform(Operation operation, Effect effect) {
  std::optional<std::invoke_result_t<Effect&>> result;
  Fault fault = Fault::none;
  {
    const std::scoped_lock lock(mutex_);
    if (options_.fault) fault = options_.fault(operation);
    if (fault != Fault::before_effect) result.emplace(effect());
  }
  const auto executor = co_await boost::asio::this_coro::executor;
  co_await boost::asio::post(executor, use_task);
  if (fault != Fault::none) throw Unavailable("a fault of the memory store");
  co_return std::move(*result);
}

}  // namespace banter::store
