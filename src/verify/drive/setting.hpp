// The setting of a run: the accounts and conversations that it makes for itself, with the server's
// throttles respected. Used once, before anybody takes part.
#pragma once

#include <chrono>
#include <deque>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "verify/drive/http_call.hpp"
#include "verify/drive/stage.hpp"

namespace banter::verify {

struct Setting {
  std::deque<Account> accounts;  // their addresses stay
  Account* stranger = nullptr;   // of no conversation
  std::vector<Room> rooms;
};

class SettingMaker {
 public:
  // A server that throttles is waited for this long altogether; then it is too strict for a run.
  static constexpr std::chrono::minutes patience_max{5};

  SettingMaker(Stage& stage, std::function<void(std::string)> say)
      : stage_(stage), say_(std::move(say)), pause_(stage.executor) {}

  // Whether every URL is a node of Banter. The error says what to do.
  [[nodiscard]] Task<std::expected<void, std::string>> check_nodes();
  // `members` accounts that are all in each of the `rooms`, and a stranger.
  [[nodiscard]] Task<std::expected<void, std::string>> make(Setting& setting, int members,
                                                            int rooms);

 private:
  using Made = std::expected<void, std::string>;
  [[nodiscard]] Task<Made> make_account(Setting& setting);
  [[nodiscard]] Task<Made> make_room(Setting& setting, const Account& founder);
  [[nodiscard]] Task<HttpAnswer> ask_patiently(HttpQuestion question, std::string_view what);
  [[nodiscard]] static std::unexpected<std::string> failed(std::string_view what,
                                                           const HttpAnswer& answer);

  Stage& stage_;
  std::function<void(std::string)> say_;
  Timer pause_;
  std::chrono::seconds waited_{0};
};

}  // namespace banter::verify
