// BanterNode: a node of this very program, as a child with a port, a data directory and an
// environment of its own. Owned by a LocalDeployment, on its thread. Throws Unavailable if it does
// not start.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verify/local/child_process.hpp"
#include "verify/local/volatile_disk.hpp"

namespace banter::verify {

class BanterNode {
 public:
  // environment: BANTER_…=value, such as the database; the keys are its own matter.
  BanterNode(std::vector<std::string> environment, Disk disk);

  // The key that signs, and those that only verify.
  void use_keys(std::string key, const std::string& previous);
  // All of these throw, with the log, if it has ended by itself.
  void start();  // unless it runs; returns when it listens
  void stop();   // in peace; throws too if it does not end so
  void kill();
  void lose_power();  // if has_power()
  void expect_no_end_of_its_own();
  [[nodiscard]] bool ready() const;  // says so itself, within a second
  // Its wall clock goes wrong by so much, from now on and after restarts; not where has_clock() is
  // false: that takes Debian's package faketime, and a build without sanitizers.
  void set_clock_off_by(std::chrono::seconds offset);
  [[nodiscard]] static bool has_clock();
  // Whether its disk can lose power; not in a build with sanitizers.
  [[nodiscard]] bool has_power() const { return disk_.has_value(); }
  [[nodiscard]] ChildProcess& process() { return process_; }
  [[nodiscard]] const ChildProcess& process() const { return process_; }
  [[nodiscard]] int port() const { return port_; }
  // What an administrator command prints, such as {"user", "list"}. From any thread.
  std::string administer(std::vector<std::string> words) const;

 private:
  enum class Clock : std::uint8_t { right, set };
  [[nodiscard]] Program program(std::vector<std::string> words, Clock clock) const;
  [[nodiscard]] std::string clock_file() const { return process_.directory() / "clock"; }
  [[nodiscard]] std::string data() const { return process_.directory() / "data"; }

  std::vector<std::string> environment_;
  std::vector<std::string> keys_;
  ChildProcess process_;
  std::optional<VolatileDisk> disk_;
  int port_;
  bool down_ = true;  // because that was wanted
};

}  // namespace banter::verify
