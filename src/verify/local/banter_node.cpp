#include "verify/local/banter_node.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <glob.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <utility>

#include "base/assert.hpp"
#include "base/defect.hpp"
#include "base/unavailable.hpp"

namespace banter::verify {
namespace {

constexpr timeval answer_max{.tv_sec = 1, .tv_usec = 0};

// The status that a GET is answered with; 0: none.
int status_of(int port, std::string_view target) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &answer_max, sizeof answer_max);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &answer_max, sizeof answer_max);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::array<char, 32> answer{};
  const auto request = "GET " + std::string(target) + " HTTP/1.0\r\nHost: localhost\r\n\r\n";
  const bool asked =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::send(socket, request.data(), request.size(), MSG_NOSIGNAL) > 0 &&
      ::recv(socket, answer.data(), answer.size() - 1, MSG_WAITALL) > 0;
  ::close(socket);
  int status = 0;
  if (asked) std::from_chars(answer.data() + 9, answer.data() + 12, status);  // HTTP/1.1 200
  return status;
}

// Whether libraries may be preloaded into this program: those of sanitizers have to come first.
#if defined(__has_feature) && (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
constexpr bool takes_libraries = false;
#else
constexpr bool takes_libraries = true;
#endif

// The library that makes a program's wall clock ours; empty: there is none.
std::string clock_library() {
  if (!takes_libraries) return {};
  glob_t found{};
  std::string library;
  if (::glob("/usr/lib/*/faketime/libfaketimeMT.so.1", 0, nullptr, &found) == 0) {
    library = found.gl_pathv[0];
  }
  ::globfree(&found);
  return library;
}

}  // namespace

bool BanterNode::has_clock() { return !clock_library().empty(); }

void BanterNode::set_clock_off_by(std::chrono::seconds offset) {
  std::ofstream(clock_file(), std::ios::trunc) << fmt::format("{:+}\n", offset.count());
}

BanterNode::BanterNode(std::vector<std::string> environment, Disk disk)
    : environment_(std::move(environment)), process_("node"), port_(free_port()) {
  set_clock_off_by(std::chrono::seconds{0});
  if (disk == Disk::lasting || !takes_libraries) return;
  std::filesystem::create_directory(data());
  disk_.emplace(data(), "");
}

void BanterNode::use_keys(std::string key, const std::string& previous) {
  keys_ = {"BANTER_SECRET_KEY=" + std::move(key)};
  if (!previous.empty()) keys_.push_back("BANTER_SECRET_KEY_PREVIOUS=" + previous);
}

Program BanterNode::program(std::vector<std::string> words, Clock clock) const {
  words.insert(words.begin(), "/proc/self/exe");
  words.insert(words.end(), {"--data", data()});
  Program made{.words = std::move(words), .environment = environment_, .bare = true};
  std::vector<std::string> libraries;
  const auto know = [&](std::vector<std::string> what, std::string library) {
    made.environment.insert(made.environment.end(), what.begin(), what.end());
    libraries.push_back(std::move(library));
  };
  if (clock == Clock::set && has_clock()) {
    know({"FAKETIME_TIMESTAMP_FILE=" + clock_file(), "FAKETIME_NO_CACHE=1",
          "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1"},
         clock_library());
  }
  if (disk_) know(disk_->environment(), disk_->library());
  if constexpr (defects_built) {
    const char* defect = std::getenv("BANTER_DEFECT");
    if (defect != nullptr) made.environment.push_back(fmt::format("BANTER_DEFECT={}", defect));
  }
  if (!libraries.empty()) {
    made.environment.push_back(fmt::format("LD_PRELOAD={}", fmt::join(libraries, ":")));
  }
  return made;
}

void BanterNode::expect_no_end_of_its_own() {
  if (!down_ && !process_.running()) {
    throw Unavailable("a node has ended by itself\n" + process_.log());
  }
}

void BanterNode::start() {
  expect_no_end_of_its_own();
  if (!down_) return;
  auto serve = program({"serve", "--listen", "127.0.0.1:" + std::to_string(port_), "--throttle",
                        "off", "--message-rate", "off"},
                       Clock::set);
  serve.environment.insert(serve.environment.end(), keys_.begin(), keys_.end());
  process_.spawn(serve);
  process_.wait_until([this] { return status_of(port_, "/livez") == 200; }, "a node listens");
  down_ = false;
}

void BanterNode::stop() {
  expect_no_end_of_its_own();
  if (down_) return;
  const bool in_peace = process_.stop(SIGTERM);
  down_ = true;
  if (!in_peace) throw Unavailable("a node did not end in peace\n" + process_.log());
}

void BanterNode::kill() {
  expect_no_end_of_its_own();
  process_.kill();
  down_ = true;
}

void BanterNode::lose_power() {
  ASSERT(disk_, "only a disk that can loses power");
  kill();
  disk_->lose_power();
}

bool BanterNode::ready() const { return status_of(port_, "/readyz") == 200; }

std::string BanterNode::administer(std::vector<std::string> words) const {
  return run(program(std::move(words), Clock::right));
}

}  // namespace banter::verify
