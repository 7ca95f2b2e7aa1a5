#include "app/commands/failure.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace banter::app {

Failure failure_of(const AdminAnswer& answer) {
  switch (answer.kind) {
    case AdminAnswer::Kind::refused:
      return {.status = ExitStatus::refused, .message = answer.error};
    case AdminAnswer::Kind::usage:
      return {.status = ExitStatus::usage, .message = answer.error};
    case AdminAnswer::Kind::ok:
    case AdminAnswer::Kind::unavailable:
      break;
  }
  return {.status = ExitStatus::unavailable, .message = answer.error};
}

Failure failure_of(const store::OpenFailure& failure, const std::string& data) {
  using Kind = store::OpenFailure::Kind;
  switch (failure.kind) {
    case Kind::locked:
      return {.message = fmt::format("{} is in use by another process", data)};
    case Kind::missing:
      return {
          .status = ExitStatus::refused,
          .message = fmt::format("there is no database in {}; is --data right? The server makes "
                                 "one at its first start, and so does `banter migrate`",
                                 data)};
    case Kind::exists:
      return {
          .status = ExitStatus::refused,
          .message = fmt::format("there is a database in {} already; --replace gives it up", data)};
    case Kind::not_a_store:
    case Kind::damaged:
    case Kind::needs_migrate:
    case Kind::denied:
    case Kind::newer_schema:
    case Kind::failed:
      break;
  }
  return {.message = failure.detail};
}

int report(const Failure& failure) {
  fmt::print(stderr, "banter: {}\n", failure.message);
  return static_cast<int>(failure.status);
}

}  // namespace banter::app
