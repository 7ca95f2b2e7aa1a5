// Every bound of the product, with its unit and its reason. Operators change some of them through
// the configuration (app/config); what is constexpr here is not meant to be changed.
#pragma once

#include <chrono>
#include <cstddef>

namespace banter::chat {

using namespace std::chrono_literals;

// ---- one message
inline constexpr std::size_t text_bytes_max = 8 * 1024;    // contract, deviation 3; UTF-8, trimmed
inline constexpr std::size_t frame_bytes_max = 64 * 1024;  // inbound frame or fragments: close 1009
inline constexpr std::size_t client_id_bytes_max = 64;     // printable ASCII

// ---- one HTTP request
inline constexpr std::size_t head_bytes_max = 16 * 1024;  // 431 past it
inline constexpr std::size_t body_bytes_max = 64 * 1024;  // 413 past it
inline constexpr auto head_time_max = 10s;                // a head that takes longer: closed
inline constexpr auto body_time_max = 30s;                // a body that takes longer: closed
inline constexpr auto keep_alive_idle_max = 75s;          // an idle connection: closed
inline constexpr std::size_t members_max = 1'000;         // of a new conversation: 400 past it

inline constexpr std::size_t conversations_listed_max = 10'000;  // newest first

// ---- the append queue, per node: about a second of what the store can take
inline constexpr std::size_t append_queue_events_max = 10'000;
inline constexpr std::size_t append_queue_bytes_max = 8 * 1024 * 1024;
inline constexpr std::size_t append_batch_events_max = 1'024;  // docs/decisions/0004
inline constexpr std::size_t append_batch_bytes_max = 1024 * 1024;

// ---- one socket
inline constexpr std::size_t uncommitted_sends_max = 32;         // past it reading pauses
inline constexpr std::size_t uncommitted_bytes_max = 64 * 1024;  // past it reading pauses
inline constexpr std::size_t outbox_bytes_max = 1024 * 1024;     // past it: close 4108
inline constexpr auto outbox_stall_max = 10s;              // no progress for this long: close 4108
inline constexpr auto ping_interval = 20s;                 // contract section 5
inline constexpr auto pong_wait_max = 20s;                 // then 1011 keepalive ping timeout
inline constexpr std::size_t errors_per_window_max = 100;  // error frames in 10 s; then 4009
inline constexpr auto errors_window = 10s;

// ---- history
inline constexpr std::size_t history_default = 50;                // messages
inline constexpr std::size_t history_max = 200;                   // messages
inline constexpr std::size_t first_frame_bytes_max = 512 * 1024;  // encoded; at least one message
inline constexpr std::size_t resume_page_bytes_max = 256 * 1024;  // encoded
inline constexpr std::size_t window_events_max = 200;        // recent events of a live conversation
inline constexpr std::size_t window_bytes_max = 512 * 1024;  // payload bytes of one window
inline constexpr std::size_t windows_bytes_max =
    64 * 1024 * 1024;                                  // payload bytes of a reactor's windows
inline constexpr auto timeline_linger = 30s;           // after the last reader
inline constexpr std::size_t hold_events_max = 1'024;  // early events of one timeline

// ---- fan-out
inline constexpr std::size_t flushes_per_turn_max = 500;  // sockets
inline constexpr std::size_t shared_frame_bytes_min =
    8 * 1024;  // larger frames are shared, not copied

}  // namespace banter::chat
