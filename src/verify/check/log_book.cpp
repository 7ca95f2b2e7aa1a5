#include "verify/check/log_book.hpp"

#include <algorithm>
#include <vector>

namespace banter::verify {

bool LogBook::make_conversation(ConversationId conversation, Seq first) {
  return firsts_.emplace(conversation.value, first).second;
}

Log& LogBook::log(Life life, ConversationId conversation) {
  auto& log = logs_[{.life = life, .conversation = conversation.value}];
  if (!log) log = std::make_unique<Log>(conversation, life, firsts_[conversation.value]);
  return *log;
}

Text& LogBook::send(ConversationId conversation, TextKey key, bool fresh, Moment now) {
  const auto [found, inserted] = texts_.try_emplace(key);
  Text& text = found->second;
  if (inserted) {
    const Life life = epochs_.life();
    text = {.sent_at = now.at,
            .after = log(life, conversation).acked,
            .after_life = life,
            .line = now.line};
  }
  if (fresh) ++text.sends;
  return text;
}

Text* LogBook::find(TextKey key) {
  const auto found = texts_.find(key);
  return found == texts_.end() ? nullptr : &found->second;
}

Entry& LogBook::read(Log& log, const Message& message, Moment now, bool final) {
  Entry& entry = log.at(message.seq);
  const TextKey text = text_key(log.conversation(), message.user, message.body);
  if (entry.line == 0) {
    entry.text = text;
    entry.ts = static_cast<std::uint32_t>(message.ts);
    entry.line = now.line & HistoryReader::lines_max;
    if (entry.known_at == Entry::unknown) entry.known_at = now.at.count();
    read_first(log, entry, message, now);
  } else if (entry.text != text || entry.ts != static_cast<std::uint32_t>(message.ts)) {
    dispute(log, entry, message, now);
  }
  if (final) entry.in_final = 1;
  log.seen.raise(message.seq, now.line);
  return entry;
}

void LogBook::read_first(Log& log, Entry& entry, const Message& message, Moment now) {
  ++messages_;
  Text* text = find(entry.text);
  if (text == nullptr) {
    findings_.add(Invariant::read_was_sent, {now.line},
                  "conversation {} has seq {} of user {}, and that user never sent this text",
                  log.conversation().value, message.seq.value, message.user.value);
    return;
  }
  if (text->after_life == log.life() && message.seq <= text->after.seq) {
    findings_.add(Invariant::ack_orders_sends, {text->after.line, text->line, now.line},
                  "conversation {}: seq {} had been acknowledged before this was sent, and it is "
                  "at seq {}",
                  log.conversation().value, text->after.seq.value, message.seq.value);
  }
  count_stored(log, *text, entry, message.seq, now);
}

// Sockets of an older life may still be read from; what they bring counts no more.
void LogBook::count_stored(Log& log, Text& text, const Entry& entry, Seq seq, Moment now) {
  if (log.life() < text.stored_life) return;
  if (log.life() > text.stored_life) {
    text.stored_life = log.life();
    text.stored = 0;
  }
  if (++text.stored <= text.sends) return;
  Line other = 0;
  Seq other_seq;
  if (findings_.wants(Invariant::stored_once)) {
    log.for_each([&](Seq at, Entry& candidate) {
      if (candidate.text != entry.text || at == seq || candidate.line == 0) return;
      other = candidate.line;
      other_seq = at;
    });
  }
  findings_.add(Invariant::stored_once, {text.line, other, now.line},
                "conversation {}: sent to be stored {} and found at seq {} and at seq {}",
                log.conversation().value,
                text.sends == 1 ? "once" : fmt::format("{} times", text.sends), other_seq.value,
                seq.value);
}

void LogBook::dispute(Log& log, Entry& entry, const Message& message, Moment now) {
  if (entry.disputed != 0) return;
  entry.disputed = 1;
  const bool same_text = entry.text == text_key(log.conversation(), message.user, message.body);
  findings_.add(Invariant::one_message_per_seq, {entry.line, now.line},
                "conversation {}: seq {} is one message here and {} there",
                log.conversation().value, message.seq.value,
                same_text ? "the same with another ts" : "another");
}

void LogBook::read_of_any_life(ConversationId conversation, const Message& message, Moment now) {
  if (find(text_key(conversation, message.user, message.body)) != nullptr) return;
  findings_.add(Invariant::read_was_sent, {now.line},
                "conversation {} has seq {} of user {}, and that user never sent this text",
                conversation.value, message.seq.value, message.user.value);
}

void LogBook::for_each_log(const std::function<void(Log&)>& visit) {
  for (auto& [key, log] : logs_) visit(*log);
}

std::vector<ConversationId> LogBook::finish() {
  std::vector<ConversationId> unread;
  for_each_log([&](Log& log) {
    if (log.life() != epochs_.life()) return;
    bool any = false;
    log.for_each([&](Seq seq, const Entry& entry) {
      any = true;
      if (log.complete == 0 || entry.line == 0 || entry.in_final != 0) return;
      findings_.add(Invariant::seen_stays, {entry.line, log.complete},
                    "conversation {}: seq {} was seen and is not in the final history",
                    log.conversation().value, seq.value);
    });
    if (any && log.complete == 0) unread.push_back(log.conversation());
  });
  std::ranges::sort(unread);
  return unread;
}

}  // namespace banter::verify
