#include "verify/check/epochs.hpp"

#include <algorithm>

namespace banter::verify {

void Epochs::declare(Declared declared) {
  changing_ += declared.change ? 1 : 0;
  losing_ += declared.loss ? 1 : 0;
  pending_.change = pending_.change || declared.change;
  pending_.loss = pending_.loss || declared.loss;
}

void Epochs::declared_has_ended(Declared declared) {
  changing_ -= declared.change ? 1 : 0;
  losing_ -= declared.loss ? 1 : 0;
}

EpochNumber Epochs::see(std::string_view name, Moment now) {
  // Nearly always the newest.
  const auto found = std::find_if(known_.rbegin(), known_.rend(),
                                  [name](const Known& known) { return known.name == name; });
  if (found != known_.rend()) return static_cast<EpochNumber>(known_.rend() - found);
  Known fresh{.name = std::string(name), .life = life(), .line = now.line};
  if (!known_.empty()) {
    if (!pending_.change && changing_ == 0) {
      findings_.add(Invariant::epoch_moves_forward, {known_.back().line, now.line},
                    "epoch {} after {}, and nothing was declared that may change it", name,
                    known_.back().name);
    }
    if (pending_.loss || losing_ > 0) {
      ++fresh.life;
      life_began_ = now.line;
    }
  }
  pending_ = {};
  known_.push_back(std::move(fresh));
  return newest();
}

void Epochs::expect_no_return(EpochNumber answered, EpochNumber newest, Line asked, Moment now) {
  if (answered == 0 || answered >= newest) return;
  findings_.add(Invariant::epoch_moves_forward, {known_[newest - 1].line, asked, now.line},
                "answered from epoch {} when {} had been seen before the question",
                name_of(answered), name_of(newest));
}

std::optional<Life> Epochs::unnamed_life(Line asked) const {
  if (pending_.loss || losing_ > 0 || life_began_ > asked) return std::nullopt;
  return life();
}

}  // namespace banter::verify
