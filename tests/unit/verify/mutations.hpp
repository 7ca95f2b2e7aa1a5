// Mutations: small lies put into a correct history, each of which breaks the promise. Pure, given
// their generator.
#pragma once

#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace banter::verify {

struct Mutation {
  std::string name;
  // The history with one lie; nullopt: there is nothing in it to lie about in this way.
  std::function<std::optional<std::string>(const std::string& history, std::mt19937& generator)>
      apply;
};

[[nodiscard]] const std::vector<Mutation>& mutations();

}  // namespace banter::verify
