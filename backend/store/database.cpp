#include "store/database.h"

#include <sqlite3.h>

#include <filesystem>
#include <unordered_map>
#include <utility>

#include "store/text_search.h"

namespace penstock {
namespace {

constexpr int kBusyTimeoutMillis = 5'000;

ErrorKind kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL: return ErrorKind::resource_exhausted;
    case SQLITE_NOMEM: return ErrorKind::resource_exhausted;
    case SQLITE_CORRUPT: return ErrorKind::data_loss;
    case SQLITE_NOTADB: return ErrorKind::data_loss;
    case SQLITE_BUSY: return ErrorKind::unavailable;
    case SQLITE_LOCKED: return ErrorKind::unavailable;
    case SQLITE_PERM: return ErrorKind::permission_denied;
    case SQLITE_AUTH: return ErrorKind::permission_denied;
    case SQLITE_READONLY: return ErrorKind::permission_denied;
    case SQLITE_IOERR: return ErrorKind::io;
    case SQLITE_CANTOPEN: return ErrorKind::io;
    case SQLITE_TOOBIG: return ErrorKind::invalid_argument;
    case SQLITE_MISMATCH: return ErrorKind::invalid_argument;
    case SQLITE_CONSTRAINT: return ErrorKind::already_exists;
    default: return ErrorKind::internal;
  }
}

std::string action_for(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::resource_exhausted: return "free space on this disk";
    case ErrorKind::data_loss: return "restore the file from a backup, or move it away to begin with an empty one";
    case ErrorKind::unavailable: return "end the other program that has the file open";
    default: return {};
  }
}

// SQL function contains_text(text, part), see TextSearch. LIKE would read % and _ in `part` as wildcards, and takes
// several times as long over a million rows.
void contains_text(sqlite3_context* context, int, sqlite3_value** arguments) {
  const auto view = [](sqlite3_value* value) {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_value_text(value));
    return std::string_view(bytes ? bytes : "", static_cast<std::size_t>(sqlite3_value_bytes(value)));
  };
  // SQLite keeps it as long as the statement runs with the same part.
  auto* search = static_cast<TextSearch*>(sqlite3_get_auxdata(context, 1));
  if (search) return sqlite3_result_int(context, search->found_in(view(arguments[0])));
  search = new TextSearch(view(arguments[1]));
  sqlite3_result_int(context, search->found_in(view(arguments[0])));
  sqlite3_set_auxdata(context, 1, search, [](void* kept) { delete static_cast<TextSearch*>(kept); });
}

int bind_value(sqlite3_stmt* statement, int index, const SqlValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return sqlite3_bind_int64(statement, index, *number);
  if (const auto* real = std::get_if<double>(&value)) return sqlite3_bind_double(statement, index, *real);
  if (const auto* text = std::get_if<std::string_view>(&value))
    return sqlite3_bind_text64(statement, index, text->data() ? text->data() : "", text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (const auto* blob = std::get_if<Blob>(&value))
    return sqlite3_bind_blob64(statement, index, blob->bytes.data() ? blob->bytes.data() : "", blob->bytes.size(), SQLITE_TRANSIENT);
  return sqlite3_bind_null(statement, index);
}

}  // namespace

class Database::Impl {
 public:
  ~Impl() {
    for (auto& [text, statement] : idle) sqlite3_finalize(statement);
    sqlite3_close(handle);
  }

  sqlite3* handle = nullptr;
  // Statements that no Query has at the moment, by their text. A nested use of the same text prepares a second one.
  std::unordered_multimap<std::string, sqlite3_stmt*> idle;
};

Query::Query(Query&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}

Query::~Query() {
  if (!statement_) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  database_->impl_->idle.emplace(sqlite3_sql(statement_), statement_);
}

Result<bool> Query::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_->error("a statement failed");
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }
double Query::real(int column) const { return sqlite3_column_double(statement_, column); }
bool Query::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::string Query::text(int column) const { return std::string(bytes(column)); }

std::string_view Query::bytes(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  return {static_cast<const char*>(bytes), bytes ? static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)) : 0};
}

Database::Database(std::string path) : path_(std::move(path)), impl_(std::make_unique<Impl>()) {}
Database::~Database() = default;

Error Database::error(std::string_view doing) const {
  const int code = sqlite3_extended_errcode(impl_->handle);
  const ErrorKind kind = kind_of(code);
  return Error(kind, std::string(doing) + ": " + sqlite3_errmsg(impl_->handle), action_for(kind), path_);
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Durability durability, std::span<const Migration> migrations) {
  std::error_code failed;
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, failed);
  if (failed) return Error(ErrorKind::io, "the folder cannot be made: " + failed.message(), {}, folder.string());

  std::unique_ptr<Database> database(new Database(path));
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path.c_str(), &database->impl_->handle, flags, nullptr) != SQLITE_OK)
    return database->error("the database cannot be opened");
  sqlite3_create_function_v2(database->impl_->handle, "contains_text", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nullptr,
                             &contains_text, nullptr, nullptr, nullptr);
  sqlite3_busy_timeout(database->impl_->handle, kBusyTimeoutMillis);
  PENSTOCK_TRY(database->script("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;"));
  PENSTOCK_TRY(database->script(durability == Durability::full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL"));
  PENSTOCK_TRY(database->migrate(migrations));
  return database;
}

Status Database::migrate(std::span<const Migration> migrations) {
  if (migrations.empty()) return {};
  std::int64_t version = 0;
  {
    PENSTOCK_ASSIGN(auto query, this->query("PRAGMA user_version"));
    PENSTOCK_TRY(query.next());
    version = query.integer(0);
  }
  const auto known = static_cast<std::int64_t>(migrations.size());
  if (version > known)
    return Error(ErrorKind::failed_precondition,
                 "written by a newer Penstock (schema " + std::to_string(version) + ", this one knows " + std::to_string(known) + ")",
                 "start the newer Penstock, or move the file away", path_);
  for (const Migration& migration : migrations) {
    if (migration.number <= version) continue;
    PENSTOCK_ASSIGN(auto transaction, Transaction::begin(*this));
    PENSTOCK_TRY(script(migration.sql));
    PENSTOCK_TRY(script(("PRAGMA user_version = " + std::to_string(migration.number)).c_str()));
    PENSTOCK_TRY(transaction.commit());
  }
  return {};
}

Result<Query> Database::query(std::string_view sql, std::span<const SqlValue> values) {
  sqlite3_stmt* statement = nullptr;
  if (auto found = impl_->idle.find(std::string(sql)); found != impl_->idle.end()) {
    statement = found->second;
    impl_->idle.erase(found);
  } else if (sqlite3_prepare_v3(impl_->handle, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
    return error("a statement does not compile");
  }
  Query query(*this, statement);
  int index = 0;
  for (const SqlValue& value : values)
    if (bind_value(statement, ++index, value) != SQLITE_OK) return error("a value cannot be bound");
  return query;
}

Result<Query> Database::query(std::string_view sql, std::initializer_list<SqlValue> values) {
  return query(sql, std::span(values.begin(), values.size()));
}

Status Database::run(std::string_view sql, std::span<const SqlValue> values) {
  PENSTOCK_ASSIGN(auto query, this->query(sql, values));
  while (true) {
    PENSTOCK_ASSIGN(const bool more, query.next());
    if (!more) return {};
  }
}

Status Database::run(std::string_view sql, std::initializer_list<SqlValue> values) {
  return run(sql, std::span(values.begin(), values.size()));
}

Status Database::script(const char* sql) {
  if (sqlite3_exec(impl_->handle, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return error("a statement failed");
  return {};
}

std::int64_t Database::rows_changed() const { return sqlite3_changes64(impl_->handle); }
std::int64_t Database::last_row_id() const { return sqlite3_last_insert_rowid(impl_->handle); }

Result<Transaction> Transaction::begin(Database& database) {
  auto lock = database.lock();
  PENSTOCK_TRY(database.run("BEGIN IMMEDIATE"));
  return Transaction(database, std::move(lock));
}

Transaction::Transaction(Database& database, std::unique_lock<std::recursive_mutex> lock)
    : database_(&database), lock_(std::move(lock)) {}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)), lock_(std::move(other.lock_)) {}

Transaction::~Transaction() {
  // A rollback fails only when SQLite has rolled back by itself (a full disk, say): there is nothing left to undo.
  if (database_) (void)database_->run("ROLLBACK");
}

Status Transaction::commit() {
  PENSTOCK_TRY(database_->run("COMMIT"));
  database_ = nullptr;
  lock_.unlock();
  return {};
}

}  // namespace penstock
