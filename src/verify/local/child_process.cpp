#include "verify/local/child_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <random>
#include <sstream>
#include <string_view>
#include <thread>

namespace banter::verify {

using namespace std::chrono_literals;

namespace {

constexpr auto ready_max = 30s;
constexpr auto stop_max = 20s;
constexpr auto look_every = 5ms;

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// What a program becomes: all that has to be allocated, before the fork.
struct Image {
  explicit Image(const Program& program) : words(program.words) {
    for (char** each = environ; *each != nullptr; ++each) {
      if (!program.bare || std::string_view(*each).starts_with("PATH=")) {
        environment.emplace_back(*each);
      }
    }
    environment.insert(environment.end(), program.environment.begin(), program.environment.end());
    if (program.user.empty() || ::geteuid() != 0) return;
    const passwd* account = ::getpwnam(program.user.c_str());
    if (account == nullptr) throw Unavailable("there is no user " + program.user);
    as_another = true;
    user = account->pw_uid;
    group = account->pw_gid;
  }
  std::vector<std::string> words;
  std::vector<std::string> environment;
  std::vector<char*> argv = pointers_to(words);
  std::vector<char*> envp{};
  bool as_another = false;
  uid_t user = 0;
  gid_t group = 0;
};

// Between fork and exec: nothing that could take a lock.
[[noreturn]] void become(const Image& image, int output) {
  ::setpgid(0, 0);
  ::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error to be handled
  ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);  // sockets of this process, which it could not close
  if (image.as_another &&
      (::setgroups(0, nullptr) != 0 || ::setgid(image.group) != 0 || ::setuid(image.user) != 0)) {
    ::_exit(126);
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a change of the user takes it back
  if (::chdir("/") == 0) ::execvpe(image.argv[0], image.argv.data(), image.envp.data());
  ::_exit(127);
}

pid_t start(const Program& program, int output) {
  Image image(program);
  image.envp = pointers_to(image.environment);
  const pid_t pid = ::fork();
  if (pid == 0) become(image, output);
  if (pid < 0) throw Unavailable("no process for " + program.words[0]);
  return pid;
}

// A zombie holds nothing any more.
bool alive(pid_t pid) {
  const auto stat = text_of("/proc/" + std::to_string(pid) + "/stat");
  const auto state = stat.rfind(')');
  return state != std::string::npos && state + 2 < stat.size() && stat[state + 2] != 'Z' &&
         stat[state + 2] != 'X';
}

bool port_is_free(int port) {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return free;
}

}  // namespace

ChildProcess::ChildProcess(const std::string& name) {
  std::string path = (std::filesystem::temp_directory_path() / ("banter-" + name + "-XXXXXX"));
  if (::mkdtemp(path.data()) == nullptr) throw Unavailable("cannot make a directory " + path);
  directory_ = path;
}

ChildProcess::~ChildProcess() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void ChildProcess::spawn(const Program& program) {
  const auto file = directory_ / "log";
  const int output = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  pid_ = start(program, output);
  ::close(output);
}

bool ChildProcess::running() {
  if (pid_ < 0) return false;
  if (::waitpid(pid_, &status_, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

std::vector<pid_t> ChildProcess::family() const {
  std::vector<pid_t> found{pid_};
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto id = std::to_string(found[i]);
    std::ifstream children("/proc/" + id + "/task/" + id + "/children");
    for (pid_t child = 0; children >> child;) found.push_back(child);
  }
  return found;
}

void ChildProcess::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

void ChildProcess::kill() {
  if (!running()) return;
  ::kill(pid_, SIGSTOP);  // else it has more children by then
  const auto all = family();
  for (const auto pid : all) ::kill(pid, SIGKILL);
  ::waitpid(pid_, &status_, 0);
  pid_ = -1;
  const auto deadline = std::chrono::steady_clock::now() + stop_max;
  while (std::ranges::any_of(all, alive) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(look_every);
  }
}

bool ChildProcess::stop(int number) {
  resume();
  signal(number);
  const auto deadline = std::chrono::steady_clock::now() + stop_max;
  while (running() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(look_every);
  }
  kill();
  return WIFEXITED(status_) && WEXITSTATUS(status_) == 0;
}

void ChildProcess::pause() {
  paused_ = family();
  for (const auto pid : paused_) ::kill(pid, SIGSTOP);
}

void ChildProcess::resume() {
  for (const auto pid : paused_) ::kill(pid, SIGCONT);
  paused_.clear();
}

std::string ChildProcess::log() const { return text_of(directory_ / "log"); }

void ChildProcess::wait_until(const std::function<bool()>& condition, const std::string& what) {
  const auto deadline = std::chrono::steady_clock::now() + ready_max;
  while (!condition()) {
    if (!running()) throw Unavailable(what + ": it ended\n" + log());
    if (std::chrono::steady_clock::now() > deadline) {
      throw Unavailable(what + ": not within 30 s\n" + log());
    }
    std::this_thread::sleep_for(look_every);
  }
}

std::string run(const Program& program) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Unavailable("no pipe");
  const pid_t pid = start(program, ends[1]);
  ::close(ends[1]);
  std::string output;
  char piece[4096];
  for (ssize_t got = 0; (got = ::read(ends[0], piece, sizeof piece)) > 0;) {
    output.append(piece, static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (status != 0) {
    throw ProgramFailed(program.words[0] + " failed: " + output,
                        WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  }
  return output;
}

int free_port() {
  static std::minstd_rand random{std::random_device{}()};
  std::uniform_int_distribution<int> ports(11'000, 21'999);
  for (int tries = 0; tries < 200; ++tries) {
    const int port = ports(random);
    if (port_is_free(port) && port_is_free(port + 10'000)) return port;
  }
  throw Unavailable("no free port found");
}

}  // namespace banter::verify
