// Chaos: what is done to a deployment on this machine during a run: every kind of fault alone, in
// an order of the seed's, then two at once; members and accounts come and go meanwhile. Writes each
// into the history. On the run's thread; what takes its time is done on the deployment's.
#pragma once

#include <chrono>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "verify/drive/disturbance.hpp"
#include "verify/local/faults.hpp"

namespace banter::verify {

class Chaos final : public Disturbance {
 public:
  // duration of the run: a long one has long freezes too. only: what the names of the faults must
  // hold, such as "power"; empty: all of them. Throws Unavailable, with the names, if none does.
  Chaos(LocalDeployment& deployment, std::chrono::seconds duration, std::string only);

  [[nodiscard]] Task<> run(Stage& stage, const Setting& setting) override;
  void stop() override;
  void let_go() override { deployment_.finish_work(); }

  // So many faults were there, of so many kinds.
  [[nodiscard]] std::size_t faults() const { return count_; }
  [[nodiscard]] std::size_t kinds() const { return kinds_.size(); }

 private:
  [[nodiscard]] Task<> have(Fault fault);
  [[nodiscard]] Task<> two_at_once(std::vector<Fault>& faults);
  [[nodiscard]] Task<> shuffle_people();
  [[nodiscard]] Task<> change(ChangeKind kind, const Account& account, ConversationId conversation);
  [[nodiscard]] Task<> put_out_and_back(const Account& account, const Room& room);
  [[nodiscard]] Task<> pause(std::chrono::milliseconds span);
  [[nodiscard]] std::vector<Fault> deck(const std::vector<ConversationId>& conversations,
                                        std::mt19937_64& random) const;
  [[nodiscard]] std::vector<Fault> shuffled_deck();
  void check_nodes();

  LocalDeployment& deployment_;
  std::chrono::seconds duration_;
  std::string only_;
  Stage* stage_ = nullptr;
  const Setting* setting_ = nullptr;
  bool stopping_ = false;
  bool people_are_back_ = false;
  std::multiset<Timer*> pauses_{};  // that stop() ends early
  std::size_t count_ = 0;
  std::set<std::string> kinds_{};
};

}  // namespace banter::verify
