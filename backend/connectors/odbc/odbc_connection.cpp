#include "connectors/odbc/odbc_connection.h"

#ifdef _WIN32
#include <windows.h>
#endif
#include <sql.h>
#include <sqlext.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "connectors/odbc/odbc_text.h"
#include "io/row_json.h"
#include "record/value_text.h"

namespace penstock::odbc {
namespace {

constexpr SQLSMALLINT kTimestampOffset = -155;      // SQL Server's SQL_SS_TIMESTAMPOFFSET
constexpr std::int64_t kDayMicros = 86'400'000'000;

static_assert(sizeof(SQLWCHAR) == 2, "ODBC's wide characters are UTF-16 here");
static_assert(sizeof(SQLLEN) == sizeof(std::int64_t));

SQLWCHAR* wide(std::u16string& text) { return reinterpret_cast<SQLWCHAR*>(text.data()); }

bool succeeded(SQLRETURN code) { return code == SQL_SUCCESS || code == SQL_SUCCESS_WITH_INFO || code == SQL_NO_DATA; }

struct Statement {
  ~Statement() {
    if (handle) SQLFreeHandle(SQL_HANDLE_STMT, handle);
  }
  SQLHSTMT handle = nullptr;
};

Kind kind_of(SQLSMALLINT type) {
  switch (type) {
    case SQL_BIT: return Kind::boolean;
    case SQL_TINYINT:
    case SQL_SMALLINT:
    case SQL_INTEGER:
    case SQL_BIGINT: return Kind::integer;
    case SQL_DECIMAL:
    case SQL_NUMERIC: return Kind::decimal;
    case SQL_REAL:
    case SQL_FLOAT:
    case SQL_DOUBLE: return Kind::real;
    case SQL_BINARY:
    case SQL_VARBINARY:
    case SQL_LONGVARBINARY: return Kind::bytes;
    case SQL_TYPE_DATE: return Kind::date;
    case SQL_TYPE_TIME: return Kind::time;
    case SQL_TYPE_TIMESTAMP: return Kind::timestamp;
    default: return Kind::text;
  }
}

// SQLSTATEs, as the standard and the three databases give them; the first that matches counts.
struct Meaning {
  const char* prefix;
  ErrorKind kind;
  const char* action;
};
constexpr Meaning kMeanings[] = {
    {"08", ErrorKind::unavailable, ""},       {"28", ErrorKind::unauthenticated, "check the user and the password of the connection"},
    {"40", ErrorKind::unavailable, ""},       {"HYT", ErrorKind::unavailable, "raise the connection's statement_timeout, or look for what holds a lock"},
    {"57", ErrorKind::unavailable, ""},       {"53", ErrorKind::resource_exhausted, "look at the database's log"},
    {"55P03", ErrorKind::unavailable, ""},    {"IM00", ErrorKind::not_found, "install the ODBC driver, or name one that `odbcinst -q -d` lists"},
    {"01000", ErrorKind::not_found, "check the driver's path"}};

// MariaDB gives HY000 for much; its own numbers say more.
bool is_data_error(const std::string& state, SQLINTEGER native, Dialect dialect) {
  if (state.starts_with("22") || state.starts_with("23")) return true;
  return dialect == Dialect::mariadb && (native == 1264 || native == 1265 || native == 1292 || native == 1366 || native == 1406 || native == 1048 || native == 4025);
}
bool is_lost(const std::string& state, SQLINTEGER native, Dialect dialect) {
  return state.starts_with("08") || (dialect == Dialect::mariadb && (native == 2006 || native == 2013 || native == 1053 || native == 1927));
}

// A timestamp with its own offset comes as a text: "2026-11-20 14:32:07.2500000 +00:00".
std::string iso_of(std::string text) {
  if (const std::size_t blank = text.find(' '); blank != std::string::npos) text[blank] = 'T';
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  return text;
}

// ".5" and "-.5", which is no JSON.
std::string number_of(std::string text) {
  const std::size_t digits = text.starts_with('-') ? 1 : 0;
  if (digits < text.size() && text[digits] == '.') text.insert(digits, "0");
  return text;
}

// Days since 1970 of a date, and back: http://howardhinnant.github.io/date_algorithms.html.
std::int64_t days_of(std::int64_t year, unsigned month, unsigned day) {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto of_era = static_cast<unsigned>(year - era * 400);
  const unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146'097 + static_cast<std::int64_t>(of_era * 365 + of_era / 4 - of_era / 100 + of_year) - 719'468;
}

template <typename Date>
void set_date(std::int64_t days, Date& date) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const auto of_era = static_cast<unsigned>(days - era * 146'097);
  const unsigned year = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  const unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
  const unsigned month = (5 * of_year + 2) / 153;
  date.day = static_cast<SQLUSMALLINT>(of_year - (153 * month + 2) / 5 + 1);
  date.month = static_cast<SQLUSMALLINT>(month < 10 ? month + 3 : month - 9);
  date.year = static_cast<SQLSMALLINT>(static_cast<std::int64_t>(year) + era * 400 + (date.month <= 2));
}

std::string text_of(const SQL_TIMESTAMP_STRUCT& time) {
  const std::int64_t micros = days_of(time.year, time.month, time.day) * kDayMicros + ((time.hour * 60LL + time.minute) * 60 + time.second) * 1'000'000 + time.fraction / 1000;
  std::string text = timestamp_text(micros);
  constexpr std::size_t kOfMilliseconds = std::string_view("2026-11-20T14:32:07.250Z").size();
  if (text.size() == kOfMilliseconds) text.insert(text.size() - 1, "000");
  // SQL Server counts down to 100 ns: rounded, a row would be greater than itself.
  if (time.fraction % 1000 != 0) text.insert(text.size() - 1, std::to_string(1000 + time.fraction % 1000).substr(1));
  return text;
}

// The bytes of one value, however long.
template <typename Char>
Result<bool> get_long(SQLHSTMT statement, SQLUSMALLINT column, SQLSMALLINT type, std::basic_string<Char>& value) {
  value.clear();
  constexpr std::size_t kPart = 4096;
  const std::size_t terminator = type == SQL_C_WCHAR ? 1 : 0;
  while (true) {
    std::basic_string<Char> part(kPart, Char{});
    SQLLEN length = 0;
    const SQLRETURN code = SQLGetData(statement, column, type, part.data(), static_cast<SQLLEN>(part.size() * sizeof(Char)), &length);
    if (code == SQL_NO_DATA) return true;
    if (!succeeded(code)) return Error(ErrorKind::unavailable, "a value cannot be read");
    if (length == SQL_NULL_DATA) return false;
    const std::size_t room = kPart - terminator;
    const bool more = code == SQL_SUCCESS_WITH_INFO && (length == SQL_NO_TOTAL || static_cast<std::size_t>(length) / sizeof(Char) > room);
    value.append(part, 0, more ? room : static_cast<std::size_t>(length) / sizeof(Char));
    if (!more) return true;
  }
}

Result<Value> get_value(SQLHSTMT statement, SQLUSMALLINT column, Kind kind) {
  SQLLEN length = 0;
  if (kind == Kind::timestamp) {
    SQL_TIMESTAMP_STRUCT time{};
    if (!succeeded(SQLGetData(statement, column, SQL_C_TYPE_TIMESTAMP, &time, sizeof time, &length))) return Error(ErrorKind::unavailable, "a time cannot be read");
    return length == SQL_NULL_DATA ? Value() : Value(text_of(time));
  }
  if (kind == Kind::real) {
    double number = 0;
    if (!succeeded(SQLGetData(statement, column, SQL_C_DOUBLE, &number, sizeof number, &length))) return Error(ErrorKind::unavailable, "a number cannot be read");
    return length == SQL_NULL_DATA ? Value() : Value(real_text(number));
  }
  if (kind == Kind::bytes) {
    std::string bytes;
    PENSTOCK_ASSIGN(const bool present, get_long(statement, column, SQL_C_BINARY, bytes));
    return present ? Value(to_base64(bytes)) : Value();
  }
  std::u16string text;
  PENSTOCK_ASSIGN(const bool present, get_long(statement, column, SQL_C_WCHAR, text));
  if (!present) return Value();
  return kind == Kind::decimal ? Value(number_of(to_utf8(text))) : Value(to_utf8(text));
}

}  // namespace

struct Connection::Handles {
  ~Handles() {
    if (connection) {
      if (connected) {
        SQLEndTran(SQL_HANDLE_DBC, connection, SQL_ROLLBACK);
        SQLDisconnect(connection);
      }
      SQLFreeHandle(SQL_HANDLE_DBC, connection);
    }
    if (environment) SQLFreeHandle(SQL_HANDLE_ENV, environment);
  }
  SQLHENV environment = nullptr;
  SQLHDBC connection = nullptr;
  bool connected = false;
};

Connection::Connection(const ConnectionOptions& options) : options_(options), handles_(std::make_unique<Handles>()) {}
Connection::~Connection() = default;

Result<std::unique_ptr<Connection>> Connection::open(const ConnectionOptions& options) {
  std::unique_ptr<Connection> connection(new Connection(options));
  PENSTOCK_TRY(connection->connect());
  return connection;
}

Error Connection::error_of(short handle_type, void* handle, const std::string& doing) {
  SQLWCHAR state[6] = {}, message[1024] = {};
  SQLINTEGER native = 0;
  SQLSMALLINT length = 0;
  std::string sql_state, text;
  if (SQLGetDiagRecW(handle_type, handle, 1, state, &native, message, 1024, &length) == SQL_SUCCESS || length > 0) {
    sql_state = to_utf8({reinterpret_cast<const char16_t*>(state), 5});
    text = to_utf8({reinterpret_cast<const char16_t*>(message), static_cast<std::size_t>(std::clamp<SQLSMALLINT>(length, 0, 1023))});
  }
  failed_on_data_ = is_data_error(sql_state, native, dialect_);
  broken_ = broken_ || is_lost(sql_state, native, dialect_);
  for (const std::string& secret : options_.secrets)
    for (std::size_t at = secret.empty() ? std::string::npos : text.find(secret); at != std::string::npos; at = text.find(secret, at + 3)) text.replace(at, secret.size(), "***");
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (text.ends_with(' ')) text.pop_back();
  text = doing + (text.empty() ? "the driver gives no reason" : text);
  if (broken_) return Error(ErrorKind::unavailable, text);
  for (const Meaning& meaning : kMeanings)
    if (sql_state.starts_with(meaning.prefix)) return Error(meaning.kind, text, meaning.action);
  return Error(ErrorKind::failed_precondition, text);
}

Status Connection::connect() {
  SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &handles_->environment);
  SQLSetEnvAttr(handles_->environment, SQL_ATTR_ODBC_VERSION, reinterpret_cast<SQLPOINTER>(SQL_OV_ODBC3), 0);
  SQLAllocHandle(SQL_HANDLE_DBC, handles_->environment, &handles_->connection);
  SQLHDBC connection = handles_->connection;
  SQLSetConnectAttrW(connection, SQL_ATTR_LOGIN_TIMEOUT, reinterpret_cast<SQLPOINTER>(options_.connect_timeout.count()), 0);
  std::u16string text = to_utf16(options_.text);
  const SQLRETURN code = SQLDriverConnectW(connection, nullptr, wide(text), static_cast<SQLSMALLINT>(text.size()), nullptr, 0, nullptr, SQL_DRIVER_NOPROMPT);
  if (!succeeded(code)) {
    Error error = error_of(SQL_HANDLE_DBC, connection, "");
    // Drivers say that a server is not there in many ways.
    if (error.kind == ErrorKind::failed_precondition) error.kind = ErrorKind::unavailable;
    return error;
  }
  handles_->connected = true;
  PENSTOCK_TRY(name_product());
  if (!succeeded(SQLSetConnectAttrW(connection, SQL_ATTR_AUTOCOMMIT, reinterpret_cast<SQLPOINTER>(SQL_AUTOCOMMIT_OFF), 0))) return error_of(SQL_HANDLE_DBC, connection, "");
  if (dialect_ == Dialect::postgres) PENSTOCK_TRY(run("SET TIME ZONE 'UTC'"));
  if (dialect_ == Dialect::mariadb)
    PENSTOCK_TRY(run("SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00'"));
  return commit();
}

Status Connection::name_product() {
  const auto info = [&](SQLUSMALLINT what) {
    SQLWCHAR text[256] = {};
    SQLSMALLINT bytes = 0;
    SQLGetInfoW(handles_->connection, what, text, sizeof text, &bytes);
    return to_utf8({reinterpret_cast<const char16_t*>(text), static_cast<std::size_t>(std::clamp<SQLSMALLINT>(bytes, 0, 510)) / 2});
  };
  const std::string name = info(SQL_DBMS_NAME);
  product_ = name + " " + info(SQL_DBMS_VER);
  if (name.starts_with("PostgreSQL")) dialect_ = Dialect::postgres;
  else if (name.find("MariaDB") != std::string::npos || name.find("MySQL") != std::string::npos) dialect_ = Dialect::mariadb;
  else if (name.find("SQL Server") != std::string::npos) dialect_ = Dialect::sql_server;
  else return Error(ErrorKind::unsupported, "the database is " + product_, "PostgreSQL, MariaDB, MySQL, SQL Server and Azure SQL are known");
  return {};
}

Status Connection::run(const std::string& sql) {
  failed_on_data_ = false;
  Statement statement;
  SQLAllocHandle(SQL_HANDLE_STMT, handles_->connection, &statement.handle);
  SQLSetStmtAttrW(statement.handle, SQL_ATTR_QUERY_TIMEOUT, reinterpret_cast<SQLPOINTER>(options_.statement_timeout.count()), 0);
  std::u16string text = to_utf16(sql);
  if (succeeded(SQLExecDirectW(statement.handle, wide(text), static_cast<SQLINTEGER>(text.size())))) return {};
  return error_of(SQL_HANDLE_STMT, statement.handle, "");
}

Result<Rows> Connection::query(const std::string& sql, std::vector<Column>* columns) {
  failed_on_data_ = false;
  Statement statement;
  SQLAllocHandle(SQL_HANDLE_STMT, handles_->connection, &statement.handle);
  SQLSetStmtAttrW(statement.handle, SQL_ATTR_QUERY_TIMEOUT, reinterpret_cast<SQLPOINTER>(options_.statement_timeout.count()), 0);
  std::u16string text = to_utf16(sql);
  if (!succeeded(SQLExecDirectW(statement.handle, wide(text), static_cast<SQLINTEGER>(text.size())))) return error_of(SQL_HANDLE_STMT, statement.handle, "");
  SQLSMALLINT count = 0;
  SQLNumResultCols(statement.handle, &count);
  std::vector<Column> found;
  std::vector<bool> with_offset;
  for (SQLSMALLINT i = 1; i <= count; ++i) {
    SQLWCHAR name[256] = {};
    SQLSMALLINT length = 0, type = 0, digits = 0, nullable = 0;
    SQLULEN size = 0;
    SQLDescribeColW(statement.handle, static_cast<SQLUSMALLINT>(i), name, 256, &length, &type, &size, &digits, &nullable);
    with_offset.push_back(type == kTimestampOffset);
    found.push_back({to_utf8({reinterpret_cast<const char16_t*>(name), static_cast<std::size_t>(std::clamp<SQLSMALLINT>(length, 0, 255))}), kind_of(type)});
  }
  Rows rows;
  for (SQLRETURN code = SQLFetch(statement.handle); code != SQL_NO_DATA; code = SQLFetch(statement.handle)) {
    if (!succeeded(code)) return error_of(SQL_HANDLE_STMT, statement.handle, "");
    std::vector<Value>& row = rows.emplace_back();
    for (SQLSMALLINT i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      auto value = get_value(statement.handle, static_cast<SQLUSMALLINT>(i + 1), found[at].kind);
      if (!value.ok()) return error_of(SQL_HANDLE_STMT, statement.handle, "column " + found[at].name + ": ");
      row.push_back(*value && with_offset[at] ? Value(iso_of(**value)) : *std::move(value));
    }
  }
  if (columns) *columns = std::move(found);
  return rows;
}

Status Connection::commit() {
  if (succeeded(SQLEndTran(SQL_HANDLE_DBC, handles_->connection, SQL_COMMIT))) return {};
  Error error = error_of(SQL_HANDLE_DBC, handles_->connection, "");
  broken_ = true;      // whether it was committed is not known
  return Error(ErrorKind::unavailable, error.message);
}

void Connection::roll_back() {
  if (!succeeded(SQLEndTran(SQL_HANDLE_DBC, handles_->connection, SQL_ROLLBACK))) broken_ = true;
}

Status Connection::run_array(const std::string& sql, std::int64_t rows, const std::function<void(Array&)>& fill) {
  failed_on_data_ = false;
  Statement statement;
  SQLAllocHandle(SQL_HANDLE_STMT, handles_->connection, &statement.handle);
  SQLHSTMT handle = statement.handle;
  SQLSetStmtAttrW(handle, SQL_ATTR_QUERY_TIMEOUT, reinterpret_cast<SQLPOINTER>(options_.statement_timeout.count()), 0);
  Array array(rows);
  fill(array);
  std::vector<SQLUSMALLINT> statuses(static_cast<std::size_t>(rows), SQL_PARAM_SUCCESS);
  SQLULEN processed = 0;
  std::u16string text = to_utf16(sql);
  if (!succeeded(SQLPrepareW(handle, wide(text), static_cast<SQLINTEGER>(text.size())))) return error_of(SQL_HANDLE_STMT, handle, "");
  SQLSetStmtAttrW(handle, SQL_ATTR_PARAM_BIND_TYPE, reinterpret_cast<SQLPOINTER>(SQL_PARAM_BIND_BY_COLUMN), 0);
  SQLSetStmtAttrW(handle, SQL_ATTR_PARAMSET_SIZE, reinterpret_cast<SQLPOINTER>(static_cast<SQLULEN>(rows)), 0);
  SQLSetStmtAttrW(handle, SQL_ATTR_PARAM_STATUS_PTR, statuses.data(), 0);
  SQLSetStmtAttrW(handle, SQL_ATTR_PARAMS_PROCESSED_PTR, &processed, 0);
  for (std::size_t i = 0; i < array.columns_.size(); ++i) {
    Array::Bound& bound = array.columns_[i];
    const SQLRETURN code = SQLBindParameter(handle, static_cast<SQLUSMALLINT>(i + 1), SQL_PARAM_INPUT, bound.c_type, bound.sql_type, static_cast<SQLULEN>(bound.size), bound.digits,
                                            bound.values.data(), static_cast<SQLLEN>(bound.width), reinterpret_cast<SQLLEN*>(bound.lengths.data()));
    if (!succeeded(code)) return error_of(SQL_HANDLE_STMT, handle, "");
  }
  const SQLRETURN code = SQLExecute(handle);
  const bool all = std::all_of(statuses.begin(), statuses.end(), [](SQLUSMALLINT status) { return status == SQL_PARAM_SUCCESS || status == SQL_PARAM_SUCCESS_WITH_INFO; });
  if (succeeded(code) && all && (processed == 0 || processed == static_cast<SQLULEN>(rows))) return {};
  return error_of(SQL_HANDLE_STMT, handle, "");
}

template <typename T>
void Connection::Array::add(short c_type, short sql_type, std::uint64_t size, short digits, const std::function<std::optional<T>(std::int64_t)>& value) {
  Bound bound{.c_type = c_type, .sql_type = sql_type, .digits = digits, .size = size, .width = sizeof(T)};
  bound.values.resize(static_cast<std::size_t>(rows_) * sizeof(T));
  for (std::int64_t row = 0; row < rows_; ++row) {
    const std::optional<T> one = value(row);
    bound.lengths.push_back(one ? static_cast<std::int64_t>(sizeof(T)) : SQL_NULL_DATA);
    if (one) std::memcpy(bound.values.data() + static_cast<std::size_t>(row) * sizeof(T), &*one, sizeof(T));
  }
  columns_.push_back(std::move(bound));
}

void Connection::Array::add_varying(short c_type, short sql_type, int unit, short digits, std::uint64_t least, const std::function<std::optional<std::string>(std::int64_t)>& value) {
  std::vector<std::optional<std::string>> all;
  std::size_t width = static_cast<std::size_t>(unit);
  for (std::int64_t row = 0; row < rows_; ++row) {
    all.push_back(value(row));
    if (all.back()) width = std::max(width, all.back()->size());
  }
  Bound bound{.c_type = c_type, .sql_type = sql_type, .digits = digits, .size = std::max<std::uint64_t>(least, width / static_cast<std::size_t>(unit)), .width = static_cast<std::int64_t>(width)};
  bound.values.resize(static_cast<std::size_t>(rows_) * width);
  for (std::size_t row = 0; row < all.size(); ++row) {
    bound.lengths.push_back(all[row] ? static_cast<std::int64_t>(all[row]->size()) : SQL_NULL_DATA);
    if (all[row]) std::memcpy(bound.values.data() + row * width, all[row]->data(), all[row]->size());
  }
  columns_.push_back(std::move(bound));
}

void Connection::Array::add_booleans(const std::function<std::optional<bool>(std::int64_t)>& value) {
  add<unsigned char>(SQL_C_BIT, SQL_BIT, 1, 0, [&](std::int64_t row) -> std::optional<unsigned char> {
    const auto one = value(row);
    return one ? std::optional<unsigned char>(*one ? 1 : 0) : std::nullopt;
  });
}

void Connection::Array::add_integers(const std::function<std::optional<std::int64_t>(std::int64_t)>& value) { add<std::int64_t>(SQL_C_SBIGINT, SQL_BIGINT, 19, 0, value); }

void Connection::Array::add_reals(const std::function<std::optional<double>(std::int64_t)>& value) { add<double>(SQL_C_DOUBLE, SQL_DOUBLE, 15, 0, value); }

void Connection::Array::add_texts(const std::function<std::optional<std::string>(std::int64_t)>& value) {
  constexpr std::uint64_t kLong = 4000;      // SQL Server's NVARCHAR(n) ends there
  const std::size_t at = columns_.size();
  add_varying(SQL_C_WCHAR, SQL_WVARCHAR, 2, 0, 1, [&](std::int64_t row) -> std::optional<std::string> {
    const auto one = value(row);
    if (!one) return std::nullopt;
    const std::u16string text = to_utf16(*one);
    return std::string(reinterpret_cast<const char*>(text.data()), text.size() * 2);
  });
  if (columns_[at].size > kLong) columns_[at].sql_type = SQL_WLONGVARCHAR;
}

void Connection::Array::add_decimals(int scale, const std::function<std::optional<std::string>(std::int64_t)>& value) {
  add_varying(SQL_C_CHAR, SQL_DECIMAL, 1, static_cast<short>(scale), 38, value);
}

void Connection::Array::add_bytes(const std::function<std::optional<std::string>(std::int64_t)>& value) { add_varying(SQL_C_BINARY, SQL_LONGVARBINARY, 1, 0, 1, value); }

void Connection::Array::add_dates(const std::function<std::optional<std::int32_t>(std::int64_t)>& days) {
  add<SQL_DATE_STRUCT>(SQL_C_TYPE_DATE, SQL_TYPE_DATE, 10, 0, [&](std::int64_t row) -> std::optional<SQL_DATE_STRUCT> {
    const auto one = days(row);
    if (!one) return std::nullopt;
    SQL_DATE_STRUCT date{};
    set_date(*one, date);
    return date;
  });
}

void Connection::Array::add_timestamps(const std::function<std::optional<std::int64_t>(std::int64_t)>& micros) {
  add<SQL_TIMESTAMP_STRUCT>(SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, 26, 6, [&](std::int64_t row) -> std::optional<SQL_TIMESTAMP_STRUCT> {
    const auto one = micros(row);
    if (!one) return std::nullopt;
    SQL_TIMESTAMP_STRUCT time{};
    const std::int64_t days = (*one >= 0 ? *one : *one - kDayMicros + 1) / kDayMicros, of_day = *one - days * kDayMicros;
    set_date(days, time);
    time.hour = static_cast<SQLUSMALLINT>(of_day / 3'600'000'000);
    time.minute = static_cast<SQLUSMALLINT>(of_day / 60'000'000 % 60);
    time.second = static_cast<SQLUSMALLINT>(of_day / 1'000'000 % 60);
    time.fraction = static_cast<SQLUINTEGER>(of_day % 1'000'000 * 1000);
    return time;
  });
}

}  // namespace penstock::odbc
