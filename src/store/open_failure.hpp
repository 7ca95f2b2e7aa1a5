// Why a store could not be opened, and what to tell the operator. Values only.
#pragma once

#include <string>

namespace banter::store {

struct OpenFailure {
  enum class Kind {
    locked,         // another process holds it: talk to that one through its admin socket
    missing,        // there is no database, and it was not to be created
    not_a_store,    // a database of something else, or no database at all
    damaged,        // the integrity check failed
    needs_migrate,  // an older schema, and it was not to be migrated
    newer_schema,   // written by a newer version of Banter
    exists,         // there is a database already, and it was not to be replaced
    denied,         // the database server refuses, and will go on doing so; or its nodes do
    failed,         // the outside: permissions, disk …
  };
  Kind kind = Kind::failed;
  std::string detail;
};

}  // namespace banter::store
