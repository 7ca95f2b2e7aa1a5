#include "verify/check/log.hpp"

namespace banter::verify {

Entry& Log::at(Seq seq) {
  const std::int64_t number = seq.value / page_seqs;
  if (number != hot_number_) {
    auto& page = pages_[number];
    if (!page) page = std::make_unique<Page>();
    hot_ = page.get();
    hot_number_ = number;
  }
  return (*hot_)[static_cast<std::size_t>(seq.value % page_seqs)];
}

Entry* Log::find(Seq seq) {
  const std::int64_t number = seq.value / page_seqs;
  if (number != hot_number_) {
    const auto page = pages_.find(number);
    if (page == pages_.end()) return nullptr;
    hot_ = page->second.get();
    hot_number_ = number;
  }
  auto& entry = (*hot_)[static_cast<std::size_t>(seq.value % page_seqs)];
  return entry.known_at == Entry::unknown ? nullptr : &entry;
}

void Log::for_each(const std::function<void(Seq, Entry&)>& visit) {
  for (auto& [number, page] : pages_) {
    for (std::int64_t i = 0; i < page_seqs; ++i) {
      auto& entry = (*page)[static_cast<std::size_t>(i)];
      if (entry.known_at != Entry::unknown) visit(Seq{number * page_seqs + i}, entry);
    }
  }
}

}  // namespace banter::verify
