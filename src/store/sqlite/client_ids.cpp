#include "store/sqlite/client_ids.hpp"

#include <sodium.h>

#include <bit>
#include <cstring>
#include <string>

#include "base/assert.hpp"
#include "chat/limits.hpp"

namespace banter::store {
namespace {

static_assert(std::endian::native == std::endian::little, "fingerprints are stored");
static_assert(crypto_shorthash_BYTES == sizeof(std::uint64_t));
static_assert(crypto_shorthash_KEYBYTES == 16);

}  // namespace

ClientIds::ClientIds(Connection& connection)
    : select_(connection,
              "SELECT seq FROM client_ids WHERE conversation = ?1 AND fingerprint = ?2"),
      insert_(connection,
              "INSERT INTO client_ids (conversation, fingerprint, seq) VALUES (?1, ?2, ?3)") {
  const std::string text = connection.query("SELECT value FROM meta WHERE key = 'client_id_key'");
  std::size_t size = 0;
  ASSERT(sodium_hex2bin(secret_.data(), secret_.size(), text.data(), text.size(), nullptr, &size,
                        nullptr) == 0 &&
             size == secret_.size(),
         "the first migration wrote 32 hex digits");
}

ClientIds::Key ClientIds::key(ConversationId conversation, UserId author,
                              std::string_view client_id) const {
  ASSERT(client_id.size() <= chat::client_id_bytes_max, "wire/command refuses longer ones");
  std::array<unsigned char, sizeof(std::int64_t) + chat::client_id_bytes_max> input{};
  std::memcpy(input.data(), &author.value, sizeof author.value);
  std::memcpy(input.data() + sizeof author.value, client_id.data(), client_id.size());
  std::array<unsigned char, crypto_shorthash_BYTES> hash{};
  crypto_shorthash(hash.data(), input.data(), sizeof author.value + client_id.size(),
                   secret_.data());
  std::uint64_t fingerprint = 0;
  std::memcpy(&fingerprint, hash.data(), sizeof fingerprint);
  return {.conversation = conversation, .fingerprint = fingerprint};
}

void ClientIds::Generation::add(Key key, Seq seq) {
  const auto [place, fresh] = seqs.try_emplace(key, seq);
  if (!fresh) collided.emplace_back(key, seq);
}

void ClientIds::Generation::remove(Key key, Seq seq) {
  std::erase(collided, std::pair(key, seq));
  const auto place = seqs.find(key);
  if (place != seqs.end() && place->second == seq) seqs.erase(place);
}

std::vector<Seq> ClientIds::in_tail(Key key) const {
  std::vector<Seq> found;
  for (const auto& generation : generations_) {
    const auto place = generation.seqs.find(key);
    if (place != generation.seqs.end()) found.push_back(place->second);
    for (const auto& [other, seq] : generation.collided) {
      if (other == key) found.push_back(seq);
    }
  }
  return found;
}

void ClientIds::begin_round() {
  std::swap(generations_[0], generations_[1]);
  generations_[0].seqs.clear();
  generations_[0].collided.clear();
}

std::vector<Seq> ClientIds::settled(Key key) {
  std::vector<Seq> found;
  auto rows = select_.rows(key.conversation.value, key.stored());
  while (rows.next()) found.push_back(Seq{rows.integer(0)});
  return found;
}

void ClientIds::settle(Key key, Seq seq) {
  insert_.run(key.conversation.value, key.stored(), seq.value);
}

}  // namespace banter::store
