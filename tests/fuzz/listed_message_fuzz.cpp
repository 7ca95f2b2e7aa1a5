// Entries of the replaced system's lists, as an import reads them: whatever lies there is read or
// refused, and what was read makes a log without a hole.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "app/import/message_list.hpp"
#include "base/assert.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace banter::app;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<ListedMessage> messages;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (auto message = parse_listed_message(line)) messages.push_back(*std::move(message));
  }
  const auto plan = plan_log(banter::ConversationId{1}, std::move(messages), 0, {});
  if (!plan) return 0;
  for (std::size_t i = 1; i < plan->events.size(); ++i) {
    ASSERT(plan->events[i].seq == plan->events[i - 1].seq.next(), "no hole");
  }
  return 0;
}
