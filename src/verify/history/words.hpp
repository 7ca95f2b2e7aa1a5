// How the choices of a record are spelled, for reading and for writing.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "verify/history/record.hpp"

namespace banter::verify {

template <class Choice, std::size_t size>
using Words = std::array<std::pair<Choice, std::string_view>, size>;

constexpr Words<SocketKind, 4> words_of(SocketKind) {
  return {{{SocketKind::member, "member"},
           {SocketKind::spy, "spy"},
           {SocketKind::slow, "slow"},
           {SocketKind::flood, "flood"}}};
}

constexpr Words<ChangeKind, 4> words_of(ChangeKind) {
  return {{{ChangeKind::add, "add"},
           {ChangeKind::remove, "remove"},
           {ChangeKind::activate, "activate"},
           {ChangeKind::deactivate, "deactivate"}}};
}

constexpr Words<ClosedBy, 3> words_of(ClosedBy) {
  return {
      {{ClosedBy::server, "server"}, {ClosedBy::client, "client"}, {ClosedBy::network, "network"}}};
}

constexpr Words<SampleWhen, 3> words_of(SampleWhen) {
  return {{{SampleWhen::during, "during"},
           {SampleWhen::baseline, "baseline"},
           {SampleWhen::end, "end"}}};
}

template <class Choice>
constexpr std::string_view word_of(Choice choice) {
  for (const auto& [value, word] : words_of(Choice{})) {
    if (value == choice) return word;
  }
  return {};
}

}  // namespace banter::verify
