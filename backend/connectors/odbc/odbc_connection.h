#pragma once

// One database over ODBC: https://learn.microsoft.com/sql/odbc/reference/syntax/odbc-api-reference. Texts go as UTF-16, so
// that no driver has to guess at their encoding; times are UTC in each session.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/settings.h"

namespace penstock::odbc {

enum class Dialect { postgres, mariadb, sql_server };

struct ConnectionOptions {
  std::string text;                          // the connection string, with its password
  std::vector<std::string> secrets;          // texts that no message may show
  std::chrono::seconds connect_timeout{10};
  std::chrono::seconds statement_timeout{60};
};

std::vector<SettingSpec> connection_settings();
Result<ConnectionOptions> read_connection(const Settings& settings);

using Value = std::optional<std::string>;    // UTF-8; none: NULL
using Rows = std::vector<std::vector<Value>>;

enum class Kind { boolean, integer, decimal, real, text, bytes, date, time, timestamp };

struct Column {
  std::string name;
  Kind kind = Kind::text;
};

// Not thread-safe.
class Connection {
 public:
  // Error: unavailable, unauthenticated, not_found (no such driver); unsupported for a database that is none of the dialects.
  static Result<std::unique_ptr<Connection>> open(const ConnectionOptions& options);
  ~Connection();

  Dialect dialect() const { return dialect_; }
  const std::string& product() const { return product_; }      // "PostgreSQL 15.8"
  // A transaction is open from the first statement on.
  Status run(const std::string& sql);
  // All rows, as texts: numbers as they are, times as "2026-11-20T14:32:07.250000Z", bytes as base64.
  Result<Rows> query(const std::string& sql, std::vector<Column>* columns = nullptr);
  Status commit();
  void roll_back();
  // The last statement failed for what it was given: data, constraints. Trying again with the same is of no use.
  bool failed_on_data() const { return failed_on_data_; }
  // The connection is of no use any more.
  bool broken() const { return broken_; }

  // Rows to be bound column by column, and sent by one call.
  class Array;
  // Calls fill(array) once, then executes `sql` for its rows. Error as run(): nothing is known of single rows then.
  Status run_array(const std::string& sql, std::int64_t rows, const std::function<void(Array&)>& fill);

 private:
  struct Handles;
  explicit Connection(const ConnectionOptions& options);
  Status connect();
  Status name_product();
  Error error_of(short handle_type, void* handle, const std::string& doing);

  const ConnectionOptions options_;
  std::unique_ptr<Handles> handles_;
  Dialect dialect_ = Dialect::postgres;
  std::string product_;
  bool failed_on_data_ = false;
  bool broken_ = false;
};

// The values of one call; a column is added at a time, in the order of the statement's marks, each with as many values as rows.
class Connection::Array {
 public:
  explicit Array(std::int64_t rows) : rows_(rows) {}

  struct Timestamp {
    std::int64_t micros = 0;
  };
  void add_booleans(const std::function<std::optional<bool>(std::int64_t)>& value);
  void add_integers(const std::function<std::optional<std::int64_t>(std::int64_t)>& value);
  void add_reals(const std::function<std::optional<double>(std::int64_t)>& value);
  void add_texts(const std::function<std::optional<std::string>(std::int64_t)>& value);
  void add_decimals(int scale, const std::function<std::optional<std::string>(std::int64_t)>& value);
  void add_bytes(const std::function<std::optional<std::string>(std::int64_t)>& value);
  void add_dates(const std::function<std::optional<std::int32_t>(std::int64_t)>& days);
  void add_timestamps(const std::function<std::optional<std::int64_t>(std::int64_t)>& micros);

 private:
  friend class Connection;
  struct Bound {
    short c_type = 0, sql_type = 0, digits = 0;
    std::uint64_t size = 0;                  // of the parameter, in its own units
    std::int64_t width = 0;                  // of one value, bytes
    std::vector<char> values;
    std::vector<std::int64_t> lengths;       // bytes, or SQL_NULL_DATA
  };
  template <typename T>
  void add(short c_type, short sql_type, std::uint64_t size, short digits, const std::function<std::optional<T>(std::int64_t)>& value);
  void add_varying(short c_type, short sql_type, int unit, short digits, std::uint64_t least, const std::function<std::optional<std::string>(std::int64_t)>& value);

  const std::int64_t rows_;
  std::vector<Bound> columns_;
};

}  // namespace penstock::odbc
