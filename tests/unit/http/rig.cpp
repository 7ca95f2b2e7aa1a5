#include "unit/http/rig.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <thread>

#include "http/ascii.hpp"

namespace banter::http {

Client::~Client() {
  if (socket_ >= 0) ::close(socket_);
}

void Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    if (sent < 0 && errno != EAGAIN) return;  // the server closed
    if (sent < 0) rig_.turn();
  }
}

void Client::half_close() { ::shutdown(socket_, SHUT_WR); }

bool Client::more() {
  std::array<char, 65'536> buffer;  // NOLINT: recv fills it
  for (int turns = 0; turns < 10'000; ++turns) {
    const auto got = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0) input_.append(buffer.data(), static_cast<std::size_t>(got));
    if (got >= 0) return got > 0;
    if (errno != EAGAIN) return false;
    rig_.turn();
  }
  ADD_FAILURE() << "the server says nothing";
  return false;
}

Reply Client::receive(bool to_head) {
  Reply reply;
  auto end = std::string::npos;
  while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
    if (!more()) return reply;
  }
  std::string_view head = std::string_view(input_).substr(0, end + 2);
  reply.status = std::stoi(std::string(head.substr(9, 3)));
  head.remove_prefix(head.find("\r\n") + 2);
  while (!head.empty()) {
    const auto line = head.substr(0, head.find("\r\n"));
    const auto colon = line.find(": ");
    reply.headers[lower_case(line.substr(0, colon))] = line.substr(colon + 2);
    head.remove_prefix(line.size() + 2);
  }
  input_.erase(0, end + 4);
  const auto length = reply.header("content-length");
  if (!to_head && !length.empty()) reply.body = bytes(std::stoul(length));
  return reply;
}

Reply Client::ask(std::string_view request) {
  send(request);
  return receive(request.starts_with("HEAD "));
}

std::string Client::bytes(std::size_t count) {
  while (input_.size() < count && more()) {
  }
  auto taken = input_.substr(0, count);
  input_.erase(0, count);
  return taken;
}

bool Client::closed() { return input_.empty() && !more() && input_.empty(); }

Options Rig::lifted() {
  Options options;
  options.rates = {.signup = {0},
                   .login = {0},
                   .login_failures = {0},
                   .account_failures = {0},
                   .conversations = {0},
                   .messages_read = {0},
                   .anonymous = {0},
                   .authenticated = {0}};
  return options;
}

Rig::Rig(Options options, store::MemoryStore::Options store_options)
    : store(std::move(store_options)),
      options_(std::move(options)),
      logs_(reactor_, store, relay_, registry),
      timelines_(reactor_, store, logs_, relay_, registry, [](const chat::Event&) {}),
      conversations_(reactor_, store, logs_, timelines_),
      tokens_({.key = "a key that is long enough for a test", .previous_keys = {}}),
      accounts_(store, passwords_, tokens_, registry),
      connections_(reactor_,
                   Services{.accounts = accounts_,
                            .conversations = conversations_,
                            .store = store,
                            .throttle = throttle_,
                            .health = health_,
                            .metrics = metrics_,
                            .registry = registry,
                            .options = options_},
                   [this](base::Stream& stream, UpgradeRequest request) {
                     upgrades.push_back({std::move(request), &stream});
                     stream.close();
                   }) {}

Rig::~Rig() {
  reactor_.stop();
  reactor_.context().run();
}

void Rig::turn() { reactor_.context().run_one_for(std::chrono::seconds(2)); }

void Rig::settle() {
  while (reactor_.context().poll_one() > 0) {
  }
}

Client Rig::connect() {
  std::shared_ptr<Connection> connection;
  base::Stream* stream = nullptr;
  return connect(connection, stream);
}

Client Rig::connect(std::shared_ptr<Connection>& connection, base::Stream*& stream) {
  std::array<int, 2> pair{};
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
  fcntl(pair[1], F_SETFL, O_NONBLOCK);
  connection = std::make_shared<Connection>(connections_);
  stream = &reactor_.adopt(pair[1], connection);
  return {*this, pair[0]};
}

UserId Rig::add_user(const std::string& email) {
  return *await(store.create_account(
      {.email = email, .first_name = "A", .last_name = "B", .password_hash = "none"}));
}

std::string Rig::token(UserId user) {
  return tokens_.issue(auth::TokenType::access, user, wall_now().unix_seconds());
}

ConversationId Rig::add_conversation(UserId creator, std::vector<UserId> members) {
  return *await(store.create_conversation(creator, std::move(members)));
}

void Rig::add_message(ConversationId conversation, UserId author, const std::string& text) {
  const std::vector<chat::PendingEvent> batch = {
      {.conversation = conversation, .author = author, .payload = text, .client_id = {}}};
  ASSERT_EQ(await(store.append(batch)).front().status, chat::AppendStatus::stored);
}

std::string get(std::string_view path, std::string_view lines) {
  std::string text = "GET ";
  text.append(path).append(" HTTP/1.1\r\nHost: localhost\r\n").append(lines).append("\r\n");
  return text;
}

std::string post(std::string_view path, std::string_view body, std::string_view lines) {
  std::string text = "POST ";
  text.append(path).append(" HTTP/1.1\r\nHost: localhost\r\n").append(lines);
  text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return text.append(body);
}

std::string bearer(std::string_view token) {
  return "Authorization: Bearer " + std::string(token) + "\r\n";
}

}  // namespace banter::http
