#include "crowd.hpp"

#include <map>
#include <sstream>

namespace wsload {

namespace {

using std::string;

constexpr std::size_t pairs_max = 200'000'000;  // four bytes each in DeliveryCheck

void join(Crowd& crowd, std::uint32_t member, std::uint32_t conversation) {
  crowd.members[member].conversation = conversation;
  crowd.conversations[conversation].members.push_back(member);
}

void plan_from_pairs(Crowd& crowd, const string& file) {
  const auto lines = read_lines(file);
  if (lines.size() < crowd.members.size()) {
    die(file + " has fewer lines than there are connections");
  }
  std::map<string, std::uint32_t> index;
  for (std::uint32_t i = 0; i < crowd.members.size(); ++i) {
    std::istringstream line(lines[i]);
    string name;
    line >> name >> crowd.members[i].token;
    const auto next = static_cast<std::uint32_t>(crowd.conversations.size());
    const auto [at, is_new] = index.emplace(name, next);
    if (is_new) crowd.conversations.push_back({name, {}, 0});
    join(crowd, i, at->second);
  }
}

void plan_evenly(Crowd& crowd, const Options& options) {
  std::vector<string> names, tokens;
  if (!options.convs_file.empty()) names = read_lines(options.convs_file);
  if (!options.tokens_file.empty()) tokens = read_lines(options.tokens_file);
  const std::size_t count = (crowd.members.size() + options.per_conv - 1) / options.per_conv;
  if (!names.empty() && names.size() < count) die(options.convs_file + " has too few lines");
  for (std::size_t i = 0; i < count; ++i) {
    crowd.conversations.push_back({names.empty() ? "c" + std::to_string(i) : names[i], {}, 0});
  }
  for (std::uint32_t i = 0; i < crowd.members.size(); ++i) {
    crowd.members[i].token = tokens.empty() ? "t" + std::to_string(i) : tokens[i % tokens.size()];
    join(crowd, i, i / options.per_conv);
  }
}

// First the first sender of every conversation, then the second, and so on: the open loop walks
// this list, so neighbours are in different conversations.
void choose_senders(Crowd& crowd, const Options& options) {
  const unsigned most = options.mode == Mode::idle ? 0 : options.senders;
  for (unsigned k = 0; k < most; ++k) {
    for (auto& conversation : crowd.conversations) {
      if (k >= conversation.members.size()) continue;
      const auto member = conversation.members[k];
      crowd.members[member].sender = static_cast<std::int32_t>(crowd.senders.size());
      crowd.senders.push_back({member, conversation.senders++, 0, {}});
      if (options.mode == Mode::closed) crowd.senders.back().slots.resize(options.window);
    }
  }
}

}  // namespace

Crowd plan_crowd(const Options& options) {
  Crowd crowd;
  if (options.connections >= 1U << 24) die("too many connections");
  crowd.members.resize(options.connections);
  if (options.pairs_file.empty()) {
    plan_evenly(crowd, options);
  } else {
    plan_from_pairs(crowd, options.pairs_file);
  }
  choose_senders(crowd, options);
  for (auto& member : crowd.members) {
    member.first_pair = static_cast<std::uint32_t>(crowd.pairs);
    crowd.pairs += crowd.conversations[member.conversation].senders;
  }
  if (crowd.pairs > pairs_max) die("too many (sender, member) pairs");
  return crowd;
}

}  // namespace wsload
