#include "sql/parquet_range.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "sql/parquet_select.h"
#include "sql/session_impl.h"
#include "sql/sql_text.h"

namespace penstock {
namespace {

constexpr std::string_view kRowNumber = "file_row_number";

struct StoredColumn {
  std::string name;
  std::string type;      // DuckDB's name of it
  bool is_nested() const { return type.ends_with(']') || type.starts_with("STRUCT") || type.starts_with("MAP") || type.starts_with("UNION"); }
};

Type decimal_named(const std::string& type) {
  Type decimal{TypeKind::decimal, 18, 3};
  const auto open = type.find('('), comma = type.find(',');
  if (open == std::string::npos || comma == std::string::npos) return decimal;
  std::from_chars(type.data() + open + 1, type.data() + comma, decimal.precision);
  std::from_chars(type.data() + comma + 1, type.data() + type.size(), decimal.scale);
  return decimal;
}

Type type_of(const StoredColumn& column) {
  static const std::map<std::string, Type, std::less<>> types = {
      {"BOOLEAN", {TypeKind::boolean}},   {"TINYINT", {TypeKind::int32}},         {"SMALLINT", {TypeKind::int32}},     {"INTEGER", {TypeKind::int32}},
      {"UTINYINT", {TypeKind::int32}},    {"USMALLINT", {TypeKind::int32}},       {"UINTEGER", {TypeKind::int64}},     {"BIGINT", {TypeKind::int64}},
      {"UBIGINT", {TypeKind::decimal, 20, 0}}, {"HUGEINT", {TypeKind::decimal, 38, 0}}, {"FLOAT", {TypeKind::float64}},  {"DOUBLE", {TypeKind::float64}},
      {"BLOB", {TypeKind::blob}},         {"DATE", {TypeKind::date}},             {"TIMESTAMP", {TypeKind::timestamp}}, {"TIMESTAMP_S", {TypeKind::timestamp}},
      {"TIMESTAMP_MS", {TypeKind::timestamp}}, {"TIMESTAMP_NS", {TypeKind::timestamp}}, {"TIMESTAMP WITH TIME ZONE", {TypeKind::timestamp}}, {"JSON", {TypeKind::json}}};
  if (column.is_nested()) return {TypeKind::json};
  if (column.type.starts_with("DECIMAL")) return decimal_named(column.type);
  const auto found = types.find(column.type);
  return found == types.end() ? Type{TypeKind::varchar} : found->second;
}

std::string from_file(const std::string& path) { return " FROM read_parquet(" + quote_text(path) + ", hive_partitioning = false, file_row_number = true)"; }

// Without the number of the row, which is not the file's.
Result<std::vector<StoredColumn>> stored_columns_of(Session& session, const std::string& path) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) return Error(ErrorKind::not_found, "there is no file " + path);
  std::vector<StoredColumn> columns;
  const Status described = session.query("SELECT column_name, column_type FROM (DESCRIBE SELECT *" + from_file(path) + ")", [&](const Batch& batch) -> Status {
    const auto names = batch.column(0), types = batch.column(1);
    for (std::int64_t row = 0; row < batch.rows(); ++row)
      if (names.bytes(row) != kRowNumber) columns.push_back({std::string(names.bytes(row)), std::string(types.bytes(row))});
    return {};
  });
  if (described.ok()) return columns;
  const Error& error = described.error();
  return Error(error.kind == ErrorKind::invalid_argument ? ErrorKind::data_loss : error.kind, error.message, error.action, path);
}

std::string value_of(const Field& field, const std::vector<StoredColumn>& columns, const std::vector<ParquetConstant>& constants) {
  const auto constant = std::find_if(constants.begin(), constants.end(), [&](const ParquetConstant& one) { return same_name(one.column, field.name); });
  if (constant != constants.end()) return constant->value ? quote_text(*constant->value) : "NULL";
  const auto column = std::find_if(columns.begin(), columns.end(), [&](const StoredColumn& one) { return same_name(one.name, field.name); });
  if (column == columns.end()) return "NULL";
  return column->is_nested() && field.type.kind == TypeKind::json ? "to_json(" + quote_name(column->name) + ")" : quote_name(column->name);
}

}  // namespace

Result<ParquetLook> look_at_parquet(Session& session, const std::string& path) {
  PENSTOCK_ASSIGN(const auto columns, stored_columns_of(session, path));
  std::vector<Field> fields;
  for (const StoredColumn& column : columns) fields.push_back({column.name, type_of(column)});
  ParquetLook look{.columns = std::make_shared<const Schema>(std::move(fields))};
  PENSTOCK_ASSIGN(const auto counted, session.query("SELECT coalesce(sum(num_rows), 0)::BIGINT FROM parquet_file_metadata(" + quote_text(path) + ")"));
  if (!counted.empty()) look.rows = counted.front().column(0).int64(0);
  return look;
}

Status read_parquet_range(Session& session, const ParquetRange& range, const SchemaPtr& schema, const std::function<Status(const Batch&)>& rows) {
  PENSTOCK_ASSIGN(const auto columns, stored_columns_of(session, range.path));
  std::string select;
  for (const Field& field : schema->fields())
    select += (select.empty() ? "SELECT " : ", ") + ("CAST(" + value_of(field, columns, range.constants) + " AS " + stored_type(field.type) + ") AS " + quote_name(field.name));
  std::string where;
  if (range.first_row > 0) where = " WHERE file_row_number >= " + std::to_string(range.first_row);
  if (range.rows < std::numeric_limits<std::int64_t>::max() - range.first_row)
    where += (where.empty() ? " WHERE " : " AND ") + ("file_row_number < " + std::to_string(range.first_row + range.rows));
  const std::string condition = range.condition.empty() ? "" : " WHERE (\n" + range.condition + "\n)";
  return session.impl().run("SELECT * FROM (" + select + from_file(range.path) + where + ")" + condition, schema, rows);
}

}  // namespace penstock
