// Which server is the master, by the sentinels' word. On the relay's thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "relay/redis/redis_connection.hpp"
#include "relay/redis/redis_url.hpp"

namespace banter::relay {

// Asks one after the other, half a second each, until one knows. They are asked without a login,
// and with TLS if `login` has it. stopping: asked no more.
[[nodiscard]] Task<std::optional<RedisAddress>> ask_sentinels(
    Executor executor, const RedisLogin& login, const std::vector<RedisAddress>& sentinels,
    const std::string& master, const bool& stopping);

}  // namespace banter::relay
