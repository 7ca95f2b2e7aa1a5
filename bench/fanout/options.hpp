#pragma once
// What the command line asks for. `parse_options` checks everything and ends the program with a
// message if something is wrong; the help text stands beside it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wsload {

enum class Protocol { banter, raw, socketio };
enum class Mode { closed, open, idle };

struct Options {
  std::string host = "127.0.0.1";
  int port = 8000;
  int sender_port = 0;  // of another node, to which those who send connect; 0: the same
  std::string path = "/ws/chat/{conv}/?token={token}";
  std::vector<std::string> headers;
  Protocol protocol = Protocol::banter;
  std::string delivery_match;
  std::string pairs_file, convs_file, tokens_file;

  unsigned connections = 100;
  unsigned per_conv = 10;
  unsigned senders = 1;
  Mode mode = Mode::closed;
  unsigned window = 1;
  double rate = 1000;
  bool poisson = false;
  unsigned size = 100;
  bool mixed_payload = false;
  bool echo = true;
  bool client_id = false;

  double warmup = 1, duration = 5, drain = 5, settle = 0.5;
  double loss_timeout = 10;
  std::uint64_t max_messages = 100'000'000;

  unsigned connect_concurrency = 64;
  double connect_timeout = 60;
  unsigned source_ips = 1;
  bool spin = false;

  std::vector<int> server_pids;
  std::string label, out_file;
};

[[nodiscard]] Options parse_options(int argc, char** argv);

// The non-empty lines of a file; ends the program if it cannot be read or has none.
[[nodiscard]] std::vector<std::string> read_lines(const std::string& file);

}  // namespace wsload
