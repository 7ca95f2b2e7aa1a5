// Importer: moves what a DjangoSource has into an ImportTarget, and counts what it did and what it
// could not take. Can be run again: what is there already stays as it is, and what has been added
// to the source since is added. Owned by one command; one thread, blocking. Throws Unavailable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/import/django_source.hpp"
#include "store/import_target.hpp"

namespace banter::app {

// One thing that was not taken, or not as it was. Examples are kept, all are counted.
struct ImportProblem {
  std::size_t count = 0;
  std::vector<std::string> examples;  // at most examples_max, each a few words
  static constexpr std::size_t examples_max = 5;
};

struct ImportReport {
  std::size_t accounts_added = 0;
  std::size_t accounts_there = 0;
  std::size_t conversations_added = 0;
  std::size_t conversations_there = 0;
  std::size_t members_added = 0;
  std::size_t messages_added = 0;
  std::size_t messages_lost = 0;                  // numbers without a message, now events `lost`
  std::map<std::string, ImportProblem> problems;  // by what went wrong, a sentence
};

class Importer {
 public:
  // done of total, now and then.
  using Progress = std::function<void(std::string_view what, std::size_t done, std::int64_t total)>;
  Importer(DjangoSource& source, store::ImportTarget& target, Progress progress);

  void run();
  // Also of a run that was broken off.
  [[nodiscard]] const ImportReport& report() const { return report_; }

 private:
  void import_users(std::int64_t total);
  void import_user(const DjangoUser& user);
  void import_conversations(std::int64_t total);
  void import_conversation(const DjangoConversation& conversation);
  void look_for_orphans();
  void tell(const std::string& problem, std::string example);

  DjangoSource& source_;
  store::ImportTarget& target_;
  Progress progress_;
  ImportReport report_;
  std::vector<std::int64_t> conversations_;  // of the source, ascending
};

}  // namespace banter::app
