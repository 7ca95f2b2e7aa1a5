#include "store/sqlite/wal_space.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <system_error>

#include "base/log.hpp"

namespace banter::store {
namespace {

constexpr std::int64_t piece_bytes = 64 * 1024;  // SQLite's xWrite takes less than 128 KiB
constexpr std::array<char, piece_bytes> zeros{};

void check(int code, const char* doing) {
  if (code != SQLITE_OK) throw SqlError(code, std::string(doing) + ": " + sqlite3_errstr(code));
}

}  // namespace

WalSpace::WalSpace(Connection& connection, std::int64_t bytes)
    : connection_(connection), bytes_(bytes), wanted_(bytes > 0) {}

void WalSpace::extend() {
  try {
    write_slice();
  } catch (const SqlError& error) {
    wanted_ = false;
    if (error.code() == SQLITE_IOERR_FSYNC) throw;
    log::warn("store_wal_not_extended", {{"code", error.code()}, {"error", error.what()}});
  }
}

void WalSpace::write_slice() {
  // Between looking at the size and writing nobody may append a frame, whoever it were.
  const Transaction alone(connection_, Transaction::Kind::immediate);
  sqlite3_file& wal = file();
  sqlite3_int64 size = 0;
  check(wal.pMethods->xFileSize(&wal, &size), "size of the WAL");
  wanted_ = size < bytes_ && disk_has_room();
  if (!wanted_) return;
  const std::int64_t end = std::min<std::int64_t>(bytes_, (size / slice_bytes + 1) * slice_bytes);
  for (; size < end; size += piece_bytes) {
    const auto piece = std::min<std::int64_t>(piece_bytes, end - size);
    check(wal.pMethods->xWrite(&wal, zeros.data(), static_cast<int>(piece), size),
          "extending the WAL");
  }
  if (wal.pMethods->xSync(&wal, SQLITE_SYNC_NORMAL) != SQLITE_OK) {
    throw SqlError(SQLITE_IOERR_FSYNC, "syncing the extended WAL");
  }
}

sqlite3_file& WalSpace::file() {
  sqlite3_file* wal = nullptr;
  check(sqlite3_file_control(connection_.handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal),
        "finding the WAL");
  if (wal == nullptr || wal->pMethods == nullptr) throw SqlError(SQLITE_ERROR, "no WAL is open");
  return *wal;
}

bool WalSpace::disk_has_room() const {
  std::error_code unknown;
  const auto space =
      std::filesystem::space(sqlite3_db_filename(connection_.handle(), "main"), unknown);
  return !unknown && space.available >= static_cast<std::uintmax_t>(free_factor * bytes_);
}

}  // namespace banter::store
