// The C API of SQLite with owners: Connection, Statement (prepared once, bound and reset by Rows)
// and Transaction. One thread at a time uses a connection and what belongs to it. Every failure
// throws SqlError; who catches it decides what it means. Knows no table of ours.
#pragma once

#include <sqlite3.h>

#include <array>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace banter::store {

class SqlError : public std::runtime_error {
 public:
  SqlError(int code, const std::string& what) : std::runtime_error(what), code_(code) {}
  [[nodiscard]] int code() const noexcept { return code_; }  // extended result code
  [[nodiscard]] int primary() const noexcept {
    return code_ & 0xff;
  }  // SQLITE_FULL, SQLITE_IOERR …

 private:
  int code_;
};

// Bytes that are not text: SQLite gives them back as they were, NUL included.
struct Blob {
  std::string_view bytes;
};

class Connection {
 public:
  enum class Mode : std::uint8_t { read_only, read_write };
  // vfs: name of the SQLite VFS, empty for the default one.
  Connection(const std::filesystem::path& file, Mode mode, const std::string& vfs = {});
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs statements that answer no rows, or whose rows do not matter.
  void execute(const std::string& sql);
  // The first column of the first row, as text; empty when there is no row.
  [[nodiscard]] std::string query(const std::string& sql);
  [[nodiscard]] std::int64_t last_id() const { return sqlite3_last_insert_rowid(handle_); }
  // Rows changed by the last INSERT, UPDATE or DELETE.
  [[nodiscard]] std::int64_t changes() const { return sqlite3_changes64(handle_); }
  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }
  [[nodiscard]] sqlite3* handle() { return handle_; }
  // Throws what the last call on this connection failed with.
  [[noreturn]] void fail(int code, std::string_view doing) const;

  // The statements of Transaction, prepared at their first use.
  enum class Command : std::uint8_t { begin, begin_immediate, commit, rollback };
  void execute(Command command);

 private:
  sqlite3* handle_ = nullptr;
  std::array<sqlite3_stmt*, 4> commands_{};
};

// The rows of one run of a statement; resets it when it goes. What was bound, and the text and
// blobs it gives out, are views: they live until next() or the end of the Rows.
class Rows {
 public:
  explicit Rows(sqlite3_stmt* statement) : statement_(statement) {}
  ~Rows() { sqlite3_reset(statement_); }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  [[nodiscard]] bool next();
  [[nodiscard]] std::int64_t integer(int column) const {
    return sqlite3_column_int64(statement_, column);
  }
  [[nodiscard]] std::optional<std::int64_t> maybe_integer(int column) const;
  [[nodiscard]] std::string_view bytes(int column) const;  // text or blob; empty for NULL

 private:
  sqlite3_stmt* statement_;
};

class Statement {
 public:
  Statement(Connection& connection, std::string_view sql);
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Binds the parameters from ?1 on. Views are not copied: they outlive the Rows.
  template <class... Values>
  [[nodiscard]] Rows rows(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
    return Rows(statement_);
  }
  // For statements without rows.
  template <class... Values>
  void run(const Values&... values) {
    auto none = rows(values...);
    [[maybe_unused]] const bool row = none.next();
  }

 private:
  template <std::integral Integer>
  void bind(int index, Integer value) {
    check(sqlite3_bind_int64(statement_, index, static_cast<sqlite3_int64>(value)));
  }
  template <std::integral Integer>
  void bind(int index, const std::optional<Integer>& value) {
    value ? bind(index, *value) : bind(index, nullptr);
  }
  void bind(int index, std::nullptr_t) { check(sqlite3_bind_null(statement_, index)); }
  void bind(int index, std::string_view text);
  void bind(int index, Blob blob);
  void check(int code) const;

  sqlite3_stmt* statement_ = nullptr;
};

// Rolls back unless committed. After a failure SQLite may have rolled back by itself: that is fine.
class Transaction {
 public:
  enum class Kind : std::uint8_t { deferred, immediate };
  Transaction(Connection& connection, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();

 private:
  Connection& connection_;
};

}  // namespace banter::store
