// The key that signs tokens: from the environment, from a file, or made at the first start in
// DATA/secret.key. Blocking; once, before the server starts. Knows nothing of tokens.
//
//   file = key LF *( previous-key LF )      white space around a line and empty lines are dropped
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "app/config.hpp"

namespace banter::app {

enum class MissingKey : std::uint8_t {
  make,    // DATA and DATA/secret.key (mode 0600) are created where they are missing
  ignore,  // nothing is touched: for `config check`
};

// Fills in config.secret_key and adds the file's previous keys to config.previous_keys. Gives where
// the key came from ("environment", or a path). The error says what to do. Refused: a file that
// others than its owner may read, and keys shorter than 32 bytes unless insecure_dev.
[[nodiscard]] std::expected<std::string, std::string> resolve_signing_key(Config& config,
                                                                          MissingKey missing);

// Fingerprints of all keys that this node believes (auth/token), and a name for it that no other
// has.
[[nodiscard]] std::vector<std::string> key_fingerprints(const Config& config);
[[nodiscard]] std::string random_node_id();

// The file a key is read from when the environment has none.
[[nodiscard]] std::filesystem::path signing_key_file(const Config& config);

}  // namespace banter::app
