#pragma once
// What is sent, and whether it arrives: the closed and the open loop over a Network, with every
// delivery and every ack checked. One thread.

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "ack_check.hpp"
#include "adapter.hpp"
#include "crowd.hpp"
#include "delivery_check.hpp"
#include "histogram.hpp"
#include "network.hpp"
#include "options.hpp"

namespace wsload {

class Load : public Receiver {
 public:
  explicit Load(const Options& options);

  [[nodiscard]] Network& network() { return network_; }
  [[nodiscard]] const Network& network() const { return network_; }
  [[nodiscard]] const Crowd& crowd() const { return crowd_; }

  void start_sending();
  void stop_sending() { sending_ = false; }
  void start_measuring();
  void stop_measuring() { measuring_ = false; }
  // Sends what is due and serves the sockets for that long.
  void run_for(Nanos span);
  // Copies and acks still to come.
  [[nodiscard]] bool outstanding() const { return outstanding_ > 0 || acks_.missing() > 0; }

  struct Window {  // counted while measuring
    std::uint64_t sent = 0, deliveries = 0, other = 0;
  };
  struct Totals {  // counted over the whole run
    std::uint64_t sent = 0, misrouted = 0, given_up = 0, blocked = 0;
  };
  [[nodiscard]] const Window& window() const { return window_; }
  [[nodiscard]] const Totals& totals() const { return totals_; }
  [[nodiscard]] const Histogram& latency() const { return latency_; }
  [[nodiscard]] const Histogram& lag() const { return lag_; }
  [[nodiscard]] const AckCheck& acks() const { return acks_; }
  [[nodiscard]] const DeliveryCheck& deliveries() const { return deliveries_; }
  [[nodiscard]] std::size_t text_bytes() const { return Mark::length + padding_.size(); }

  void on_open(std::uint32_t connection) override;
  void on_message(std::uint32_t connection, std::string_view message, Nanos now) override;
  void on_read_end() override;

 private:
  void send_message(Sender& sender, Nanos stamp);
  void on_delivery(std::uint32_t connection, std::string_view message, Nanos now);
  void on_ack(std::uint32_t connection, std::string_view message, Nanos now);
  void release_slot(Sender& sender, std::uint32_t seq);
  void send_due(Nanos now);
  void sweep(Nanos now);

  const Options& options_;
  std::unique_ptr<Adapter> adapter_;
  Crowd crowd_;
  DeliveryCheck deliveries_;
  AckCheck acks_;
  Network network_;
  std::mt19937_64 random_;
  unsigned run_;
  std::string padding_;
  std::string message_;
  std::vector<std::uint32_t> to_send_;  // senders whose oldest message has arrived everywhere

  bool sending_ = false, measuring_ = false;
  Nanos next_send_ = 0, next_sweep_ = 0;
  std::size_t next_sender_ = 0;
  std::uint64_t outstanding_ = 0;
  Window window_;
  Totals totals_;
  Histogram latency_, lag_;
};

}  // namespace wsload
