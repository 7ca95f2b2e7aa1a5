// Client: a program of a user in one conversation, as real ones are: it connects, talks, loses its
// connection or drops it, comes back elsewhere, resumes, and sends again what was not acknowledged.
// Everything it does and sees is in the journal. Owned by the run; one thread.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "verify/drive/server_text.hpp"
#include "verify/drive/stage.hpp"
#include "verify/drive/web_socket.hpp"

namespace banter::verify {

struct Habits {
  SocketKind kind = SocketKind::member;  // flood: sends as fast as it can, and asks for no acks
  bool resumes = true;                   // else it joins anew each time, as a plain client does
  double sends_per_s = 0;                // 0: only listens
  std::chrono::milliseconds stays{0};    // on one connection, about; 0: as long as it holds
  std::chrono::milliseconds returns{0};  // after leaving, about
  std::optional<std::size_t> node{};     // always this one
};

class Client {
 public:
  Client(Stage& stage, const Account& account, ConversationId conversation, const Habits& habits);

  // Until leave().
  [[nodiscard]] Task<> run();
  // Another connection of the same user, which now and then sends the same at the same time.
  void pair_with(Client& twin) { twin_ = &twin; }
  // No new messages, and nobody leaves; what is not acknowledged is sent again.
  void fall_silent();
  void leave();
  // Nothing of its own is unknown any more, and it has seen all that anybody has.
  [[nodiscard]] bool settled() const;

 private:
  struct Sending {
    std::string client_id;
    std::string text;
    SteadyTime due{};  // when to send it (again)
    bool fresh = true;
  };

  [[nodiscard]] Task<> visit();
  [[nodiscard]] Task<> talk();
  [[nodiscard]] Task<> listen();
  [[nodiscard]] Task<> go();
  [[nodiscard]] Task<> transmit(Sending sending);
  [[nodiscard]] Task<> flood();
  void connect_record(const NodeUrl& node);
  [[nodiscard]] std::string target() const;
  void compose();
  [[nodiscard]] std::string make_text();
  void see(const SeenFrame& frame);
  void acknowledged(const Ack& ack);
  void refused(const ErrorFrame& error, std::chrono::seconds retry_after);
  [[nodiscard]] Sending* find(std::string_view client_id);
  [[nodiscard]] Sending* next_due();
  [[nodiscard]] SteadyTime next_event() const;
  void record_leaving();
  void ring() { bell_.cancel(); }

  Stage& stage_;
  const Account& account_;
  const ConversationId conversation_;
  const Habits habits_;
  const ClientId id_;
  Client* twin_ = nullptr;
  ServerText server_text_;
  Timer bell_;
  Timer pause_;

  std::unique_ptr<WebSocket> web_socket_;
  SocketId socket_{};
  bool over_ = false;     // nothing will be read any more
  bool left_ = false;     // by our own will
  bool joined_ = false;   // has had its first frame
  int failures_ = 0;      // in a row
  bool leaving_ = false;  // for good
  bool talking_;          // composes
  bool silent_ = false;   // never will again
  SteadyTime leave_at_{};
  SteadyTime next_send_{};
  std::int64_t composed_ = 0;
  std::deque<Sending> unacknowledged_;  // at most unacknowledged_max
  Seq last_{};
  std::string epoch_;
};

}  // namespace banter::verify
