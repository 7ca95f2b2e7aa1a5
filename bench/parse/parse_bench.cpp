// What one small message costs on its way through the pure code: read from the socket's bytes,
// parsed into a command, encoded for its members. Boost.JSON stands beside as the measure for
// wire/json_scan.
//   cmake --preset release -DBANTER_BENCH=ON && ninja -C build/release parse_bench
#include <benchmark/benchmark.h>

#include <array>
#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "wire/command.hpp"
#include "wire/event_json.hpp"
#include "wire/http_json.hpp"
#include "wire/text.hpp"
#include "ws/codec.hpp"

namespace {

using namespace banter;

const std::string ascii_text = "hello there, how are you today?";
const std::string greek_text = "γειά σου, τι κάνεις σήμερα;";
const std::string chinese_text = "你好，你今天过得怎么样？我们去吃饭吧";

std::string command_of(const std::string& text, bool with_id) {
  return "{\"text\":\"" + text + "\"" + (with_id ? R"(,"client_id":"c-1234567890-17"})" : "}");
}

// A masked frame, as a client sends it. Masks and unmasks alike.
std::string masked(std::string payload) {
  constexpr std::array<unsigned char, 4> key = {0x37, 0xFA, 0x21, 0x3D};
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<char>(static_cast<unsigned char>(payload[i]) ^ key[i % 4]);
  std::string frame = "\x81";
  if (payload.size() <= 125) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    frame += "\xFE";
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size());
  }
  return frame.append(key.begin(), key.end()).append(payload);
}

chat::Event event_of(const std::string& text) {
  return {.conversation = ConversationId{7},
          .seq = Seq{123'456},
          .author = UserId{4'242},
          .payload = text,
          .client_id = "c-1234567890-17",
          .at = Micros{1'795'333'971'123'456}};
}

// Decoding unmasks in place, so each turn reads a fresh copy; "copy_frame" is that part alone.
void copy_frame(benchmark::State& state, const std::string& payload) {
  const std::string frame = masked(payload);
  std::vector<char> bytes(frame.begin(), frame.end());
  for (auto _ : state) {
    std::copy(frame.begin(), frame.end(), bytes.begin());
    benchmark::DoNotOptimize(bytes.data());
    benchmark::ClobberMemory();
  }
}

void decode_frame(benchmark::State& state, const std::string& payload) {
  const std::string frame = masked(payload);
  std::vector<char> bytes(frame.begin(), frame.end());
  ws::Decoder decoder{64 * 1024};
  for (auto _ : state) {
    std::copy(frame.begin(), frame.end(), bytes.begin());
    decoder.feed(bytes);
    while (auto event = decoder.next()) benchmark::DoNotOptimize(event);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(frame.size()));
}

void parse_command(benchmark::State& state, const std::string& json) {
  for (auto _ : state) {
    auto command = wire::parse_command(json);
    benchmark::DoNotOptimize(command);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(json.size()));
}

void boost_json_tree(benchmark::State& state, const std::string& json) {
  for (auto _ : state) {
    std::array<unsigned char, 4096> tree;
    std::array<unsigned char, 1024> scratch;
    boost::json::static_resource memory{tree.data(), tree.size()};
    boost::json::parser parser{{}, {}, scratch.data(), scratch.size()};
    parser.reset(&memory);
    boost::json::error_code failure;
    parser.write(json, failure);
    const auto value = parser.release();
    const auto& object = value.as_object();
    std::string text{object.at("text").as_string()};
    std::string client_id;
    if (const auto* id = object.if_contains("client_id")) client_id = id->as_string();
    benchmark::DoNotOptimize(text);
    benchmark::DoNotOptimize(client_id);
  }
}

void encode_live_frame(benchmark::State& state, const std::string& text) {
  const auto event = event_of(text);
  for (auto _ : state) {
    auto frame = wire::encode_live_frame(event);
    benchmark::DoNotOptimize(frame);
  }
}

void history_frame_of_50(benchmark::State& state, const std::string& text) {
  const std::vector<chat::Event> events(50, event_of(text));
  std::string out;
  for (auto _ : state) {
    out.clear();
    wire::append_history(out, events, std::nullopt);
    benchmark::DoNotOptimize(out.data());
  }
}

void http_history_of_50(benchmark::State& state, const std::string& text) {
  const std::vector<chat::Event> events(50, event_of(text));
  for (auto _ : state) {
    wire::HistoryBody page(events.size());
    for (const auto& event : events) page.add(event);
    auto json = std::move(page).finish(Seq{50}, std::nullopt);
    benchmark::DoNotOptimize(json);
  }
}

const std::string long_text(8000, 'x');

BENCHMARK_CAPTURE(copy_frame, ascii, command_of(ascii_text, true));
BENCHMARK_CAPTURE(decode_frame, ascii, command_of(ascii_text, true));
BENCHMARK_CAPTURE(decode_frame, greek, command_of(greek_text, true));
BENCHMARK_CAPTURE(decode_frame, chinese, command_of(chinese_text, true));
BENCHMARK_CAPTURE(decode_frame, ascii_8k, command_of(long_text, true));
BENCHMARK_CAPTURE(parse_command, ascii, command_of(ascii_text, false));
BENCHMARK_CAPTURE(parse_command, ascii_with_id, command_of(ascii_text, true));
BENCHMARK_CAPTURE(parse_command, chinese_with_id, command_of(chinese_text, true));
BENCHMARK_CAPTURE(parse_command, escapes_with_id,
                  command_of(R"(a \"quoted\" line\nand \ud83d\ude00)", true));
BENCHMARK_CAPTURE(parse_command, ascii_8k, command_of(long_text, true));
BENCHMARK_CAPTURE(boost_json_tree, ascii, command_of(ascii_text, false));
BENCHMARK_CAPTURE(boost_json_tree, ascii_with_id, command_of(ascii_text, true));
BENCHMARK_CAPTURE(encode_live_frame, ascii, ascii_text);
BENCHMARK_CAPTURE(encode_live_frame, greek, greek_text);
BENCHMARK_CAPTURE(encode_live_frame, chinese, chinese_text);
BENCHMARK_CAPTURE(encode_live_frame, ascii_8k, long_text);
BENCHMARK_CAPTURE(history_frame_of_50, ascii, ascii_text);
BENCHMARK_CAPTURE(http_history_of_50, ascii, ascii_text);
BENCHMARK_CAPTURE(http_history_of_50, chinese, chinese_text);

}  // namespace

BENCHMARK_MAIN();
