#include "base/defect.hpp"

#include <array>
#include <cstdlib>
#include <string_view>

#include "base/assert.hpp"

namespace banter {
namespace {

// In the order of Defect.
constexpr std::array<std::string_view, 9> names{"none",
                                                "ack_before_commit",
                                                "publish_before_commit",
                                                "dedupe_in_memory",
                                                "numbers_from_a_sequence",
                                                "no_head_poll",
                                                "no_subscribe_before_head",
                                                "history_from_the_relay",
                                                "commits_not_flushed"};

Defect read_environment() {
  const char* wanted = std::getenv("BANTER_DEFECT");
  if (wanted == nullptr) return Defect::none;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == wanted) return static_cast<Defect>(i);
  }
  ASSERT(false, "BANTER_DEFECT names none of the defects");
}

}  // namespace

Defect chosen_defect() {
  static const Defect defect = read_environment();
  return defect;
}

}  // namespace banter
