#include "options.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>

#include "clock.hpp"

namespace wsload {

namespace {

using std::string;
using std::string_view;

const char help_text[] =
    R"(usage: wsload [options]            (values as --name value or --name=value)

target
  --host ADDR              IPv4 address                          [127.0.0.1]
  --port N                                                       [8000]
  --sender-port N          those who send connect to this one    [--port]
  --path TEMPLATE          {conv} {token} {i} are replaced
                           [/ws/chat/{conv}/?token={token}]
  --header 'K: V'          extra request header, same template, repeatable
  --protocol banter|raw|socketio                                 [banter]
  --delivery-match TEXT    a frame is a delivery only if it contains TEXT
who connects
  --connections N                                                [100]
  --per-conv N             members of one conversation           [10]
  --convs FILE             conversation ids, one a line          [c0, c1, ...]
  --tokens FILE            tokens, one a line, by connection     [t0, t1, ...]
  --pairs FILE             lines 'conv token', one a connection; grouping
                           comes from the file, --per-conv is not used
  --source-ips N           spread over 127.0.0.1 .. 127.0.0.N    [1]
  --connect-concurrency N  handshakes in flight                  [64]
  --connect-timeout S                                            [60]
what is sent
  --mode closed|open|idle                                        [closed]
  --senders N              sending members a conversation        [1]
  --window N               closed: messages a sender may have out that not
                           all members have received yet         [1]
  --rate R                 open: messages/s, all senders together [1000]
  --arrivals uniform|poisson                                     [uniform]
  --size N                 bytes of message text, at least 40    [100]
  --payload ascii|mixed    mixed: UTF-8 and JSON escapes         [ascii]
  --client-id              every send carries a client_id, and its ack is awaited
  --no-echo                the server does not send to the sender
time
  --settle S  --warmup S  --duration S  --drain S       [0.5 1 5 5]
  --loss-timeout S         closed: give up on a message          [10]
  --max-messages N         stop sending after that many          [100000000]
measuring
  --server-pid PID         sample it and its children, repeatable
  --spin                   poll without sleeping (needs a core of its own)
  --label TEXT             copied to the output
  --out FILE               append the JSON line there as well
)";

template <class T>
T parse_number(string_view name, string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    die("--" + string(name) + ": '" + string(text) + "' is not a number");
  }
  return value;
}

// The table of options: a name, and what to do with its value.
class Table {
 public:
  void text(const char* name, string& target) {
    entries_[name] = [&target](string_view, string_view value) { target = value; };
  }
  template <class T>
  void number(const char* name, T& target) {
    entries_[name] = [&target](string_view n, string_view v) { target = parse_number<T>(n, v); };
  }
  template <class T>
  void choice(const char* name, T& target, std::map<string, T> choices) {
    entries_[name] = [&target, choices = std::move(choices)](string_view n, string_view v) {
      const auto found = choices.find(string(v));
      if (found == choices.end()) die("--" + string(n) + ": unknown value '" + string(v) + "'");
      target = found->second;
    };
  }
  void flag(const char* name, bool& target, bool value) {
    flags_[name] = [&target, value] { target = value; };
  }
  void append(const char* name, std::vector<string>& target) {
    entries_[name] = [&target](string_view, string_view value) { target.emplace_back(value); };
  }
  void append(const char* name, std::vector<int>& target) {
    entries_[name] = [&target](string_view n, string_view v) {
      target.push_back(parse_number<int>(n, v));
    };
  }

  void parse(int argc, char** argv) const {
    for (int i = 1; i < argc; ++i) {
      const string_view argument = argv[i];
      if (argument == "--help" || argument == "-h") {
        std::fputs(help_text, stdout);
        std::exit(0);
      }
      if (!argument.starts_with("--")) die("unexpected '" + string(argument) + "'");
      const string_view word = argument.substr(2);
      const auto equals = word.find('=');
      const string_view name = word.substr(0, equals);
      if (const auto flag = flags_.find(name); flag != flags_.end()) {
        flag->second();
        continue;
      }
      const auto entry = entries_.find(name);
      if (entry == entries_.end()) die("unknown option --" + string(name) + " (try --help)");
      if (equals != string_view::npos) {
        entry->second(name, word.substr(equals + 1));
      } else if (++i < argc) {
        entry->second(name, argv[i]);
      } else {
        die("--" + string(name) + " needs a value");
      }
    }
  }

 private:
  std::map<string, std::function<void(string_view, string_view)>, std::less<>> entries_;
  std::map<string, std::function<void()>, std::less<>> flags_;
};

void declare_target(Table& table, Options& options) {
  table.text("host", options.host);
  table.number("port", options.port);
  table.number("sender-port", options.sender_port);
  table.text("path", options.path);
  table.append("header", options.headers);
  table.choice(
      "protocol", options.protocol,
      {{"banter", Protocol::banter}, {"raw", Protocol::raw}, {"socketio", Protocol::socketio}});
  table.text("delivery-match", options.delivery_match);
  table.number("connections", options.connections);
  table.number("per-conv", options.per_conv);
  table.text("convs", options.convs_file);
  table.text("tokens", options.tokens_file);
  table.text("pairs", options.pairs_file);
  table.number("source-ips", options.source_ips);
  table.number("connect-concurrency", options.connect_concurrency);
  table.number("connect-timeout", options.connect_timeout);
}

void declare_load(Table& table, Options& options) {
  table.choice("mode", options.mode,
               {{"closed", Mode::closed}, {"open", Mode::open}, {"idle", Mode::idle}});
  table.number("senders", options.senders);
  table.number("window", options.window);
  table.number("rate", options.rate);
  table.choice("arrivals", options.poisson, {{"uniform", false}, {"poisson", true}});
  table.number("size", options.size);
  table.choice("payload", options.mixed_payload, {{"ascii", false}, {"mixed", true}});
  table.flag("client-id", options.client_id, true);
  table.flag("no-echo", options.echo, false);
  table.number("settle", options.settle);
  table.number("warmup", options.warmup);
  table.number("duration", options.duration);
  table.number("drain", options.drain);
  table.number("loss-timeout", options.loss_timeout);
  table.number("max-messages", options.max_messages);
  table.append("server-pid", options.server_pids);
  table.flag("spin", options.spin, true);
  table.text("label", options.label);
  table.text("out", options.out_file);
}

}  // namespace

Options parse_options(int argc, char** argv) {
  Options options;
  Table table;
  declare_target(table, options);
  declare_load(table, options);
  table.parse(argc, argv);
  if (options.connections == 0 || options.connections > 1'000'000) {
    die("--connections: 1 to 1000000");
  }
  if (options.per_conv == 0) die("--per-conv: at least 1");
  if (options.size < 40 || options.size > 1'000'000) die("--size: 40 to 1000000");
  if (options.window == 0 || options.window > 256) die("--window: 1 to 256");
  if (options.source_ips == 0 || options.source_ips > 254) die("--source-ips: 1 to 254");
  if (options.connect_concurrency == 0) die("--connect-concurrency: at least 1");
  if (options.mode == Mode::open && !(options.rate > 0)) die("--rate: more than 0");
  return options;
}

std::vector<string> read_lines(const string& file) {
  std::ifstream in(file);
  if (!in) die("cannot read " + file);
  std::vector<string> lines;
  for (string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  if (lines.empty()) die(file + " is empty");
  return lines;
}

}  // namespace wsload
