#pragma once

// One SQLite file, opened by one process. The only place that includes sqlite3.h is database.cpp.
//
// Statements may use contains_text(text, part): a substring search that takes ASCII letters of either case as the same.
//
// Errors: resource_exhausted (disk full), data_loss (damaged file), unavailable (locked by another process for longer
// than the busy timeout), failed_precondition (written by a newer Penstock), already_exists (a constraint of a row),
// invalid_argument (a value that the table cannot hold), io, internal (SQL that does not compile).

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

struct sqlite3_stmt;

namespace penstock {

// A schema change, applied once, in the order of the numbers (which count from 1 without gaps).
struct Migration {
  int number;
  const char* sql;
};

struct Blob {
  std::string_view bytes;
};
// A bound value; text and bytes are copied when bound.
using SqlValue = std::variant<std::nullptr_t, std::int64_t, double, std::string_view, Blob>;

// A running statement; gives its prepared statement back to the Database when it goes. Column numbers count from 0.
class Query {
 public:
  Query(Query&& other) noexcept;
  Query& operator=(Query&&) = delete;
  ~Query();

  Result<bool> next();          // true: a row stands ready
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;   // bytes too
  std::string_view bytes(int column) const;     // valid until next()
  bool is_null(int column) const;

 private:
  friend class Database;
  Query(class Database& database, sqlite3_stmt* statement) : database_(&database), statement_(statement) {}

  Database* database_;
  sqlite3_stmt* statement_;
};

class Database {
 public:
  // full: a committed transaction survives a power loss; normal: it may be lost, the file stays sound.
  enum class Durability { full, normal };

  // Creates the file and its folder when absent, and brings its schema to the newest migration. Without migrations its schema
  // is its user's.
  static Result<std::unique_ptr<Database>> open(const std::string& path, Durability durability, std::span<const Migration> migrations);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // One connection: hold this lock from the first to the last use of a Query or Transaction. Recursive.
  std::unique_lock<std::recursive_mutex> lock() { return std::unique_lock(mutex_); }

  // Prepared once per text, then reused: keep values out of the text.
  Result<Query> query(std::string_view sql, std::initializer_list<SqlValue> values = {});
  Result<Query> query(std::string_view sql, std::span<const SqlValue> values);
  // Runs to the end.
  Status run(std::string_view sql, std::initializer_list<SqlValue> values = {});
  Status run(std::string_view sql, std::span<const SqlValue> values);
  // Several statements without values.
  Status script(const char* sql);

  std::int64_t rows_changed() const;        // by the last run()
  std::int64_t last_row_id() const;
  const std::string& path() const { return path_; }

 private:
  friend class Query;
  class Impl;
  explicit Database(std::string path);
  Status migrate(std::span<const Migration> migrations);
  Error error(std::string_view doing) const;

  const std::string path_;
  std::recursive_mutex mutex_;
  std::unique_ptr<Impl> impl_;
};

// Rolled back unless committed. Holds the database's lock. Do not nest.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Status commit();

 private:
  Transaction(Database& database, std::unique_lock<std::recursive_mutex> lock);
  Database* database_;
  std::unique_lock<std::recursive_mutex> lock_;
};

}  // namespace penstock
