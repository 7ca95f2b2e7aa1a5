#include "app/commands/local_admin.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <optional>
#include <utility>

#include "base/unavailable.hpp"

namespace banter::app {

std::expected<std::unique_ptr<LocalAdmin>, store::OpenFailure> LocalAdmin::open(
    const Config& config) {
  auto metrics = std::make_unique<base::Metrics>();
  auto backend = open_backend(config, BackendUse::administration, *metrics);
  if (!backend) return std::unexpected(std::move(backend.error()));
  return std::unique_ptr<LocalAdmin>(new LocalAdmin(std::move(metrics), *std::move(backend)));
}

LocalAdmin::LocalAdmin(std::unique_ptr<base::Metrics> metrics, std::unique_ptr<Backend> backend)
    : metrics_(std::move(metrics)),
      context_(1),
      backend_(std::move(backend)),
      passwords_({.name = "passwords", .threads = 1}),
      // No token is made or read here, so there is no key.
      accounts_(backend_->accounts(), passwords_, auth::Tokens({}), *metrics_),
      service_({.account_store = backend_->accounts(),
                .conversation_store = backend_->conversations(),
                .accounts = accounts_,
                .notify = [this](const auto& notice) { backend_->relay().notify(notice); },
                .backup = [this](auto file) { return backend_->back_up(file); }}) {}

AdminAnswer LocalAdmin::ask(boost::json::object question) {
  std::optional<AdminAnswer> answer;
  std::exception_ptr accident;
  boost::asio::co_spawn(context_, service_.execute(std::move(question)),
                        [&](std::exception_ptr error, AdminAnswer given) {
                          accident = error;
                          if (!error) answer = std::move(given);
                        });
  context_.restart();
  context_.run();
  if (accident) std::rethrow_exception(accident);
  return *std::move(answer);
}

std::expected<void, Failure> check_owner(const std::filesystem::path& data) {
  struct stat status{};
  if (::geteuid() != 0 || ::stat(data.c_str(), &status) != 0 || status.st_uid == 0) return {};
  const passwd* owner = ::getpwuid(status.st_uid);
  const auto name =
      owner != nullptr ? std::string(owner->pw_name) : fmt::format("{}", status.st_uid);
  return std::unexpected(Failure{
      .status = ExitStatus::usage,
      .message =
          fmt::format("{} belongs to {}; as root you would leave files there that the server "
                      "cannot write. Run: runuser -u {} -- banter ...",
                      data.string(), name, name)});
}

}  // namespace banter::app
