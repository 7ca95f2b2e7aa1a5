// HistoryReads: reads of conversations over HTTP while a run goes on, by members and by a stranger,
// of any node and any page. Owned by the run; one thread.
#pragma once

#include <chrono>

#include "verify/drive/http_call.hpp"
#include "verify/drive/server_text.hpp"
#include "verify/drive/setting.hpp"

namespace banter::verify {

class HistoryReads {
 public:
  HistoryReads(Stage& stage, const Setting& setting, std::chrono::milliseconds every);

  // One read after the other, until leave().
  [[nodiscard]] Task<> run();
  void leave();

 private:
  [[nodiscard]] Task<> read();

  Stage& stage_;
  const Setting& setting_;
  const std::chrono::milliseconds every_;
  ServerText server_text_;
  Timer pause_;
  bool leaving_ = false;
};

// Every conversation whole, from every node, as the last thing of a run. The error: a node does not
// answer.
[[nodiscard]] Task<std::expected<void, std::string>> read_everything(Stage& stage,
                                                                     const Setting& setting);

}  // namespace banter::verify
