#include "connectors/odbc/odbc_marker.h"

#include <algorithm>
#include <cstdlib>

namespace penstock::odbc {
namespace {

bool is_set(const Value& value) { return value && *value != "0" && *value != "f"; }

const char* yes(Dialect dialect) { return dialect == Dialect::postgres ? "true" : "1"; }

std::string locked(Dialect dialect, const std::string& table, const std::string& where) {
  if (dialect == Dialect::sql_server) return " FROM " + table + " WITH (UPDLOCK, HOLDLOCK) WHERE " + where;
  return " FROM " + table + " WHERE " + where + " FOR UPDATE";
}

}  // namespace

Status EpochRow::create_table(Connection& connection) const {
  PENSTOCK_ASSIGN(const Rows found, connection.query(columns_query(connection.dialect(), table_)));
  if (!found.empty()) return {};
  const std::string table = table_.quoted();
  switch (connection.dialect()) {
    case Dialect::postgres:
      return connection.run("CREATE TABLE IF NOT EXISTS " + table + " (marker text PRIMARY KEY, stream text NOT NULL, epoch bigint, retired boolean NOT NULL DEFAULT false, "
                            "updated_at timestamptz NOT NULL DEFAULT now(), progress text)");
    case Dialect::mariadb:
      return connection.run("CREATE TABLE IF NOT EXISTS " + table + " (marker VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY, stream VARCHAR(255) NOT NULL, "
                            "epoch BIGINT, retired BOOLEAN NOT NULL DEFAULT 0, progress LONGTEXT) ENGINE = InnoDB CHARACTER SET utf8mb4");
    case Dialect::sql_server:
      return connection.run("CREATE TABLE " + table + " (marker NVARCHAR(450) NOT NULL PRIMARY KEY, stream NVARCHAR(255) NOT NULL, epoch BIGINT, retired BIT NOT NULL DEFAULT 0, "
                            "progress NVARCHAR(MAX))");
  }
  return {};
}

Status EpochRow::claim(Connection& connection, bool take_over) const {
  const Dialect dialect = connection.dialect();
  const std::string table = table_.quoted(), marker = literal(dialect, marker_.to_string());
  PENSTOCK_ASSIGN(const Rows own, connection.query("SELECT retired" + locked(dialect, table, "marker = " + marker)));
  if (own.empty()) PENSTOCK_TRY(connection.run("INSERT INTO " + table + " (marker, stream) VALUES (" + marker + ", " + literal(dialect, marker_.stream) + ")"));
  else if (is_set(own[0][0]))
    return Error(ErrorKind::failed_precondition, "another state of stream '" + marker_.stream + "' has taken this table over",
                 "go on with that state, or start this stream with a new one and take over again");
  PENSTOCK_ASSIGN(const std::vector<Row> rows, rows_of_place(connection));
  for (const Row& row : rows) {
    if (row.marker == marker_.to_string()) continue;
    if (!take_over)
      return Error(ErrorKind::failed_precondition,
                   "the table holds rows up to epoch " + std::to_string(*row.epoch) + " of another state of stream '" + marker_.stream + "' (" + row.marker.substr(0, row.marker.find('/')) + ")",
                   "restore that state, set `take_over: true` to go on from here, or write to another table");
    PENSTOCK_TRY(connection.run("UPDATE " + table + " SET retired = " + yes(dialect) + " WHERE marker = " + literal(dialect, row.marker)));
  }
  return {};
}

Result<std::vector<EpochRow::Row>> EpochRow::rows_of_place(Connection& connection) const {
  PENSTOCK_ASSIGN(const Rows found, connection.query("SELECT marker, epoch, progress, retired FROM " + table_.quoted() + " WHERE stream = " + literal(connection.dialect(), marker_.stream)));
  std::vector<Row> rows;
  for (const auto& row : found) {
    const std::string marker = row[0].value_or("");
    const std::size_t slash = marker.find('/');
    if (is_set(row[3]) || !row[1] || slash == std::string::npos || marker.substr(slash) != place()) continue;
    rows.push_back({marker, std::strtoll(row[1]->c_str(), nullptr, 10), row[2].value_or("")});
  }
  std::stable_partition(rows.begin(), rows.end(), [&](const Row& row) { return row.marker != marker_.to_string(); });
  return rows;
}

Result<std::optional<Holding>> EpochRow::find_holding(Connection& connection) const {
  PENSTOCK_ASSIGN(const std::vector<Row> rows, rows_of_place(connection));
  if (rows.empty()) return std::optional<Holding>();
  const Row& row = rows.front();
  return std::optional(Holding{row.marker.substr(0, row.marker.find('/')), *row.epoch, row.progress});
}

Result<std::optional<std::int64_t>> EpochRow::read(Connection& connection) const {
  const Dialect dialect = connection.dialect();
  PENSTOCK_ASSIGN(const Rows rows, connection.query("SELECT epoch, retired" + locked(dialect, table_.quoted(), "marker = " + literal(dialect, marker_.to_string()))));
  if (rows.empty()) return Error(ErrorKind::failed_precondition, "the sink's row in " + table_.quoted() + " is gone", "restore it, or use another table", marker_.to_string());
  if (is_set(rows[0][1])) return Error(ErrorKind::failed_precondition, "another state of stream '" + marker_.stream + "' has taken this table over");
  return rows[0][0] ? std::optional<std::int64_t>(std::strtoll(rows[0][0]->c_str(), nullptr, 10)) : std::nullopt;
}

Status EpochRow::write(Connection& connection, std::int64_t epoch, const std::string& progress) const {
  const Dialect dialect = connection.dialect();
  return connection.run("UPDATE " + table_.quoted() + " SET epoch = " + std::to_string(epoch) + ", progress = " + literal(dialect, progress) + " WHERE marker = " +
                        literal(dialect, marker_.to_string()));
}

}  // namespace penstock::odbc
