#include "report.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <tuple>

namespace wsload {

namespace {

using std::string;
using std::string_view;

double per(double amount, double of) { return of > 0 ? amount / of : 0; }

class Json {
 public:
  void text(const char* name, string_view value) {
    string quoted = "\"";
    for (const char ch : value) {
      if (ch == '"' || ch == '\\') quoted += '\\';
      quoted += static_cast<unsigned char>(ch) < 0x20 ? ' ' : ch;
    }
    field(name, quoted + '"');
  }
  void integer(const char* name, std::uint64_t value) { field(name, std::to_string(value)); }
  void real(const char* name, double value, int digits) {
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, std::isfinite(value) ? value : 0.0);
    field(name, buffer.data());
  }
  void micros(const char* name, std::uint64_t nanos) {
    real(name, static_cast<double>(nanos) * 1e-3, 1);
  }
  void percentiles(const string& name, const Histogram& histogram) {
    real((name + "_mean_us").c_str(), histogram.mean() * 1e-3, 1);
    micros((name + "_p50_us").c_str(), histogram.percentile(0.50));
    micros((name + "_p90_us").c_str(), histogram.percentile(0.90));
    micros((name + "_p99_us").c_str(), histogram.percentile(0.99));
    micros((name + "_p999_us").c_str(), histogram.percentile(0.999));
    micros((name + "_max_us").c_str(), histogram.max());
  }
  [[nodiscard]] string line() const { return "{" + fields_ + "}\n"; }

 private:
  void field(const string& name, const string& value) {
    if (!fields_.empty()) fields_ += ',';
    fields_ += '"' + name + "\":" + value;
  }
  string fields_;
};

void describe(Json& json, const Options& options, const Load& load, const Measurement& measured) {
  static constexpr std::array modes{"closed", "open", "idle"};
  static constexpr std::array protocols{"banter", "raw", "socketio"};
  json.text("label", options.label);
  json.text("protocol", protocols[static_cast<std::size_t>(options.protocol)]);
  json.text("mode", modes[static_cast<std::size_t>(options.mode)]);
  json.integer("connections", load.crowd().members.size());
  json.integer("conversations", load.crowd().conversations.size());
  json.integer("senders", load.crowd().senders.size());
  if (options.mode == Mode::closed) json.integer("window", options.window);
  if (options.mode == Mode::open) json.real("rate", options.rate, 1);
  json.integer("size", load.text_bytes());
  json.real("seconds", measured.seconds, 3);
  json.integer("connected", measured.connected);
  json.integer("connect_failed", load.network().failed());
  json.integer("connections_lost", load.network().lost());
  json.real("connect_per_s", per(static_cast<double>(measured.connected), measured.connect_seconds),
            1);
}

void add_traffic(Json& json, const Options& options, const Load& load,
                 const Measurement& measured) {
  const auto& window = load.window();
  const auto deliveries = static_cast<double>(window.deliveries);
  json.real("sent_per_s", per(static_cast<double>(window.sent), measured.seconds), 1);
  json.real("deliveries_per_s", per(deliveries, measured.seconds), 1);
  json.integer("deliveries", window.deliveries);
  json.real("deliveries_per_recv", per(deliveries, static_cast<double>(measured.recv_calls)), 2);
  json.real("bytes_per_delivery", per(static_cast<double>(measured.bytes_in), deliveries), 1);
  json.percentiles("lat", load.latency());
  if (options.mode == Mode::open) {
    json.micros("send_lag_p99_us", load.lag().percentile(0.99));
    json.micros("send_lag_max_us", load.lag().max());
  }
  if (options.client_id) {
    const auto& acks = load.acks();
    json.real("acked_per_s", per(static_cast<double>(acks.latency().count()), measured.seconds), 1);
    json.percentiles("ack", acks.latency());
    json.integer("acks_missing", acks.missing());
    json.integer("acks_surplus", acks.surplus());
  }
  json.integer("total_sent", load.totals().sent);
  json.integer("missing", measured.missing);
  json.integer("duplicates", load.deliveries().duplicates());
  json.integer("out_of_order", load.deliveries().reordered());
  json.integer("misrouted", load.totals().misrouted);
  json.integer("given_up", load.totals().given_up);
  json.integer("send_blocked", load.totals().blocked);
  json.integer("other_frames", window.other);
}

void add_server(Json& json, const Load& load, const Measurement& measured) {
  const auto& [start, end] = std::tie(measured.start, measured.end);
  const auto deliveries = static_cast<double>(load.window().deliveries);
  const double ticks = end.user_s + end.system_s - start.user_s - start.system_s;
  const double ran = end.run_s - start.run_s;
  const double grown = static_cast<double>(measured.connect_end.rss_kb) -
                       static_cast<double>(measured.before.rss_kb);
  json.integer("server_processes", end.processes);
  json.integer("server_threads", end.threads);
  json.real("server_user_s", end.user_s - start.user_s, 2);
  json.real("server_sys_s", end.system_s - start.system_s, 2);
  json.real("server_cpu_pct", 100 * per(ran, measured.seconds), 1);
  json.real("cpu_us_per_delivery", per(ticks * 1e6, deliveries), 3);
  json.real("cpu_us_per_delivery_sched", per(ran * 1e6, deliveries), 3);
  json.real("server_switches_per_s",
            per(static_cast<double>(end.switches - start.switches), measured.seconds), 1);
  json.integer("rss_before_kb", measured.before.rss_kb);
  json.integer("rss_connected_kb", measured.connect_end.rss_kb);
  json.real("rss_per_connection_bytes", per(grown * 1024, static_cast<double>(measured.connected)),
            0);
  json.integer("rss_end_kb", end.rss_kb);
  json.integer("rss_peak_kb", end.peak_kb);
}

}  // namespace

string report(const Options& options, const Load& load, const Measurement& measured) {
  Json json;
  describe(json, options, load, measured);
  add_traffic(json, options, load, measured);
  if (!options.server_pids.empty()) add_server(json, load, measured);
  json.real("loadgen_cpu_pct", 100 * per(measured.own_cpu_seconds, measured.seconds), 1);
  json.text("error", load.network().error());
  return json.line();
}

}  // namespace wsload
