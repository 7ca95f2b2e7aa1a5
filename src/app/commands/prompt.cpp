#include "app/commands/prompt.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <optional>

namespace banter::app {
namespace {

constexpr std::size_t line_bytes_max = 4'096;

// No echo while it lives. A terminal that cannot do that is one where the password would show.
class Silence {
 public:
  Silence() {
    silent_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!silent_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  ~Silence() {
    if (silent_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  termios before_{};
  bool silent_ = false;
};

// Without its LF (and a CR before it); nullopt: the input ended, or the line is too long.
std::optional<std::string> read_line() {
  std::string line;
  for (;;) {
    char c = 0;
    const auto got = ::read(STDIN_FILENO, &c, 1);
    if (got <= 0) {
      if (line.empty()) return std::nullopt;
      break;
    }
    if (c == '\n') break;
    line += c;
    if (line.size() > line_bytes_max) return std::nullopt;
  }
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

std::optional<std::string> read_silently(const std::string& prompt) {
  fmt::print(stderr, "{}: ", prompt);
  std::fflush(stderr);
  const Silence silence;
  auto line = read_line();
  fmt::print(stderr, "\n");
  return line;
}

}  // namespace

std::expected<std::string, Failure> ask_password(const std::string& for_whom) {
  const auto none = Failure{.status = ExitStatus::usage,
                            .message = "no password; give it as the first line of standard input"};
  if (::isatty(STDIN_FILENO) == 0) {
    auto line = read_line();
    if (!line) return std::unexpected(none);
    return *std::move(line);
  }
  auto first = read_silently(fmt::format("New password for {}", for_whom));
  if (!first) return std::unexpected(none);
  const auto second = read_silently("Once more");
  if (second != first) {
    return std::unexpected(Failure{.status = ExitStatus::refused,
                                   .message = "the two passwords differ; nothing was changed"});
  }
  return *std::move(first);
}

bool confirm(const std::string& question) {
  if (::isatty(STDIN_FILENO) == 0) return true;
  fmt::print(stderr, "{} [y/N] ", question);
  std::fflush(stderr);
  const auto answer = read_line();
  return answer && (*answer == "y" || *answer == "Y" || *answer == "yes");
}

}  // namespace banter::app
