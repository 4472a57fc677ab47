#include "connectors/postgres/postgres_table.h"

#include <map>

#include "connectors/postgres/pg_types.h"

namespace penstock::postgres {
namespace {

struct FoundColumn {
  std::string type;
  bool required = false;      // NOT NULL and nothing fills it
};
using FoundColumns = std::map<std::string, FoundColumn>;

Result<FoundColumns> find_columns(Connection& connection, const TableName& name) {
  PENSTOCK_ASSIGN(const Rows rows, connection.query("SELECT a.attname, t.typname, a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND a.attgenerated = '' "
                                                    "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
                                                    "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid "
                                                    "WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped",
                                                    {name.schema, name.table}));
  FoundColumns columns;
  for (const auto& row : rows) columns[row[0].value_or("")] = {row[1].value_or(""), row[2] == "t"};
  return columns;
}

Result<std::vector<std::string>> quoted_names(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) {
    PENSTOCK_ASSIGN(std::string one, quoted_name(name));
    quoted.push_back(std::move(one));
  }
  return quoted;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + text;
  return list;
}

Status create(Connection& connection, const TableName& name, const Schema& rows, const std::vector<std::string>& key) {
  PENSTOCK_ASSIGN(const std::string schema, quoted_name(name.schema));
  PENSTOCK_ASSIGN(const Rows known, connection.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", {name.schema}));
  if (known.empty()) PENSTOCK_TRY(connection.run("CREATE SCHEMA " + schema));
  std::string columns;
  for (const Field& field : rows.fields()) {
    if (field.name == change::op) continue;
    PENSTOCK_ASSIGN(const std::string column, quoted_name(field.name));
    columns += (columns.empty() ? "" : ", ") + column + " " + sql_type(field.type);
  }
  PENSTOCK_ASSIGN(const std::vector<std::string> quoted_key, quoted_names(key));
  if (!key.empty()) columns += ", PRIMARY KEY (" + joined(quoted_key) + ")";
  return connection.run("CREATE TABLE " + name.quoted() + " (" + columns + ")");
}

// Those that the rows may leave NULL; the others are refused as ever.
Result<bool> add_columns(Connection& connection, const TableName& name, const Schema& rows, const FoundColumns& found) {
  std::string clauses;
  for (const Field& field : rows.fields()) {
    if (found.contains(field.name) || field.name == change::op || origin::is_origin(field.name) || !field.nullable) continue;
    PENSTOCK_ASSIGN(const std::string column, quoted_name(field.name));
    clauses += (clauses.empty() ? "" : ", ") + ("ADD COLUMN " + column) + " " + sql_type(field.type);
  }
  if (clauses.empty()) return false;
  PENSTOCK_TRY(connection.run("ALTER TABLE " + name.quoted() + " " + clauses));
  return true;
}

Error does_not_fit(const TableName& name, const std::string& what, const std::string& action) {
  return Error(ErrorKind::failed_precondition, "the table " + name.quoted() + " " + what, action);
}

Result<std::vector<std::size_t>> match_columns(const TableName& name, const Schema& rows, const FoundColumns& found) {
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Field& field = rows[i];
    if (field.name == change::op) continue;
    const auto column = found.find(field.name);
    if (column == found.end()) {
      if (origin::is_origin(field.name)) continue;
      return does_not_fit(name, "has no column '" + field.name + "'",
                          "ALTER TABLE … ADD COLUMN, or leave the column out in the step's SQL");
    }
    if (!fits(field.type, column->second.type))
      return does_not_fit(name, "has '" + field.name + "' as " + column->second.type + ", which does not take " + field.type.sql_name(),
                          "cast the column in the step's SQL");
    columns.push_back(i);
  }
  for (const auto& [column, description] : found)
    if (description.required && !rows.find(column))
      return does_not_fit(name, "requires a value for '" + column + "', which the rows do not have", "give the column in the step's SQL");
  return columns;
}

// The planner refuses ON CONFLICT for a key that no unique index stands for.
Status check_key(Connection& connection, const TargetTable& table) {
  if (table.key.empty()) return {};
  const Status planned = connection.run("EXPLAIN INSERT INTO " + table.name.quoted() + " (" + table.column_list() + ") SELECT " +
                                        table.column_list() + " FROM " + table.name.quoted() + " ON CONFLICT (" + joined(table.key) + ") DO NOTHING");
  if (planned.ok() || planned.error().kind != ErrorKind::failed_precondition) return planned;
  return does_not_fit(table.name, "has no unique index over " + joined(table.key) + ": " + planned.error().message,
                      "create one, or use mode: append");
}

}  // namespace

std::string TargetTable::column_list() const { return joined(quoted); }

Status lock_creation(Connection& connection) {
  return connection.run("SELECT pg_advisory_xact_lock(hashtext('penstock: create tables'))");
}

Result<TargetTable> prepare_table(Connection& connection, const TableName& name, const Schema& rows, const std::vector<std::string>& key,
                                  bool adds_columns) {
  for (const std::string& column : key)
    if (!rows.find(column))
      return Error(ErrorKind::failed_precondition, "the key column '" + column + "' is not among the rows' columns", "give it in the step's SQL");
  if (key.empty() && rows.find(change::op)) return does_not_fit(name, "would get changes, which cannot be appended", "mode: upsert with the key of the step");
  PENSTOCK_TRY(lock_creation(connection));
  PENSTOCK_ASSIGN(FoundColumns found, find_columns(connection, name));
  if (found.empty()) {
    PENSTOCK_TRY(create(connection, name, rows, key));
    PENSTOCK_ASSIGN(found, find_columns(connection, name));
  }
  if (adds_columns) {
    PENSTOCK_ASSIGN(const bool added, add_columns(connection, name, rows, found));
    if (added) {
      PENSTOCK_ASSIGN(found, find_columns(connection, name));
    }
  }
  TargetTable table{.name = name};
  table.has_changes = rows.find(change::op).has_value();
  PENSTOCK_ASSIGN(table.columns, match_columns(name, rows, found));
  for (const std::size_t column : table.columns) {
    PENSTOCK_ASSIGN(std::string quoted, quoted_name(rows[column].name));
    table.quoted.push_back(std::move(quoted));
  }
  PENSTOCK_ASSIGN(table.key, quoted_names(key));
  table.has_origin = found.contains(std::string(origin::source)) && found.contains(std::string(origin::partition)) &&
                     found.contains(std::string(origin::offset));
  PENSTOCK_TRY(check_key(connection, table));
  return table;
}

}  // namespace penstock::postgres
