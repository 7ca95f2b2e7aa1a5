// What an append, a read and a start of the embedded store cost, beside an fdatasync of the same
// disk measured in the same run. One caller with one batch in flight, as a reactor's append queue
// has.
//   append_bench [--dir DIR] [--seconds N] [--conversations N] [--client-ids random|counted|none]
//   [--batch N]
//                [--events N] [--round N]
// --events: per batch size, instead of seconds. --round: when a round of the tail begins.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/metrics.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace banter {
namespace {

using Clock = std::chrono::steady_clock;

struct Settings {
  std::size_t only = 0;    // batch size; 0: all
  std::size_t events = 0;  // per batch size; 0: by seconds
  std::size_t round = store::TailLimits{}.events;
  std::filesystem::path dir = std::filesystem::temp_directory_path();
  double seconds = 3;
  std::size_t conversations = 256;
  std::string client_ids = "random";
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[values.size() / 2];
}

template <class T>
T await(Task<T> task) {
  boost::asio::io_context context(1);
  auto answer = boost::asio::co_spawn(context, std::move(task), boost::asio::use_future);
  context.run();
  return answer.get();
}

// One write of 4 KiB over an existing file and its fdatasync, as a small commit does.
void measure_disk(const Settings& settings) {
  const auto path = settings.dir / "fdatasync";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  std::vector<char> block(1 << 20, 'x');
  if (file < 0 || ::write(file, block.data(), block.size()) < 0) std::exit(1);
  ::fdatasync(file);
  std::vector<double> times;
  const double cpu = cpu_seconds();
  for (int i = 0; i < 300; ++i) {
    const auto start = Clock::now();
    if (::pwrite(file, block.data(), 4096, (i % 256) * 4096) < 0) std::exit(1);
    ::fdatasync(file);
    times.push_back(seconds_since(start));
  }
  std::printf("disk: write of 4 KiB and fdatasync: median %.0f us, %.1f us CPU\n",
              median(times) * 1e6, (cpu_seconds() - cpu) / 300 * 1e6);
  ::close(file);
}

struct World {
  std::unique_ptr<base::Metrics> metrics = std::make_unique<base::Metrics>();
  std::unique_ptr<store::SqliteStore> store;
  std::vector<UserId> users;
  std::vector<ConversationId> talks;
  std::mt19937_64 random{1};
  std::uint64_t sent = 0;
};

World make_world(const Settings& settings, const std::filesystem::path& data) {
  World world;
  auto opened = store::SqliteStore::open(
      {.data_dir = data, .writer = {.tail = {.events = settings.round}}}, *world.metrics);
  if (!opened) {
    std::fprintf(stderr, "%s\n", opened.error().detail.c_str());
    std::exit(1);
  }
  world.store = std::move(*opened);
  for (std::size_t i = 0; i < settings.conversations; ++i) {
    world.users.push_back(*await(world.store->create_account(
        {.email = std::to_string(i), .first_name = "", .last_name = "", .password_hash = ""})));
    world.talks.push_back(*await(world.store->create_conversation(world.users.back(), {})));
  }
  return world;
}

std::string client_id(World& world, const std::string& how) {
  char text[40];
  if (how == "none") return {};
  if (how == "counted") {
    std::snprintf(text, sizeof text, "m-%012llu", static_cast<unsigned long long>(world.sent));
  } else {  // as long and as scattered as a UUID
    std::snprintf(text, sizeof text, "%08x-%016llx-%010llx",
                  static_cast<unsigned>(world.random() & 0xffffffff),
                  static_cast<unsigned long long>(world.random()),
                  static_cast<unsigned long long>(world.random() & 0xffffffffff));
  }
  return text;
}

std::vector<chat::PendingEvent> next_batch(World& world, const Settings& settings,
                                           std::size_t size) {
  std::vector<chat::PendingEvent> batch;
  for (std::size_t i = 0; i < size; ++i, ++world.sent) {
    const std::size_t sender = world.sent % settings.conversations;
    batch.push_back({.conversation = world.talks[sender],
                     .author = world.users[sender],
                     .kind = chat::EventKind::message,
                     .payload = std::string(100, 'a'),
                     .client_id = client_id(world, settings.client_ids)});
  }
  return batch;
}

Task<> append_for(World& world, const Settings& settings, std::size_t size, double seconds) {
  std::vector<double> times;
  double cpu = 0;
  std::size_t events = 0;
  double elapsed = 0;
  while (settings.events > 0 ? events < settings.events : elapsed < seconds) {
    const auto batch = next_batch(world, settings, size);
    const double cpu_before = cpu_seconds();
    const auto start = Clock::now();
    const auto results = co_await world.store->append(batch);
    times.push_back(seconds_since(start));
    cpu += cpu_seconds() - cpu_before;
    elapsed += times.back();
    for (const auto& result : results) events += result.status == chat::AppendStatus::stored;
  }
  std::ranges::sort(times);
  std::printf(
      "append: batch %3zu: %8.0f events/s, %6.2f us CPU/event, call %6.0f us (99%%: %6.0f, most: "
      "%6.0f)\n",
      size, static_cast<double>(events) / elapsed, cpu / static_cast<double>(events) * 1e6,
      median(times) * 1e6, times[times.size() * 99 / 100] * 1e6, times.back() * 1e6);
}

Task<> read_for(World& world, double seconds) {
  std::vector<double> times;
  std::size_t reads = 0;
  const double cpu = cpu_seconds();
  const auto begin = Clock::now();
  while (seconds_since(begin) < seconds) {
    const auto start = Clock::now();
    const auto stretch = co_await world.store->read(world.talks[reads % world.talks.size()],
                                                    {.count = 50, .newest = true});
    times.push_back(seconds_since(start));
    if (stretch.events.size() != 50) std::printf("short read: %zu\n", stretch.events.size());
    ++reads;
  }
  std::printf("read: newest 50: %.1f us CPU, call %.1f us median\n",
              (cpu_seconds() - cpu) / static_cast<double>(reads) * 1e6, median(times) * 1e6);
}

void measure_start(World& world, const std::filesystem::path& data) {
  const auto stop = Clock::now();
  world.store.reset();
  const double stopping = seconds_since(stop);
  const auto start = Clock::now();
  auto again = store::SqliteStore::open({.data_dir = data}, *world.metrics);
  std::printf("start: %.1f ms with %llu messages, %.1f MiB (stop: %.1f ms)\n",
              seconds_since(start) * 1e3, static_cast<unsigned long long>(world.sent),
              static_cast<double>(std::filesystem::file_size(data / "banter.db")) / 1048576,
              stopping * 1e3);
  world.store = std::move(*again);
}

// Opens a copy of the files as they stand, WAL and all: what a start after kill -9 does.
void measure_recovery(const std::filesystem::path& data, const std::filesystem::path& copy) {
  std::filesystem::create_directory(copy);
  for (const char* name : {"banter.db", "banter.db-wal"}) {
    std::filesystem::copy_file(data / name, copy / name);
  }
  const double wal = static_cast<double>(std::filesystem::file_size(copy / "banter.db-wal"));
  base::Metrics metrics;
  const auto start = Clock::now();
  auto opened = store::SqliteStore::open({.data_dir = copy}, metrics);
  std::printf("start after a crash: %.1f ms with a WAL of %.1f MiB\n", seconds_since(start) * 1e3,
              wal / 1048576);
}

int run(Settings settings) {
  std::string name = (settings.dir / "append-bench-XXXXXX").string();
  settings.dir = ::mkdtemp(name.data());
  measure_disk(settings);
  const auto data = settings.dir / "data";
  World world = make_world(settings, data);
  std::printf("%zu conversations, client ids: %s, payload 100 bytes\n", settings.conversations,
              settings.client_ids.c_str());
  for (const std::size_t size : {1u, 16u, 128u, 256u}) {
    if (settings.only == 0 || settings.only == size) {
      await(append_for(world, settings, size, settings.seconds));
    }
  }
  await(read_for(world, 1));
  measure_recovery(data, settings.dir / "crashed");
  measure_start(world, data);
  measure_disk(settings);
  world.store.reset();
  std::filesystem::remove_all(settings.dir);
  return 0;
}

}  // namespace
}  // namespace banter

int main(int argc, char** argv) {
  banter::Settings settings;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string option = argv[i];
    const std::string value = argv[i + 1];
    if (option == "--dir") settings.dir = value;
    if (option == "--seconds") settings.seconds = std::stod(value);
    if (option == "--conversations") settings.conversations = std::stoul(value);
    if (option == "--client-ids") settings.client_ids = value;
    if (option == "--batch") settings.only = std::stoul(value);
    if (option == "--events") settings.events = std::stoul(value);
    if (option == "--round") settings.round = std::stoul(value);
  }
  return banter::run(settings);
}
