#include "store/sqlite/database.hpp"

#include <mutex>

namespace banter::store {
namespace {

// Memory statistics cost a global mutex at every allocation. Only possible before SQLite is first
// used; if somebody else used it already, nothing is lost but speed.
void configure_once() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

}  // namespace

Connection::Connection(const std::filesystem::path& file, Mode mode, const std::string& vfs) {
  configure_once();
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
  const int code =
      sqlite3_open_v2(file.c_str(), &handle_, flags, vfs.empty() ? nullptr : vfs.c_str());
  if (code != SQLITE_OK) {
    const std::string why = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
    sqlite3_close_v2(handle_);
    throw SqlError(code, "open " + file.string() + ": " + why);
  }
  sqlite3_busy_timeout(handle_, 1'000);
}

Connection::~Connection() {
  for (auto* command : commands_) sqlite3_finalize(command);
  sqlite3_close_v2(handle_);
}

void Connection::execute(Command command) {
  static constexpr std::array<const char*, 4> sql{"BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"};
  const auto place = static_cast<std::size_t>(command);
  auto*& statement = commands_[place];
  if (statement == nullptr) {
    const int code =
        sqlite3_prepare_v3(handle_, sql[place], -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) fail(code, sql[place]);
  }
  Rows none(statement);
  [[maybe_unused]] const bool row = none.next();
}

void Connection::fail(int code, std::string_view doing) const {
  throw SqlError(code, std::string(doing) + ": " + sqlite3_errmsg(handle_));
}

void Connection::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code, sql.substr(0, 60));
}

std::string Connection::query(const std::string& sql) {
  Statement statement(*this, sql);
  auto rows = statement.rows();
  return rows.next() ? std::string(rows.bytes(0)) : std::string();
}

bool Rows::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  throw SqlError(code, std::string(sqlite3_sql(statement_)).substr(0, 60) + ": " +
                           sqlite3_errmsg(sqlite3_db_handle(statement_)));
}

std::optional<std::int64_t> Rows::maybe_integer(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return integer(column);
}

std::string_view Rows::bytes(int column) const {
  // The order matters: _blob first, then _bytes of that very representation.
  const void* start = sqlite3_column_blob(statement_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return start == nullptr ? std::string_view{}
                          : std::string_view(static_cast<const char*>(start), size);
}

Statement::Statement(Connection& connection, std::string_view sql) {
  const int code = sqlite3_prepare_v3(connection.handle(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  if (code != SQLITE_OK) connection.fail(code, sql.substr(0, 60));
}

void Statement::bind(int index, std::string_view text) {
  // A null pointer would bind NULL, and an empty view may have one.
  check(sqlite3_bind_text64(statement_, index, text.empty() ? "" : text.data(), text.size(),
                            SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind(int index, Blob blob) {
  check(sqlite3_bind_blob64(statement_, index, blob.bytes.empty() ? "" : blob.bytes.data(),
                            blob.bytes.size(), SQLITE_STATIC));
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) throw SqlError(code, std::string("bind: ") + sqlite3_errstr(code));
}

Transaction::Transaction(Connection& connection, Kind kind) : connection_(connection) {
  using Command = Connection::Command;
  connection_.execute(kind == Kind::immediate ? Command::begin_immediate : Command::begin);
}

void Transaction::commit() { connection_.execute(Connection::Command::commit); }

Transaction::~Transaction() {
  if (!connection_.in_transaction()) return;
  try {
    connection_.execute(Connection::Command::rollback);
  } catch (const SqlError&) {
    // Nothing to report: a rollback that fails leaves no transaction behind either.
  }
}

}  // namespace banter::store
