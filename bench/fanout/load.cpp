#include "load.hpp"

#include <algorithm>

namespace wsload {

namespace {

using std::string;
using std::string_view;

string make_padding(const Options& options) {
  static constexpr string_view plain = " the quick brown fox jumps over the lazy dog";
  // Written as it stands inside a JSON string: two escapes and UTF-8.
  static constexpr string_view mixed = " na\xc3\xafve \\\"caf\xc3\xa9\\\" \\n \xf0\x9f\x99\x82";
  const string_view pattern = options.mixed_payload ? mixed : plain;
  string text;
  while (text.size() < options.size - Mark::length) text += pattern;
  // Whole patterns only when mixed, so that no escape is cut in half.
  if (!options.mixed_payload) text.resize(options.size - Mark::length);
  return text;
}

}  // namespace

Load::Load(const Options& options)
    : options_(options),
      adapter_(make_adapter(options.protocol)),
      crowd_(plan_crowd(options)),
      deliveries_(crowd_.pairs),
      network_(options, crowd_, *this),
      random_(std::random_device{}()),
      run_(static_cast<unsigned>(random_() & 0xffff)),
      padding_(make_padding(options)) {}

void Load::start_sending() {
  sending_ = options_.mode != Mode::idle && !crowd_.senders.empty();
  next_send_ = now_ns();
  if (options_.mode != Mode::closed || !sending_) return;
  for (auto& sender : crowd_.senders) {
    for (unsigned i = 0; i < options_.window; ++i) send_message(sender, now_ns());
  }
}

void Load::start_measuring() {
  window_ = {};
  latency_ = Histogram{};
  lag_ = Histogram{};
  acks_.reset_window();
  network_.counters = {};
  measuring_ = true;
}

void Load::send_message(Sender& sender, Nanos stamp) {
  if (!network_.is_ready(sender.member) || totals_.sent >= options_.max_messages) return;
  if (network_.is_blocked(sender.member)) {
    ++totals_.blocked;
    return;
  }
  const Mark mark{.run = run_, .sender = sender.member, .seq = sender.sent++, .time = stamp};
  message_.clear();
  if (options_.client_id) {
    message_ += R"({"client_id":")";
    const std::size_t at = message_.size();
    message_.resize(at + client_id_length);
    write_client_id(message_.data() + at, mark);
    message_ += R"(","text":")";
    acks_.sent(mark);
  } else {
    message_ += adapter_->prefix();
  }
  const std::size_t at = message_.size();
  message_.resize(at + Mark::length);
  write_mark(message_.data() + at, mark);
  message_ += padding_;
  message_ += adapter_->suffix();

  const auto& conversation = crowd_.conversations[crowd_.members[sender.member].conversation];
  const auto receivers =
      static_cast<std::uint32_t>(conversation.members.size() - (options_.echo ? 0 : 1));
  const auto free = std::ranges::find(sender.slots, 0U, &Slot::missing);
  if (free != sender.slots.end()) *free = {mark.seq, receivers, stamp};
  outstanding_ += receivers;
  ++totals_.sent;
  if (measuring_) ++window_.sent;
  network_.send_text(sender.member, message_);
}

void Load::on_open(std::uint32_t connection) {
  if (adapter_->ready_on_upgrade()) network_.become_ready(connection);
}

void Load::on_message(std::uint32_t connection, string_view message, Nanos now) {
  string reply;
  switch (adapter_->on_message(message, network_.is_ready(connection), reply)) {
    case Reaction::ready:
      network_.become_ready(connection);
      break;
    case Reaction::reply:
      network_.send_text(connection, reply);
      break;
    case Reaction::ignore:
      ++window_.other;
      break;
    case Reaction::delivery:
      on_delivery(connection, message, now);
      break;
    case Reaction::ack:
      on_ack(connection, message, now);
      break;
  }
}

void Load::on_ack(std::uint32_t connection, string_view message, Nanos now) {
  const auto mark = find_client_id(message);
  if (!mark || mark->run != run_ || mark->sender != connection) {
    ++totals_.misrouted;
    return;
  }
  acks_.received(*mark, now, measuring_);
}

void Load::on_delivery(std::uint32_t connection, string_view message, Nanos now) {
  const bool wanted =
      options_.delivery_match.empty() || message.find(options_.delivery_match) != string_view::npos;
  const auto mark = find_mark(message);
  if (!wanted || !mark || mark->run != run_) {
    ++window_.other;
    return;
  }
  const Member& member = crowd_.members[connection];
  if (mark->sender >= crowd_.members.size() || crowd_.members[mark->sender].sender < 0 ||
      crowd_.members[mark->sender].conversation != member.conversation) {
    ++totals_.misrouted;
    return;
  }
  auto& sender = crowd_.senders[static_cast<std::size_t>(crowd_.members[mark->sender].sender)];
  if (mark->seq >= sender.sent) {
    ++totals_.misrouted;
    return;
  }
  if (!deliveries_.first_copy(member.first_pair + sender.local, mark->seq)) return;
  --outstanding_;
  if (measuring_) {
    ++window_.deliveries;
    latency_.record(now > mark->time ? now - mark->time : 0);
  }
  release_slot(sender, mark->seq);
}

// One copy more has arrived; after the last one the sender may send again.
void Load::release_slot(Sender& sender, std::uint32_t seq) {
  for (Slot& slot : sender.slots) {
    if (slot.seq != seq || slot.missing == 0) continue;
    if (--slot.missing == 0 && sending_) {
      to_send_.push_back(static_cast<std::uint32_t>(&sender - crowd_.senders.data()));
    }
    return;
  }
}

void Load::on_read_end() {
  while (!to_send_.empty()) {
    Sender& sender = crowd_.senders[to_send_.back()];
    to_send_.pop_back();
    if (sending_) send_message(sender, now_ns());
  }
}

void Load::run_for(Nanos span) {
  const Nanos end = now_ns() + span;
  for (Nanos now = now_ns(); now < end; now = now_ns()) {
    Nanos wake = std::min(end, now + second / 10);
    if (sending_ && options_.mode == Mode::open) {
      send_due(now);
      wake = std::min(wake, next_send_);
    }
    if (sending_ && options_.mode == Mode::closed && now > next_sweep_) sweep(now);
    network_.poll_once(wake);
  }
}

void Load::send_due(Nanos now) {
  std::exponential_distribution<double> gap(options_.rate);
  for (unsigned burst = 0; next_send_ <= now && burst < 64; ++burst) {
    if (measuring_) lag_.record(now - next_send_);
    send_message(crowd_.senders[next_sender_], next_send_);
    next_sender_ = (next_sender_ + 1) % crowd_.senders.size();
    next_send_ += seconds(options_.poisson ? gap(random_) : 1.0 / options_.rate);
  }
}

// Gives up on messages that never arrive, so that the loop stays closed.
void Load::sweep(Nanos now) {
  next_sweep_ = now + second;
  for (auto& sender : crowd_.senders) {
    for (auto& slot : sender.slots) {
      if (slot.missing == 0 || now - slot.sent <= seconds(options_.loss_timeout)) continue;
      slot.missing = 0;
      ++totals_.given_up;
      send_message(sender, now);
    }
  }
}

}  // namespace wsload
