// A server as a child of a test program: with a directory of its own, its output in a file there,
// ended by pid at the latest when the object goes. Also when the program is killed.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace banter::servers {

class ChildProcess {
 public:
  explicit ChildProcess(const std::string& name);
  ~ChildProcess();  // kills it, removes the directory
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // As another user, if the program runs as root and `user` is not empty.
  void spawn(const std::vector<std::string>& words, const std::string& user = {});
  [[nodiscard]] bool running();
  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;
  void kill();            // it and its children, and waits
  void stop(int number);  // and waits; kills it after 20 s
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
  std::vector<pid_t> paused_;
};

// Runs a program to its end; throws with its output if it fails.
std::string run(const std::vector<std::string>& words, const std::string& user = {});
// A port of 127.0.0.1 on which nobody listens, nor on the one 10,000 above (of a Redis Cluster).
[[nodiscard]] int free_port();

}  // namespace banter::servers
