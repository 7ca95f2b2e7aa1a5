// LocalAdmin: the administrator's way in while no server runs: opens the store itself, with its
// lock, and runs AdminService on an event loop of its own. Owned by one command; one thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <expected>
#include <memory>

#include "app/admin_service.hpp"
#include "app/backend.hpp"
#include "app/commands/failure.hpp"
#include "app/config.hpp"
#include "auth/accounts.hpp"
#include "base/metrics.hpp"
#include "base/worker_pool.hpp"

namespace banter::app {

class LocalAdmin {
 public:
  // The store must exist.
  [[nodiscard]] static std::expected<std::unique_ptr<LocalAdmin>, store::OpenFailure> open(
      const Config& config);
  [[nodiscard]] AdminAnswer ask(boost::json::object question);

 private:
  LocalAdmin(std::unique_ptr<base::Metrics> metrics, std::unique_ptr<Backend> backend);

  std::unique_ptr<base::Metrics> metrics_;
  boost::asio::io_context context_;
  std::unique_ptr<Backend> backend_;
  base::WorkerPool passwords_;
  auth::Accounts accounts_;
  AdminService service_;
};

// Root must not leave files of its own in another user's data directory: the server could not write
// them. The failure says whom to become.
[[nodiscard]] std::expected<void, Failure> check_owner(const std::filesystem::path& data);

}  // namespace banter::app
