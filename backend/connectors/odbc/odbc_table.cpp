#include "connectors/odbc/odbc_table.h"

#include <algorithm>
#include <map>

#include "io/target_columns.h"

namespace penstock::odbc {
namespace {

Result<TargetColumns> find_columns(Connection& connection, const TableName& name) {
  PENSTOCK_ASSIGN(const Rows rows, connection.query(columns_query(connection.dialect(), name)));
  TargetColumns columns;
  for (const auto& row : rows) columns[row[0].value_or("")] = {row[1].value_or(""), row[2] == "1"};
  return columns;
}

bool is_among(const std::string& name, const std::vector<std::string>& names) { return std::find(names.begin(), names.end(), name) != names.end(); }

Status create(Connection& connection, const TableName& name, const Schema& rows, const std::vector<std::string>& key) {
  std::vector<std::string> columns, quoted_key;
  for (const Field& field : rows.fields()) {
    if (field.name == change::op) continue;
    PENSTOCK_ASSIGN(const std::string column, quoted_name(field.name));
    const bool is_key = is_among(field.name, key);
    columns.push_back(column + " " + column_type(connection.dialect(), field.type, is_key) + (is_key ? " NOT NULL" : ""));
  }
  for (const std::string& one : key) {
    PENSTOCK_ASSIGN(std::string column, quoted_name(one));
    quoted_key.push_back(std::move(column));
  }
  if (!key.empty()) columns.push_back("PRIMARY KEY (" + joined(quoted_key, ", ") + ")");
  return connection.run("CREATE TABLE " + name.quoted() + " (" + joined(columns, ", ") + ")" + (connection.dialect() == Dialect::mariadb ? " ENGINE = InnoDB" : ""));
}

// MariaDB appends where no unique index stands for the key, and says nothing.
Status check_key(Connection& connection, const TableName& name, const std::vector<std::string>& key) {
  if (key.empty() || connection.dialect() != Dialect::mariadb) return {};
  const std::string schema = name.schema.empty() ? "DATABASE()" : literal(Dialect::mariadb, name.schema);
  PENSTOCK_ASSIGN(const Rows rows, connection.query("SELECT index_name, column_name FROM information_schema.statistics WHERE non_unique = 0 AND table_schema = " + schema +
                                                    " AND table_name = " + literal(Dialect::mariadb, name.table) + " ORDER BY index_name, seq_in_index"));
  std::map<std::string, std::vector<std::string>> indexes;
  for (const auto& row : rows) indexes[row[0].value_or("")].push_back(row[1].value_or(""));
  for (auto& [index, columns] : indexes) {
    std::vector<std::string> wanted = key;
    std::sort(wanted.begin(), wanted.end());
    std::sort(columns.begin(), columns.end());
    if (columns == wanted) return {};
  }
  return does_not_fit(name.quoted(), "has no unique index over " + joined(key, ", "), "create one, or use mode: append");
}

}  // namespace

Result<TargetTable> prepare_table(Connection& connection, const TableName& name, const Schema& rows, const std::vector<std::string>& key, bool adds_columns) {
  for (const std::string& column : key)
    if (!rows.find(column)) return Error(ErrorKind::failed_precondition, "the key column '" + column + "' is not among the rows' columns", "give it in the step's SQL");
  if (key.empty() && rows.find(change::op)) return does_not_fit(name.quoted(), "would get changes, which cannot be appended", "mode: upsert with the key of the step");
  PENSTOCK_ASSIGN(TargetColumns found, find_columns(connection, name));
  if (found.empty()) {
    PENSTOCK_TRY(create(connection, name, rows, key));
    PENSTOCK_ASSIGN(found, find_columns(connection, name));
  } else if (adds_columns) {
    for (const Field& field : addable_columns(rows, found)) {
      PENSTOCK_ASSIGN(const std::string column, quoted_name(field.name));
      const char* add = connection.dialect() == Dialect::sql_server ? " ADD " : " ADD COLUMN ";
      PENSTOCK_TRY(connection.run("ALTER TABLE " + name.quoted() + add + column + " " + column_type(connection.dialect(), field.type, false)));
    }
    PENSTOCK_ASSIGN(found, find_columns(connection, name));
  }
  TargetTable table{.name = name.quoted()};
  PENSTOCK_ASSIGN(table.columns, match_columns(table.name, rows, found, [](const Type& type, const std::string& declared) { return fits(type, declared); }));
  for (const std::size_t column : table.columns) {
    PENSTOCK_ASSIGN(std::string quoted, quoted_name(rows[column].name));
    table.quoted.push_back(std::move(quoted));
  }
  for (const std::string& column : key) {
    table.key.push_back(*rows.find(column));
    PENSTOCK_ASSIGN(std::string quoted, quoted_name(column));
    table.quoted_key.push_back(std::move(quoted));
  }
  table.has_origin = found.contains(std::string(origin::source)) && found.contains(std::string(origin::partition)) && found.contains(std::string(origin::offset));
  PENSTOCK_TRY(check_key(connection, name, key));
  PENSTOCK_TRY(connection.commit());
  return table;
}

}  // namespace penstock::odbc
