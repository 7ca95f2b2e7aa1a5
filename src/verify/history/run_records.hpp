// Records of a run as a whole: what it is, who takes part, what is done to the deployment. Values.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "verify/history/message.hpp"

namespace banter::verify {

inline constexpr std::string_view history_format = "banter-history";
inline constexpr std::int64_t history_version = 1;

struct Run {
  static constexpr std::string_view type = "run";
  std::string_view format = history_format;
  std::int64_t version = history_version;
  std::int64_t seed = 0;
  std::span<const std::string_view> nodes{};
  std::string_view options{};
  static void fields(auto& self, auto& field) {
    field("format", self.format);
    field("version", self.version);
    field.maybe("seed", self.seed);
    field("nodes", self.nodes);
    field.maybe("options", self.options);
  }
};

struct End {
  static constexpr std::string_view type = "end";
  static void fields(auto&, auto&) {}
};

struct UserMade {
  static constexpr std::string_view type = "user";
  UserId user{};
  static void fields(auto& self, auto& field) { field("user", self.user); }
};

struct ConversationMade {
  static constexpr std::string_view type = "conversation";
  ConversationId conversation{};
  std::span<const UserId> members{};
  Seq first{1};
  static void fields(auto& self, auto& field) {
    field("conversation", self.conversation);
    field("members", self.members);
    field.maybe("first", self.first, Seq{1});
  }
};

enum class ChangeKind : std::uint8_t { add, remove, activate, deactivate };

struct ChangeBegun {
  static constexpr std::string_view type = "change";
  CallId call{};
  ChangeKind what = ChangeKind::add;
  UserId user{};
  ConversationId conversation{};  // of add and remove
  static void fields(auto& self, auto& field) {
    field("call", self.call);
    field("what", self.what);
    field("user", self.user);
    field.maybe("conversation", self.conversation);
  }
};

struct ChangeEnded {
  static constexpr std::string_view type = "changed";
  CallId call{};
  bool done = false;
  static void fields(auto& self, auto& field) {
    field("call", self.call);
    field("done", self.done);
  }
};

struct FaultBegun {
  static constexpr std::string_view type = "fault";
  FaultId fault{};
  std::string_view what{};
  std::string_view target{};  // a node of the run; anything else concerns all of them
  bool failover = false;      // sends may take longer after it
  bool new_epoch = false;     // the epoch may change, and nothing may be lost
  bool may_lose = false;      // the epoch may change, and what was stored last may be gone
  static void fields(auto& self, auto& field) {
    field("fault", self.fault);
    field("what", self.what);
    field("target", self.target);
    field.maybe("failover", self.failover);
    field.maybe("new_epoch", self.new_epoch);
    field.maybe("may_lose", self.may_lose);
  }
};

struct FaultEnded {
  static constexpr std::string_view type = "fault_end";
  FaultId fault{};
  static void fields(auto& self, auto& field) { field("fault", self.fault); }
};

// While a rude neighbour is there.
struct LoadBegun {
  static constexpr std::string_view type = "load";
  LoadId load{};
  std::string_view what{};
  static void fields(auto& self, auto& field) {
    field("load", self.load);
    field("what", self.what);
  }
};

struct LoadEnded {
  static constexpr std::string_view type = "load_end";
  LoadId load{};
  static void fields(auto& self, auto& field) { field("load", self.load); }
};

// From here until its end no node can reach the store.
struct OutageBegun {
  static constexpr std::string_view type = "outage";
  static void fields(auto&, auto&) {}
};

struct OutageEnded {
  static constexpr std::string_view type = "outage_end";
  static void fields(auto&, auto&) {}
};

enum class SampleWhen : std::uint8_t { during, baseline, end };

struct Sample {
  static constexpr std::string_view type = "sample";
  std::string_view node{};
  std::int64_t rss = 0;  // bytes
  std::int64_t fds = 0;
  SampleWhen when = SampleWhen::during;
  static void fields(auto& self, auto& field) {
    field("node", self.node);
    field("rss", self.rss);
    field("fds", self.fds);
    field.maybe("when", self.when);
  }
};

}  // namespace banter::verify
