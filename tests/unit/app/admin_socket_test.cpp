#include "app/admin_socket.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "app/commands/admin_client.hpp"
#include "base/metrics.hpp"
#include "base/worker_pool.hpp"
#include "store/memory/memory_store.hpp"
#include "unit/app/temporary_folder.hpp"

namespace banter::app {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using Kind = AdminAnswer::Kind;

// A socket that a service over the memory store answers, on a thread of its own.
class AdminSocketTest : public testing::Test {
 protected:
  void serve(AdminSocket::Options options) {
    path_ = options.path;
    socket_ = std::make_unique<AdminSocket>(context_.get_executor(), service_, std::move(options));
    reactor_ = std::thread([this] { context_.run(); });
  }
  // Stops on the reactor and waits until it has nothing left to do.
  void stop() {
    if (!reactor_.joinable()) return;
    boost::asio::post(context_, [this] { socket_->stop(); });
    work_.reset();
    reactor_.join();
  }
  ~AdminSocketTest() override { stop(); }

  std::expected<AdminAnswer, SocketFailure> ask(json::object question) {
    return ask_server(path_, question, 10s);
  }

  // A client that says what a test wants; -1: refused.
  int connect() const {
    const int client = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof(address.sun_path) - 1);
    if (::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
      return client;
    }
    ::close(client);
    return -1;
  }
  // Everything until the server closes.
  static std::string rest(int client) {
    std::string text;
    char piece[4096];
    for (ssize_t got = 0; (got = ::recv(client, piece, sizeof(piece), 0)) > 0;) {
      text.append(piece, static_cast<std::size_t>(got));
    }
    ::close(client);
    return text;
  }

  TemporaryFolder folder_;
  std::filesystem::path path_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<Executor> work_{context_.get_executor()};
  store::MemoryStore store_;
  base::Metrics metrics_;
  base::WorkerPool passwords_{{.name = "passwords", .threads = 1}};
  auth::Accounts accounts_{store_, passwords_,
                           auth::Tokens({.key = std::string(32, 'k'), .previous_keys = {}}),
                           metrics_};
  AdminService service_{{.account_store = store_,
                         .conversation_store = store_,
                         .accounts = accounts_,
                         .notify = [](const chat::Notice&) {},
                         .backup = {}}};
  std::unique_ptr<AdminSocket> socket_;
  std::thread reactor_;
};

TEST_F(AdminSocketTest, AnswersQuestions) {
  serve({.path = folder_.path() / "admin.sock"});
  const auto status = ask({{"command", "status"}});
  ASSERT_TRUE(status);
  EXPECT_EQ(status->result.at("epoch"), "memory");
  EXPECT_EQ(ask({{"command", "user_show"}, {"user", "5"}})->kind, Kind::refused);
}

TEST_F(AdminSocketTest, IsForItsOwnerAlone) {
  serve({.path = folder_.path() / "admin.sock"});
  struct stat status{};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777u, 0600u);
}

TEST_F(AdminSocketTest, ReplacesWhatADeadServerLeft) {
  std::ofstream(folder_.path() / "admin.sock") << "stale";
  serve({.path = folder_.path() / "admin.sock"});
  EXPECT_TRUE(ask({{"command", "status"}}));
}

TEST_F(AdminSocketTest, LivesInDirectoriesDeeperThanTheKernelTakes) {
  auto deep = folder_.path();
  for (int i = 0; i < 5; ++i) deep /= std::string(40, 'd');
  std::filesystem::create_directories(deep);
  serve({.path = deep / "admin.sock"});
  EXPECT_TRUE(ask({{"command", "status"}}));
}

TEST_F(AdminSocketTest, IsGoneAfterItStopped) {
  serve({.path = folder_.path() / "admin.sock"});
  stop();
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_EQ(ask({{"command", "status"}}).error(), SocketFailure::nobody);
  EXPECT_TRUE(socket_->idle());
}

TEST_F(AdminSocketTest, StopsAlthoughSomebodySaysNothing) {
  serve({.path = folder_.path() / "admin.sock", .patience = 1h});
  const int silent = connect();
  ASSERT_GE(silent, 0);
  EXPECT_TRUE(ask({{"command", "status"}}));  // so the silent one was accepted before
  stop();
  EXPECT_EQ(rest(silent), "");
}

TEST_F(AdminSocketTest, RefusesAQuestionOverItsLimit) {
  serve({.path = folder_.path() / "admin.sock"});
  const int client = connect();
  const std::string flood(admin_line_bytes_max, 'x');
  EXPECT_EQ(::send(client, flood.data(), flood.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(flood.size()));
  EXPECT_NE(rest(client).find("too long"), std::string::npos);
}

TEST_F(AdminSocketTest, AnswersBadJsonAndGoesOn) {
  serve({.path = folder_.path() / "admin.sock"});
  const int client = connect();
  ASSERT_EQ(::send(client, "{]\n", 3, MSG_NOSIGNAL), 3);
  EXPECT_NE(rest(client).find("\"kind\":\"usage\""), std::string::npos);
  EXPECT_TRUE(ask({{"command", "status"}}));
}

TEST_F(AdminSocketTest, TalksToSoManyAtOnceAndNoMore) {
  serve({.path = folder_.path() / "admin.sock", .connections_max = 2});
  const std::vector silent{connect(), connect()};
  const auto third = ask({{"command", "status"}});
  ASSERT_TRUE(third);
  EXPECT_EQ(third->kind, Kind::unavailable);
  for (const int client : silent) ::close(client);
}

TEST_F(AdminSocketTest, HangsUpOnCrowdsWithoutAWord) {
  serve({.path = folder_.path() / "admin.sock", .connections_max = 1});
  const std::vector silent{connect(), connect()};
  EXPECT_EQ(rest(connect()), "");
  for (const int client : silent) ::close(client);
}

TEST_F(AdminSocketTest, HangsUpOnTheSilent) {
  serve({.path = folder_.path() / "admin.sock", .patience = 0s});
  EXPECT_EQ(rest(connect()), "");
}

}  // namespace
}  // namespace banter::app
