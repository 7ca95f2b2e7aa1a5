// ModelClient: a user's program, as in `banter verify`: talks, is cut off, comes back to another
// node, resumes, and sends again what was not acknowledged. Owned by a Simulation.
#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "simulation/model_node.hpp"
#include "verify/drive/journal.hpp"
#include "verify/drive/server_text.hpp"

namespace banter::simulation {

struct Habits {
  bool writes = false;
  bool resumes = true;
  bool spies = false;  // is no member
};

class ModelClient {
 public:
  // some_node: one that is there; nullptr: none is.
  ModelClient(Executor executor, verify::Journal& journal, Weather& weather,
              std::function<ModelNode*()> some_node, UserId user, ConversationId conversation,
              Habits habits);

  [[nodiscard]] Task<> live();  // until leave()
  // Composes nothing more, and stays: whoever comes makes up for what others have missed.
  void rest() {
    resting_ = true;
    cut_at_ = SteadyTime::max();
  }
  void leave() { leaving_ = true; }
  [[nodiscard]] bool gone() const { return gone_; }
  [[nodiscard]] ConversationId conversation() const { return conversation_; }
  // Nothing of its own is unknown, and it has seen everything up to there.
  [[nodiscard]] bool settled(Seq head) const;

 private:
  struct Sending {
    std::string client_id;
    std::string text;
    SteadyTime due{};
  };
  using Socket = boost::asio::basic_stream_socket<boost::asio::local::stream_protocol, Executor>;

  [[nodiscard]] Task<> visit(ModelNode& node);
  [[nodiscard]] Task<> act();
  [[nodiscard]] http::UpgradeRequest request() const;
  [[nodiscard]] bool take_frame();
  void see(std::string_view text);
  void transmit(Sending& sending);
  void write(const std::string& payload, int opcode);
  void compose();
  void cut();

  Executor executor_;
  verify::Journal& journal_;
  Weather& weather_;
  std::function<ModelNode*()> some_node_;
  const UserId user_;
  const ConversationId conversation_;
  const Habits habits_;
  const verify::ClientId id_;
  verify::ServerText server_text_;

  std::optional<Socket> link_;
  verify::SocketId socket_{};
  std::string input_;
  std::int64_t close_code_ = 0;
  bool acting_ = false;
  bool open_ = false;
  bool left_ = false;
  bool joined_ = false;
  bool resting_ = false;
  bool leaving_ = false;
  bool gone_ = false;
  SteadyTime cut_at_{};
  SteadyTime compose_at_{};
  int composed_ = 0;
  std::deque<Sending> unacknowledged_;
  Seq last_{};
  std::string epoch_;
};

}  // namespace banter::simulation
