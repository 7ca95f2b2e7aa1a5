// CorrectRun: makes histories of a deployment that keeps its promise, from a seed: a tiny model of
// a server behind clients that send, lose their sockets, resume and resend, while the store goes
// out, people are removed and a backup is restored. It shares nothing with the checker but the
// records.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "verify/history/recorder.hpp"

namespace banter::verify {

class CorrectRun {
 public:
  // `scale` multiplies the number of steps.
  explicit CorrectRun(std::uint32_t seed, int scale = 1);

  // The whole history.
  [[nodiscard]] std::string write();

 private:
  static constexpr UserId stranger{9};

  struct Conversation {
    std::vector<Message> log;                              // seq 1 is the first
    std::map<std::pair<UserId, std::string>, Seq> stored;  // by sender and client_id
    std::vector<UserId> members;
  };
  struct Waiting {
    std::string client_id;
    std::string text;
  };
  // A frame on its way to the client.
  using Frame = std::variant<HistoryFrame, LiveMessage, Ack, ErrorFrame>;
  struct Client {
    ClientId id;
    UserId user;
    ConversationId conversation;
    SocketId socket;              // 0: not connected
    bool joined = false;          // the server has read the history for it
    std::deque<Waiting> sent;     // on its way to the server
    std::deque<Frame> coming;     // on its way to the client
    std::deque<Waiting> waiting;  // without an ack
    Seq last;
    std::string epoch;
    int sends = 0;
  };

  void record(const Record& record);
  void step();
  void connect(Client& client);
  void join(Client& client);
  void lose(Client& client, ClosedBy by, std::int64_t code);
  void send(Client& client);
  void transmit(Client& client, const Waiting& waiting);
  void serve(Client& client);
  void store(Client& client, const Waiting& sent);
  void receive(Client& client);
  void see(Client& client, const Frame& frame);
  void read(Client& client);
  void go_out_or_come_back();
  void change_members();
  void spy();
  void restore();
  void settle();
  void read_to_the_end();

  [[nodiscard]] bool one_in(int n) { return random(0, n - 1) == 0; }
  [[nodiscard]] int random(int low, int high) {
    return std::uniform_int_distribution(low, high)(generator_);
  }
  [[nodiscard]] std::string_view keep(std::string text) {
    return texts_.emplace_back(std::move(text));
  }
  [[nodiscard]] std::string_view epoch() const { return epochs_.back(); }
  [[nodiscard]] std::string_view any_node() { return one_in(2) ? "a" : "b"; }
  [[nodiscard]] Message message(ConversationId conversation, Seq seq) {
    return conversations_[conversation].log[static_cast<std::size_t>(seq.value - 1)];
  }
  [[nodiscard]] std::span<const Message> stretch(ConversationId conversation, std::size_t after,
                                                 std::size_t count);
  [[nodiscard]] bool is_member(const Client& client);

  std::mt19937 generator_;
  int steps_;
  std::ostringstream out_;
  Recorder recorder_{out_};
  Instant now_{0};
  std::map<ConversationId, Conversation> conversations_;
  std::deque<Client> clients_;
  std::deque<std::string> texts_;
  std::deque<std::vector<Message>> stretches_;
  std::deque<std::string> epochs_{"e1"};
  std::int64_t sockets_ = 0;
  std::int64_t calls_ = 0;
  std::int64_t faults_ = 0;
  std::optional<FaultId> out_of_store_;
};

}  // namespace banter::verify
