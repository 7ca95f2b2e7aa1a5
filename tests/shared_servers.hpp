// Real servers that one test program shares among its tests, started when first asked for. What is
// not installed fails the test: bash tools/deps.sh install test.
#pragma once

#include "verify/local/postgres_server.hpp"
#include "verify/local/redis_server.hpp"

namespace banter {

inline verify::PostgresServer& shared_postgres() {
  static verify::PostgresServer server;
  return server;
}

inline verify::RedisServer& shared_redis() {
  static verify::RedisServer server;
  return server;
}

}  // namespace banter
