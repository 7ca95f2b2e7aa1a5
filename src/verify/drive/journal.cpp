#include "verify/drive/journal.hpp"

#include <type_traits>
#include <variant>

namespace banter::verify {

void Journal::write(const Record& record) {
  recorder_.write(std::chrono::duration_cast<Instant>(steady_now() - begun_), record);
  std::visit(
      [this]<class Kind>(const Kind&) {
        if constexpr (std::is_same_v<Kind, Send>) ++tally_.sends;
        if constexpr (std::is_same_v<Kind, Ack>) ++tally_.acks;
        if constexpr (std::is_same_v<Kind, LiveMessage>) ++tally_.deliveries;
        if constexpr (std::is_same_v<Kind, Connect>) ++tally_.connects;
        if constexpr (std::is_same_v<Kind, ReadBegun>) ++tally_.reads;
      },
      record);
}

}  // namespace banter::verify
