// ChildProcess: a server as a child of this process: with a directory of its own, its output in a
// file there, ended by pid at the latest when the object goes, or when this process is killed or
// the thread ends that started it. Owned by one thread. Throws Unavailable if the machine refuses.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/unavailable.hpp"

namespace banter::verify {

struct Program {
  std::vector<std::string> words;          // the first is looked up in PATH
  std::string user{};                      // to run as, if this process is root's; empty: as it is
  std::vector<std::string> environment{};  // NAME=value, besides what this process has ...
  bool bare = false;                       // ... of which it gets nothing but PATH
};

class ChildProcess {
 public:
  explicit ChildProcess(const std::string& name);
  ~ChildProcess();  // kills it, removes the directory
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void spawn(const Program& program);
  [[nodiscard]] bool running();
  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;
  void kill();            // it and its children; returns when they are gone
  bool stop(int number);  // and waits: whether it then exits with 0; kills it after 20 s
  void pause();           // SIGSTOP to it and its children
  void resume();
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
  [[nodiscard]] std::string log() const;
  // Until condition(); throws with the log when the process ends before, or after 30 s.
  void wait_until(const std::function<bool()>& condition, const std::string& what);

 private:
  [[nodiscard]] std::vector<pid_t> family() const;
  std::filesystem::path directory_;
  pid_t pid_ = -1;
  int status_ = 0;  // of waitpid, once it has ended
  std::vector<pid_t> paused_;
};

class ProgramFailed : public Unavailable {
 public:
  ProgramFailed(const std::string& what, int exit_status)
      : Unavailable(what), exit_status_(exit_status) {}
  [[nodiscard]] int exit_status() const { return exit_status_; }  // -1: it was killed

 private:
  int exit_status_;
};

// Runs a program to its end and gives its output; throws ProgramFailed, with that, if it fails.
std::string run(const Program& program);
// A port of 127.0.0.1 on which nobody listens, nor on the one 10,000 above (of a Redis Cluster).
[[nodiscard]] int free_port();

}  // namespace banter::verify
