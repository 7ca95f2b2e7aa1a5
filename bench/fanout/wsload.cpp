// wsload: load generator and checker for WebSocket servers that fan messages out.
//
// Opens many connections grouped into conversations, sends text messages from some of the
// members, and checks every delivery at every member: latency, loss, duplicates, order and
// misrouting. Samples CPU time and memory of the server's processes. Prints one line of JSON.

#include <csignal>
#include <cstdio>
#include <fstream>

#include "load.hpp"
#include "options.hpp"
#include "process_sample.hpp"
#include "report.hpp"

namespace wsload {

namespace {

// Connect, settle, warm up, measure, drain.
Measurement measure(const Options& options, Load& load) {
  Measurement measured;
  Network& network = load.network();
  measured.before = sample_processes(options.server_pids);
  const Nanos connect_start = now_ns();
  network.connect_all();
  measured.connect_seconds = static_cast<double>(network.last_ready() - connect_start) * 1e-9;
  measured.connected = network.ready();
  load.run_for(seconds(options.settle));
  measured.connect_end = sample_processes(options.server_pids);

  load.start_sending();
  load.run_for(seconds(options.warmup));

  measured.start = sample_processes(options.server_pids);
  const double own_start = own_cpu_seconds();
  const Nanos window_start = now_ns();
  load.start_measuring();
  load.run_for(seconds(options.duration));
  load.stop_measuring();
  measured.seconds = static_cast<double>(now_ns() - window_start) * 1e-9;
  measured.end = sample_processes(options.server_pids);
  measured.own_cpu_seconds = own_cpu_seconds() - own_start;
  measured.bytes_in = network.counters.bytes_in;
  measured.recv_calls = network.counters.recv_calls;
  return measured;
}

void drain(const Options& options, Load& load) {
  load.stop_sending();
  const Nanos end = now_ns() + seconds(options.drain);
  while (load.outstanding() && now_ns() < end) load.run_for(second / 100);
  // A little longer, so that surplus copies of the last messages show up.
  load.run_for(second / 10);
}

int run(const Options& options) {
  Load load(options);
  Measurement measured = measure(options, load);
  drain(options, load);
  measured.missing = load.deliveries().count_missing(load.crowd(), options.echo);
  const std::string line = report(options, load, measured);
  std::fputs(line.c_str(), stdout);
  if (!options.out_file.empty()) std::ofstream(options.out_file, std::ios::app) << line;
  const bool clean = measured.missing == 0 && load.deliveries().duplicates() == 0 &&
                     load.deliveries().reordered() == 0 && load.totals().misrouted == 0 &&
                     load.network().failed() == 0 && load.network().lost() == 0 &&
                     load.acks().missing() == 0 && load.acks().surplus() == 0;
  return clean ? 0 : 1;
}

}  // namespace

}  // namespace wsload

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const wsload::Options options = wsload::parse_options(argc, argv);
  return wsload::run(options);
}
