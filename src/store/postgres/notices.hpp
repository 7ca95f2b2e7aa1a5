// Notices: tells listeners of this node what other processes changed, by reading the table that
// they write it to. Rows become visible in another order than they are numbered, so it reads those
// of every transaction that was not over at the last look, and remembers which of them it has told.
// Owned by PostgresStore; look() on its thread, listen() from any.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "chat/ports.hpp"
#include "store/postgres/connection.hpp"

namespace banter::store::postgres {

class Notices {
 public:
  void listen(Executor reactor, chat::NoticeListener& listener);
  // False: no answer.
  [[nodiscard]] Task<bool> look(Connection& connection);

 private:
  void tell(const chat::Notice& notice);

  struct Listening {
    Executor reactor;
    chat::NoticeListener* listener;
  };
  std::mutex mutex_;  // over listeners_
  std::vector<Listening> listeners_;
  std::optional<std::int64_t> oldest_running_;  // transaction, at the last look
  std::map<std::int64_t, std::int64_t> told_;   // notice -> its transaction
  SteadyTime looked_at_{};
};

}  // namespace banter::store::postgres
