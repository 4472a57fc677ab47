#include "connectors/odbc/odbc_dialect.h"

#include <algorithm>

namespace penstock::odbc {
namespace {

template <typename Text>
std::string each(const std::vector<std::string>& names, std::string_view separator, Text text) {
  std::vector<std::string> texts;
  for (const std::string& name : names) texts.push_back(text(name));
  return joined(texts, separator);
}

std::vector<std::string> without(const std::vector<std::string>& columns, const std::vector<std::string>& key) {
  std::vector<std::string> others;
  for (const std::string& column : columns)
    if (std::find(key.begin(), key.end(), column) == key.end()) others.push_back(column);
  return others;
}

// HOLDLOCK, or two sessions could both find no such row: https://learn.microsoft.com/sql/t-sql/statements/merge-transact-sql.
std::string merge(const std::string& table, const std::vector<std::string>& columns, const std::vector<std::string>& key, const std::vector<std::string>& others) {
  const auto of_source = [](const std::string& column) { return "source." + column; };
  std::string sql = "MERGE INTO " + table + " WITH (HOLDLOCK) AS target USING (VALUES (" + each(columns, ", ", [](const auto&) { return std::string("?"); }) + ")) AS source (" +
                    joined(columns, ", ") + ") ON " + each(key, " AND ", [&](const auto& column) { return "target." + column + " = source." + column; });
  if (!others.empty()) sql += " WHEN MATCHED THEN UPDATE SET " + each(others, ", ", [&](const auto& column) { return column + " = source." + column; });
  return sql + " WHEN NOT MATCHED THEN INSERT (" + joined(columns, ", ") + ") VALUES (" + each(columns, ", ", of_source) + ");";
}

std::string text_type(Dialect dialect, bool is_key) {
  if (dialect == Dialect::postgres) return "text";
  if (dialect == Dialect::mariadb) return is_key ? "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" : "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
  return is_key ? "NVARCHAR(450) COLLATE Latin1_General_100_BIN2" : "NVARCHAR(MAX)";
}

const char* pick(Dialect dialect, const char* postgres, const char* mariadb, const char* sql_server) {
  return dialect == Dialect::postgres ? postgres : dialect == Dialect::mariadb ? mariadb : sql_server;
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> texts) { return std::find(texts.begin(), texts.end(), text) != texts.end(); }

}  // namespace

std::string joined(const std::vector<std::string>& texts, std::string_view separator) {
  std::string all;
  for (const std::string& text : texts) all.append(all.empty() ? "" : separator).append(text);
  return all;
}

Result<std::string> quoted_name(std::string_view name) {
  if (name.empty() || name.find('\0') != std::string_view::npos) return Error(ErrorKind::invalid_argument, "'" + std::string(name) + "' cannot be a name", "a name that is not empty");
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

std::string literal(Dialect dialect, std::string_view text) {
  std::string quoted = dialect == Dialect::sql_server ? "N'" : "'";
  for (const char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

Result<TableName> TableName::parse(std::string_view text) {
  const std::size_t dot = text.find('.');
  TableName name{dot == std::string_view::npos ? "" : std::string(text.substr(0, dot)), std::string(dot == std::string_view::npos ? text : text.substr(dot + 1))};
  if (name.table.empty() || (dot != std::string_view::npos && name.schema.empty()) || text.find('\0') != std::string_view::npos)
    return Error(ErrorKind::invalid_argument, "'" + std::string(text) + "' is no table", "orders or dbo.orders");
  return name;
}

std::string TableName::quoted() const {
  const auto one = [](const std::string& name) { return *quoted_name(name); };
  return schema.empty() ? one(table) : one(schema) + "." + one(table);
}

std::string column_type(Dialect dialect, const Type& type, bool is_key) {
  switch (type.kind) {
    case TypeKind::boolean: return pick(dialect, "boolean", "BOOLEAN", "BIT");
    case TypeKind::int32: return pick(dialect, "integer", "INT", "INT");
    case TypeKind::int64: return pick(dialect, "bigint", "BIGINT", "BIGINT");
    case TypeKind::float64: return pick(dialect, "double precision", "DOUBLE", "FLOAT(53)");
    case TypeKind::decimal: return pick(dialect, "numeric(", "DECIMAL(", "DECIMAL(") + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    case TypeKind::blob: return is_key ? pick(dialect, "bytea", "VARBINARY(255)", "VARBINARY(900)") : pick(dialect, "bytea", "LONGBLOB", "VARBINARY(MAX)");
    case TypeKind::date: return "DATE";
    case TypeKind::timestamp: return pick(dialect, "timestamptz", "DATETIME(6)", "DATETIME2(6)");
    case TypeKind::varchar:
    case TypeKind::json: return text_type(dialect, is_key);
  }
  return text_type(dialect, is_key);
}

bool fits(const Type& type, std::string_view declared) {
  switch (type.kind) {
    case TypeKind::boolean: return is_one_of(declared, {"boolean", "bit", "tinyint"});
    case TypeKind::int32: return is_one_of(declared, {"integer", "int", "bigint", "numeric", "decimal"});
    case TypeKind::int64: return is_one_of(declared, {"bigint", "numeric", "decimal"});
    case TypeKind::float64: return is_one_of(declared, {"double precision", "double", "float"});
    case TypeKind::decimal: return is_one_of(declared, {"numeric", "decimal"});
    case TypeKind::blob: return is_one_of(declared, {"bytea", "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "image"});
    case TypeKind::date: return declared == "date";
    case TypeKind::timestamp: return is_one_of(declared, {"timestamp with time zone", "timestamp without time zone", "datetime", "timestamp", "datetime2", "datetimeoffset"});
    case TypeKind::varchar:
    case TypeKind::json:
      return is_one_of(declared, {"text", "character varying", "character", "varchar", "char", "tinytext", "mediumtext", "longtext", "nvarchar", "nchar", "ntext"});
  }
  return false;
}

std::string columns_query(Dialect dialect, const TableName& table) {
  const std::string schema = !table.schema.empty() ? literal(dialect, table.schema) : pick(dialect, "current_schema()", "DATABASE()", "SCHEMA_NAME()");
  const char* must = pick(dialect, "is_identity = 'NO' AND is_generated = 'NEVER'", "extra NOT LIKE '%auto_increment%' AND extra NOT LIKE '%GENERATED%'",
                          "COLUMNPROPERTY(OBJECT_ID(QUOTENAME(table_schema) + '.' + QUOTENAME(table_name)), column_name, 'IsIdentity') = 0");
  return "SELECT column_name, data_type, CASE WHEN is_nullable = 'NO' AND column_default IS NULL AND " + std::string(must) +
         " THEN 1 ELSE 0 END FROM information_schema.columns WHERE table_schema = " + schema + " AND table_name = " + literal(dialect, table.table);
}

std::string write_statement(Dialect dialect, const std::string& table, const std::vector<std::string>& columns, const std::vector<std::string>& key) {
  const std::vector<std::string> others = without(columns, key);
  if (dialect == Dialect::sql_server && !key.empty()) return merge(table, columns, key, others);
  std::string sql = "INSERT INTO " + table + " (" + joined(columns, ", ") + ") VALUES (" + each(columns, ", ", [](const auto&) { return std::string("?"); }) + ")";
  if (key.empty()) return sql;
  if (dialect == Dialect::mariadb)      // where there is nothing but the key it is set to itself
    return sql + " ON DUPLICATE KEY UPDATE " + each(others.empty() ? key : others, ", ", [](const auto& column) { return column + " = VALUES(" + column + ")"; });
  return sql + " ON CONFLICT (" + joined(key, ", ") + ") DO " +
         (others.empty() ? "NOTHING" : "UPDATE SET " + each(others, ", ", [](const auto& column) { return column + " = EXCLUDED." + column; }));
}

std::string delete_statement(const std::string& table, const std::vector<std::string>& key) {
  return "DELETE FROM " + table + " WHERE " + each(key, " AND ", [](const auto& column) { return column + " = ?"; });
}

std::string savepoint(Dialect dialect) { return dialect == Dialect::sql_server ? "SAVE TRANSACTION penstock_rows" : "SAVEPOINT penstock_rows"; }
std::string back_to_savepoint(Dialect dialect) { return dialect == Dialect::sql_server ? "ROLLBACK TRANSACTION penstock_rows" : "ROLLBACK TO SAVEPOINT penstock_rows"; }
std::string release_savepoint(Dialect dialect) { return dialect == Dialect::sql_server ? "" : "RELEASE SAVEPOINT penstock_rows"; }

std::string limited_select(Dialect dialect, const std::string& from, const std::string& where, const std::string& order, std::int64_t rows) {
  const std::string rest = " FROM " + from + " WHERE " + where + " ORDER BY " + order;
  const std::string limit = std::to_string(rows);
  return dialect == Dialect::sql_server ? "SELECT TOP (" + limit + ") *" + rest : "SELECT *" + rest + " LIMIT " + limit;
}

}  // namespace penstock::odbc
