// Brings a PostgreSQL database to the schema this program knows. Blocking, over a connection of its
// own: at the start, on the store's thread, and for `banter migrate`. Safe when several nodes start
// at once: a lock lets them go one by one, and each step is one transaction that records itself.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "store/open_failure.hpp"

namespace banter::store::postgres {

// How many steps were applied. Waits at most 5 s to connect and 60 s for other nodes.
[[nodiscard]] std::expected<int, OpenFailure> migrate(const std::string& url);

// What to say of a schema `there`, whose programs from `compatible_from` on work with it, when this
// program knows `known` steps; nullopt: it works.
[[nodiscard]] std::optional<OpenFailure> newer_than_known(int there, int compatible_from,
                                                          int known);

}  // namespace banter::store::postgres
