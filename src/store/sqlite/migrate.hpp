// Brings a database to the schema this program knows. Called with the directory locked, on the
// writing connection, before anything else uses the database. Each step is one transaction that
// also records it, so a crash leaves a whole number of steps.
#pragma once

#include <expected>
#include <span>

#include "store/migrations/migration.hpp"
#include "store/sqlite/data_directory.hpp"
#include "store/sqlite/database.hpp"

namespace banter::store {

using Migrations = std::span<const Migration>;  // in order, from 1 on

// Number of the last step applied; 0 for an empty database. not_a_store for a database of something
// else, newer_schema for one with steps that are not in `known`. Throws SqlError.
[[nodiscard]] std::expected<int, OpenFailure> schema_version(
    Connection& connection, Migrations known = migrations_sqlite());

// Applies what is missing; answers how many steps that were. Throws SqlError; the steps before
// stay.
[[nodiscard]] std::expected<int, OpenFailure> migrate(Connection& connection,
                                                      Migrations known = migrations_sqlite());

// Names one continuous life of the logs: 32 random hex digits. Written once at creation, and again
// when a backup is restored.
void write_new_epoch(Connection& connection);

}  // namespace banter::store
