#include "connectors/sqlite/sqlite_table.h"

#include <algorithm>

#include "connectors/sqlite/sqlite_values.h"
#include "io/target_columns.h"

namespace penstock::sqlite {
namespace {

std::string joined(const std::vector<std::string>& texts, const std::string& between = ", ") {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : between) + text;
  return list;
}

Result<TargetColumns> find_columns(Database& file, const std::string& table) {
  TargetColumns found;
  PENSTOCK_ASSIGN(Query columns, file.query("SELECT name, type, \"notnull\", dflt_value IS NULL FROM pragma_table_info(?)", {table}));
  while (true) {
    PENSTOCK_ASSIGN(const bool more, columns.next());
    if (!more) return found;
    found[columns.text(0)] = {columns.text(1), columns.integer(2) != 0 && columns.integer(3) != 0};
  }
}

Status create(Database& file, const TargetTable& table, const Schema& rows, const std::vector<std::string>& key) {
  std::vector<std::string> columns;
  for (const Field& field : rows.fields()) {
    if (field.name == change::op) continue;
    PENSTOCK_ASSIGN(const std::string column, quoted_name(field.name));
    const bool in_key = std::find(key.begin(), key.end(), field.name) != key.end();
    columns.push_back(column + " " + std::string(column_type(field.type.kind)) + (in_key ? " NOT NULL" : ""));
  }
  if (!key.empty()) columns.push_back("PRIMARY KEY (" + joined(table.quoted_key) + ")");
  return file.run("CREATE TABLE " + table.name + " (" + joined(columns) + ") STRICT");
}

Status add_columns(Database& file, const TargetTable& table, const Schema& rows, TargetColumns& found) {
  for (const Field& field : addable_columns(rows, found)) {
    PENSTOCK_ASSIGN(const std::string column, quoted_name(field.name));
    const std::string type(column_type(field.type.kind));
    PENSTOCK_TRY(file.run("ALTER TABLE " + table.name + " ADD COLUMN " + column + " " + type));
    found[field.name] = {type, false};
  }
  return {};
}

}  // namespace

std::string TargetTable::insert_statement() const {
  std::string sql = "INSERT INTO " + name + " (" + joined(quoted) + ") VALUES (" + joined(std::vector<std::string>(quoted.size(), "?")) + ")";
  if (quoted_key.empty()) return sql;
  std::vector<std::string> changes;
  for (const std::string& column : quoted)
    if (std::find(quoted_key.begin(), quoted_key.end(), column) == quoted_key.end()) changes.push_back(column + " = excluded." + column);
  return sql + " ON CONFLICT (" + joined(quoted_key) + ") DO " + (changes.empty() ? "NOTHING" : "UPDATE SET " + joined(changes));
}

std::string TargetTable::delete_statement() const {
  std::vector<std::string> same;
  for (const std::string& column : quoted_key) same.push_back(column + " = ?");
  return "DELETE FROM " + name + " WHERE " + joined(same, " AND ");
}

Result<TargetTable> prepare_table(Database& file, const std::string& name, const Schema& rows, const std::vector<std::string>& key, bool adds_columns) {
  TargetTable table;
  PENSTOCK_ASSIGN(table.name, quoted_name(name));
  if (key.empty() && rows.find(change::op)) return does_not_fit(table.name, "would get changes, which cannot be appended", "mode: upsert with the key of the step");
  for (const std::string& column : key) {
    const auto found = rows.find(column);
    if (!found) return does_not_fit(table.name, "has the key column '" + column + "', which is not among the rows' columns", "give it in the step's SQL");
    table.key.push_back(*found);
    PENSTOCK_ASSIGN(std::string quoted, quoted_name(column));
    table.quoted_key.push_back(std::move(quoted));
  }
  PENSTOCK_ASSIGN(TargetColumns found, find_columns(file, name));
  if (found.empty()) {
    PENSTOCK_TRY(create(file, table, rows, key));
    PENSTOCK_ASSIGN(found, find_columns(file, name));
  } else if (adds_columns) {
    PENSTOCK_TRY(add_columns(file, table, rows, found));
  }
  PENSTOCK_ASSIGN(table.columns, match_columns(table.name, rows, found, [](const Type& type, const std::string& declared) { return fits(type.kind, declared); }));
  for (const std::size_t column : table.columns) {
    PENSTOCK_ASSIGN(std::string quoted, quoted_name(rows[column].name));
    table.quoted.push_back(std::move(quoted));
  }
  table.has_origin = found.contains(std::string(origin::source)) && found.contains(std::string(origin::partition)) && found.contains(std::string(origin::offset));
  // SQLite says when it compiles the statement that no unique index stands for the key.
  if (const auto compiled = file.query(table.insert_statement()); !compiled.ok())
    return does_not_fit(table.name, "does not take the rows: " + compiled.error().message, key.empty() ? "write to another table" : "create a unique index over the key, or use mode: append");
  return table;
}

}  // namespace penstock::sqlite
