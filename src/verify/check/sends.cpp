#include "verify/check/sends.hpp"

#include <algorithm>
#include <utility>

namespace banter::verify {

// Whether the text may be stored once more because of this send.
bool Sends::begin(ClientKey client, Attempt& attempt, bool inserted, TextKey text,
                  const Socket& socket, Moment now) {
  if (inserted) {
    attempt = {.text = text,
               .sent_at = now.at,
               .conversation = socket.conversation,
               .seq = {},
               .line = now.line};
    ++figures_.client_ids;
    if (waiting_++ == 0) waiting_since_ = now.at;
    return true;
  }
  attempt.again = true;
  if (attempt.refused) {
    attempt.refused = false;
    attempt.sent_at = now.at;
    if (waiting_++ == 0) waiting_since_ = now.at;
  }
  if (attempt.text == text) return false;
  attempt.rivals = true;
  const Rival rival{.client = client, .text = text, .line = now.line};
  return rivals_.try_emplace(key(client, text), rival).second;
}

void Sends::send(Socket& socket, const Send& send, Moment now) {
  ++figures_.sends;
  const TextKey text = text_key(socket.conversation, socket.user, send.body);
  if (send.client_id.empty()) {
    (void)book_.send(socket.conversation, text, true, now);
    return;
  }
  const ClientKey client = client_key(socket.conversation, socket.user, send.client_id);
  const auto [found, inserted] = attempts_.try_emplace(client);
  const bool fresh = begin(client, found->second, inserted, text, socket, now);
  (void)book_.send(socket.conversation, text, fresh, now);
  socket.pending.push_back(
      {.client = client, .text = text, .sent = now, .epoch = epochs_.newest(), .seq = {}});
}

// The oldest send that waits, if possible one with this text (or with another, if not same_text).
Pending* Sends::find_pending(Socket& socket, ClientKey client, TextKey text, bool same_text) {
  Pending* oldest = nullptr;
  for (auto& pending : socket.pending) {
    if (pending.client != client || pending.state != Pending::State::waiting) continue;
    if ((pending.text == text) == same_text) return &pending;
    if (oldest == nullptr) oldest = &pending;
  }
  return oldest;
}

void Sends::ack(Socket& socket, const Ack& ack, Moment now) {
  ++figures_.acks;
  if (waiting_ > 0) periods_.no_ack(std::exchange(waiting_since_, now.at), now.at);
  const EpochNumber epoch = epochs_.see(ack.epoch, now);
  const ClientKey client = client_key(socket.conversation, socket.user, ack.client_id);
  const auto found = attempts_.find(client);
  if (found == attempts_.end()) {
    findings_.add(Invariant::resend_same_ack, {now.line},
                  "socket {} got an ack of {}, which its user never sent there", socket.id.value,
                  ack.client_id);
    return;
  }
  Attempt& attempt = found->second;
  Log& log = book_.log(epochs_.life_of(epoch), socket.conversation);
  Pending* pending = find_pending(socket, client, attempt.text, true);
  if (pending == nullptr) {
    findings_.add(Invariant::resend_same_ack, {attempt.line, attempt.ack_line, now.line},
                  "socket {} got an ack of {} that answers no send", socket.id.value,
                  ack.client_id);
  } else {
    expect_store(*pending, now);
    expect_member(socket, *pending, now);
    expect_epoch(socket, *pending, epoch, now);
    pending->state = Pending::State::acked;
    pending->seq = ack.seq;
    pending->ack_line = now.line;
  }
  if (attempt.ack_line == 0 || attempt.life < log.life()) {
    first_ack(socket, attempt, pending, ack, log, now);
  } else if (attempt.life == log.life()) {
    compare(attempt, pending == nullptr ? attempt.text : pending->text, ack, now);
  }
  settle_in_order(socket);
}

void Sends::first_ack(const Socket& socket, Attempt& attempt, const Pending* pending,
                      const Ack& ack, Log& log, Moment now) {
  if (attempt.ack_line == 0 && !attempt.refused) --waiting_;
  if (pending != nullptr && pending->text != attempt.text) {
    // The text of the first send was not what got there.
    rivals_.try_emplace(
        key(pending->client, attempt.text),
        Rival{.client = pending->client, .text = attempt.text, .line = attempt.line});
    attempt.text = pending->text;
  }
  attempt.seq = ack.seq;
  attempt.ts = static_cast<std::uint32_t>(ack.ts);
  attempt.life = log.life();
  attempt.ack_line = now.line;
  attempt.refused = false;
  Entry& entry = log.at(ack.seq);
  if (entry.known_at == Entry::unknown) entry.known_at = now.at.count();
  log.acked.raise(ack.seq, now.line);
  if (socket.kind != SocketKind::member) return;
  periods_.measure(Measured::ack, attempt.sent_at, now.at);
  periods_.arrived(attempt.sent_at, now.at);
  expect_soon(std::max(attempt.sent_at, socket.live_at), attempt.line, now);
}

void Sends::compare(const Attempt& attempt, TextKey text, const Ack& ack, Moment now) {
  if (text != attempt.text) {
    findings_.add(Invariant::conflict_on_other_body, {attempt.ack_line, now.line},
                  "{} was acknowledged with one text and with another", ack.client_id);
  } else if (ack.seq != attempt.seq) {
    findings_.add(Invariant::stored_once, {attempt.line, attempt.ack_line, now.line},
                  "{} was acknowledged at seq {} and at seq {}", ack.client_id, attempt.seq.value,
                  ack.seq.value);
  } else if (static_cast<std::uint32_t>(ack.ts) != attempt.ts) {
    findings_.add(Invariant::resend_same_ack, {attempt.ack_line, now.line},
                  "{} was acknowledged twice, with two values of ts", ack.client_id);
  }
}

void Sends::expect_store(const Pending& pending, Moment now) {
  if (!outage_) return;
  const bool begun_within = pending.sent.line > outage_->line;
  if (!begun_within && now.at <= outage_->at + bounds_.ack_in_flight_max) return;
  findings_.add(Invariant::no_ack_without_store, {outage_->line, pending.sent.line, now.line},
                "acknowledged {} ms after the store had gone out, {}",
                (now.at - outage_->at).count() / 1000,
                begun_within ? "and sent after that" : "too late to have been on its way");
}

void Sends::expect_member(const Socket& socket, const Pending& pending, Moment now) {
  const auto out = members_.removed(socket.conversation, socket.user);
  if (!out || pending.sent.line < out->line) return;
  findings_.add(Invariant::members_only, {out->line, pending.sent.line, now.line},
                "user {} {} conversation {}, sent to it, and got an ack", socket.user.value,
                out->always ? "never was in" : "had been removed from", socket.conversation.value);
}

void Sends::expect_epoch(const Socket& socket, const Pending& pending, EpochNumber epoch,
                         Moment now) {
  epochs_.expect_no_return(epoch, pending.epoch, pending.sent.line, now);
  if (socket.epoch == 0 || epochs_.life_of(epoch) == epochs_.life_of(socket.epoch)) return;
  findings_.add(Invariant::epoch_moves_forward, {socket.last_line, now.line},
                "socket {} joined in epoch {} and goes on in {}", socket.id.value,
                epochs_.name_of(socket.epoch), epochs_.name_of(epoch));
}

bool Sends::sent_once(const Pending& pending) const {
  const auto found = attempts_.find(pending.client);
  return found != attempts_.end() && !found->second.again;
}

// A send whose outcome is unknown may be stored anywhere, so order is compared only between two
// between which nothing unknown lies, and of which none was sent again: perhaps elsewhere, and
// faster. What had its ack before the next was sent is ordered by that ack.
void Sends::settle_in_order(Socket& socket) {
  while (!socket.pending.empty() && socket.pending.front().state != Pending::State::waiting) {
    const Pending next = socket.pending.front();
    socket.pending.pop_front();
    if (next.state == Pending::State::unknown) socket.ordered = {};
    if (next.state != Pending::State::acked || !sent_once(next)) continue;
    const Pending& before = socket.ordered;
    if (before.state == Pending::State::acked && sent_once(before) && next.seq <= before.seq &&
        before.ack_line > next.sent.line) {
      findings_.add(Invariant::sender_order,
                    {before.sent.line, before.ack_line, next.sent.line, next.ack_line},
                    "socket {} sent two messages, and the first is at seq {}, the second at {}",
                    socket.id.value, before.seq.value, next.seq.value);
    }
    socket.ordered = next;
  }
}

void Sends::refuse(Attempt& attempt) {
  if (attempt.ack_line != 0 || attempt.refused) return;
  attempt.refused = true;
  --waiting_;
}

void Sends::error(Socket& socket, const ErrorFrame& error, Moment now) {
  if (error.client_id.empty()) return;
  const ClientKey client = client_key(socket.conversation, socket.user, error.client_id);
  const auto found = attempts_.find(client);
  if (found == attempts_.end()) return;
  Attempt& attempt = found->second;
  const bool conflict = error.code == "conflict";
  Pending* pending = find_pending(socket, client, attempt.text, !conflict);
  if (pending == nullptr) return;
  pending->state = error.code == "unavailable" ? Pending::State::unknown : Pending::State::refused;
  if (conflict) {
    const bool was_acked = attempt.ack_line != 0 && pending->text == attempt.text;
    if (!attempt.rivals || was_acked) {
      findings_.add(Invariant::conflict_on_other_body,
                    {attempt.line, attempt.ack_line, pending->sent.line, now.line},
                    "{} is a conflict, though {}", error.client_id,
                    was_acked ? "this very text was acknowledged" : "it has one text only");
    }
  } else if (error.code != "unavailable" && error.code != "overloaded") {
    refuse(attempt);
  }
  settle_in_order(socket);
}

void Sends::outage(bool begins, Moment now) {
  outage_ = begins ? std::optional(now) : std::nullopt;
}

void Sends::expect_soon(Instant origin, Line sent, Moment now) {
  const auto calm = periods_.calm_since(origin);
  if (!calm) return;
  const bool failover = periods_.failover_since(origin);
  if (now.at - *calm <= (failover ? bounds_.failover_within : bounds_.sends_within)) return;
  findings_.add(Invariant::sends_succeed, {sent, now.line}, "a send waited {} ms{}",
                (now.at - *calm).count() / 1000, *calm > origin ? " after the end of a fault" : "");
}

void Sends::left_open(const Socket& socket, Moment end) {
  if (socket.kind != SocketKind::member) return;
  for (const auto& pending : socket.pending) {
    if (pending.state != Pending::State::waiting) continue;
    expect_soon(std::max(pending.sent.at, socket.live_at), pending.sent.line, end);
  }
}

void Sends::finish_attempt(const Attempt& attempt) {
  if (attempt.ack_line == 0) {
    figures_.unknown += attempt.refused ? 0 : 1;
    return;
  }
  if (attempt.life != epochs_.life()) return;
  Log& log = book_.log(attempt.life, attempt.conversation);
  if (log.complete == 0) return;
  const Entry* entry = log.find(attempt.seq);
  if (entry == nullptr || entry->in_final == 0) {
    findings_.add(Invariant::acked_is_stored, {attempt.line, attempt.ack_line, log.complete},
                  "conversation {}: seq {} was acknowledged and is not in the final history",
                  attempt.conversation.value, attempt.seq.value);
  } else if (entry->text != attempt.text || entry->ts != attempt.ts) {
    findings_.add(Invariant::acked_is_stored, {attempt.line, attempt.ack_line, entry->line},
                  "conversation {}: seq {} is not what was acknowledged{}",
                  attempt.conversation.value, attempt.seq.value,
                  entry->text == attempt.text ? ": its ts differs" : "");
  }
}

void Sends::finish_rival(const Rival& rival) {
  const auto& attempt = attempts_.at(rival.client);
  if (rival.text == attempt.text) return;
  const auto stored = [this](TextKey key) {
    const Text* text = book_.find(key);
    return text != nullptr && text->sends == 1 && text->stored > 0 &&
           text->stored_life == epochs_.life();
  };
  if (!stored(attempt.text) || !stored(rival.text)) return;
  findings_.add(Invariant::conflict_on_other_body, {attempt.line, rival.line},
                "conversation {}: a client_id was sent with two texts, and both are stored",
                attempt.conversation.value);
}

void Sends::finish(Moment end) {
  if (waiting_ > 0) periods_.no_ack(waiting_since_, end.at);
  for (const auto& [client, attempt] : attempts_) finish_attempt(attempt);
  for (const auto& [key, rival] : rivals_) finish_rival(rival);
}

}  // namespace banter::verify
