// Virtual time: what the simulation has instead of a clock. In a program that links this, the
// steady and the system clock stand still until advance() is called, and Asio's timers follow them.
// One thread.
#pragma once

#include <chrono>
#include <optional>

namespace banter::simulation {

// Begins at the same instant again; only where no io_context is.
void begin();
// When the next timer of any io_context is due; nullopt: none is set.
[[nodiscard]] std::optional<std::chrono::steady_clock::time_point> next_timer();
// How far the system clock goes wrong, from now on.
void set_wall_offset(std::chrono::seconds offset);
// Not backwards. What is due becomes so; io_context::poll() then runs it.
void advance(std::chrono::steady_clock::time_point to);

}  // namespace banter::simulation
