// The line is built by the thread that logs; spdlog's queue and thread only carry it to stderr.
//
//   logfmt   line = "time=" TIME " level=" LEVEL " event=" value *( " " key "=" value )
//            value = 1*safe / quoted        safe: printable, no space, no '"', '=' or '\'
//   json     line = one object with the same members in the same order
//
// Inside quotes both formats escape '"', '\' and control characters as JSON does. A value that is
// not UTF-8 is written with every byte over 0x7F as \u00XX.
#include "base/log.hpp"

#include <fmt/format.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <iterator>
#include <memory>
#include <mutex>
#include <shared_mutex>

#include "base/utf8.hpp"

namespace banter::log {
namespace {

constexpr std::size_t queue_lines_max = 8'192;
constexpr std::size_t value_bytes_max = 1'024;  // a path may hold 16 KiB; a line is for people

using Buffer = fmt::memory_buffer;

// The thread ends first (members go in reverse): what it still writes holds the logger.
struct Output {
  std::shared_ptr<spdlog::async_logger> logger;
  std::shared_ptr<spdlog::details::thread_pool> thread;
  Format format = Format::logfmt;
};

std::atomic<Level> threshold{Level::off};

// Writers share it, start() and stop() own it alone.
std::shared_mutex output_mutex;
std::unique_ptr<Output> output;

void append(Buffer& line, std::string_view text) {
  line.append(text.data(), text.data() + text.size());
}

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
    case Level::off:
      break;
  }
  return "off";
}

// At most value_bytes_max bytes, not cut inside a character.
std::string_view shortened(std::string_view text) {
  if (text.size() <= value_bytes_max) return text;
  std::size_t end = value_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
  return text.substr(0, end);
}

void append_escaped(Buffer& line, std::string_view text) {
  const bool utf8 = base::is_utf8(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are control characters too, and terminals obey some of them.
    const bool c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte == '"' || byte == '\\') {
      line.push_back('\\');
      line.push_back(text[i]);
    } else if (byte == '\n') {
      append(line, "\\n");
    } else if (utf8 && c1) {
      fmt::format_to(std::back_inserter(line), "\\u00{:02x}",
                     static_cast<unsigned char>(text[++i]));
    } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !utf8)) {
      fmt::format_to(std::back_inserter(line), "\\u00{:02x}", byte);
    } else {
      line.push_back(text[i]);
    }
  }
}

bool needs_quotes(std::string_view text) {
  if (text.empty()) return true;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7F || byte == '"' || byte == '=' || byte == '\\') return true;
  }
  return false;
}

void append_text(Buffer& line, std::string_view whole, Format format) {
  const auto text = shortened(whole);
  const bool cut = text.size() < whole.size();
  const bool quotes = format == Format::json || cut || needs_quotes(text);
  if (quotes) line.push_back('"');
  append_escaped(line, text);
  if (cut) append(line, "...");
  if (quotes) line.push_back('"');
}

void append_value(Buffer& line, const Field& field, Format format) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    append_text(line, *text, format);
  } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    fmt::format_to(std::back_inserter(line), "{}", *number);
  } else if (const auto* real = std::get_if<double>(&field.value)) {
    if (format == Format::json && !std::isfinite(*real)) {
      append(line, "null");
    } else {
      fmt::format_to(std::back_inserter(line), "{}", *real);
    }
  } else {
    append(line, std::get<bool>(field.value) ? "true" : "false");
  }
}

void append_time(Buffer& line) {
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  const std::time_t seconds = now / 1'000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  fmt::format_to(std::back_inserter(line), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                 utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
                 utc.tm_sec, now % 1'000);
}

void append_field(Buffer& line, const Field& field, Format format) {
  if (format == Format::json) {
    append(line, ",\"");
    append_escaped(line, field.key);
    append(line, "\":");
  } else {
    line.push_back(' ');
    append(line, field.key);
    line.push_back('=');
  }
  append_value(line, field, format);
}

void append_line(Buffer& line, Level level, std::string_view event,
                 std::initializer_list<Field> fields, Format format) {
  append(line, format == Format::json ? "{\"time\":\"" : "time=");
  append_time(line);
  if (format == Format::json) line.push_back('"');
  append_field(line, Field{"level", name_of(level)}, format);
  append_field(line, Field{"event", event}, format);
  for (const auto& field : fields) append_field(line, field, format);
  if (format == Format::json) line.push_back('}');
}

void write_line(const Output& to, std::string_view line) {
  to.logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

void start(Level level, Format format) {
  auto fresh = std::make_unique<Output>();
  fresh->format = format;
  fresh->thread = std::make_shared<spdlog::details::thread_pool>(queue_lines_max, 1);
  // The sink without a mutex: the pool's only thread is its only user.
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
  sink->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
  fresh->logger = std::make_shared<spdlog::async_logger>(
      "banter", std::move(sink), fresh->thread, spdlog::async_overflow_policy::overrun_oldest);
  const std::unique_lock lock(output_mutex);
  output = std::move(fresh);
  threshold = level;
}

void stop() {
  const std::unique_lock lock(output_mutex);
  threshold = Level::off;
  if (!output) return;
  const auto lost = output->thread->overrun_counter();
  const auto format = output->format;
  output.reset();  // the pool's destructor writes what is queued and joins its thread
  if (lost == 0) return;
  Buffer line;
  append_line(line, Level::warn, "log_lines_lost", {{"lines", lost}}, format);
  line.push_back('\n');
  std::fwrite(line.data(), 1, line.size(), stderr);
}

bool enabled(Level level) { return level >= threshold.load(std::memory_order_relaxed); }

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  const std::shared_lock lock(output_mutex);
  if (!output) return;
  Buffer line;
  append_line(line, level, event, fields, output->format);
  write_line(*output, {line.data(), line.size()});
}

}  // namespace banter::log
