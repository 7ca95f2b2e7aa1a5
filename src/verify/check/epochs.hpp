// Epochs: which epochs a run has seen, in order, and which of them are one life of the logs. A
// declared loss (a restored backup, an asynchronous standby promoted) begins a new life; without
// one the logs go on, whatever their epoch is called. Owned by a Checker.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verify/check/findings.hpp"

namespace banter::verify {

using Life = std::uint32_t;         // 0 at the beginning
using EpochNumber = std::uint32_t;  // in the order of first sight, from 1; 0: not named

// What a fault may do to the epoch.
struct Declared {
  bool change = false;
  bool loss = false;  // and what was stored last may be gone
};

class Epochs {
 public:
  explicit Epochs(Findings& findings) : findings_(findings) {}

  // A fault that may change the epoch, while it lasts and until one new epoch was seen.
  void declare(Declared declared);
  void declared_has_ended(Declared declared);

  // The number of an epoch that was just seen.
  EpochNumber see(std::string_view name, Moment now);
  // What was asked when `newest` was the newest epoch is not answered from an older one.
  void expect_no_return(EpochNumber answered, EpochNumber newest, Line asked, Moment now);

  [[nodiscard]] EpochNumber newest() const { return static_cast<EpochNumber>(known_.size()); }
  [[nodiscard]] Life life_of(EpochNumber epoch) const {
    return epoch == 0 ? life() : known_[epoch - 1].life;
  }
  [[nodiscard]] Life life() const { return known_.empty() ? 0 : known_.back().life; }
  // The life of an answer without an epoch to what was asked at `asked`; nullopt: it may be one or
  // the other.
  [[nodiscard]] std::optional<Life> unnamed_life(Line asked) const;
  [[nodiscard]] std::string_view name_of(EpochNumber epoch) const {
    return epoch == 0 ? std::string_view() : std::string_view(known_[epoch - 1].name);
  }

 private:
  struct Known {
    std::string name;
    Life life = 0;
    Line line = 0;  // of first sight
  };

  Findings& findings_;
  std::vector<Known> known_;
  Declared pending_;           // since a new epoch was seen last
  std::int64_t changing_ = 0;  // faults that last
  std::int64_t losing_ = 0;
  Line life_began_ = 0;
};

}  // namespace banter::verify
