#include "connectors/postgres/postgres_table.h"

#include "connectors/postgres/pg_types.h"
#include "io/target_columns.h"

namespace penstock::postgres {
namespace {

Result<TargetColumns> find_columns(Connection& connection, const TableName& name) {
  PENSTOCK_ASSIGN(const Rows rows, connection.query("SELECT a.attname, t.typname, a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND a.attgenerated = '' "
                                                    "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
                                                    "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid "
                                                    "WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped",
                                                    {name.schema, name.table}));
  TargetColumns columns;
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
Result<bool> add_columns(Connection& connection, const TableName& name, const Schema& rows, const TargetColumns& found) {
  std::string clauses;
  for (const Field& field : addable_columns(rows, found)) {
    PENSTOCK_ASSIGN(const std::string column, quoted_name(field.name));
    clauses += (clauses.empty() ? "" : ", ") + ("ADD COLUMN " + column) + " " + sql_type(field.type);
  }
  if (clauses.empty()) return false;
  PENSTOCK_TRY(connection.run("ALTER TABLE " + name.quoted() + " " + clauses));
  return true;
}

// The planner refuses ON CONFLICT for a key that no unique index stands for.
Status check_key(Connection& connection, const TargetTable& table) {
  if (table.key.empty()) return {};
  const Status planned = connection.run("EXPLAIN INSERT INTO " + table.name.quoted() + " (" + table.column_list() + ") SELECT " +
                                        table.column_list() + " FROM " + table.name.quoted() + " ON CONFLICT (" + joined(table.key) + ") DO NOTHING");
  if (planned.ok() || planned.error().kind != ErrorKind::failed_precondition) return planned;
  return does_not_fit(table.name.quoted(), "has no unique index over " + joined(table.key) + ": " + planned.error().message,
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
  if (key.empty() && rows.find(change::op)) return does_not_fit(name.quoted(), "would get changes, which cannot be appended", "mode: upsert with the key of the step");
  PENSTOCK_TRY(lock_creation(connection));
  PENSTOCK_ASSIGN(TargetColumns found, find_columns(connection, name));
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
  PENSTOCK_ASSIGN(table.columns, match_columns(name.quoted(), rows, found, [](const Type& type, const std::string& declared) { return fits(type, declared); }));
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
