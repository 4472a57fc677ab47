#include "sql/parquet_select.h"

#include <algorithm>
#include <filesystem>

#include "sql/session_impl.h"
#include "sql/sql_text.h"

namespace penstock {

std::string stored_type(Type type) { return type.kind == TypeKind::json ? "VARCHAR" : type.sql_name(); }

std::string stored_columns(const Schema& schema) {
  std::string columns;
  for (const Field& field : schema.fields()) {
    const std::string name = quote_name(field.name);
    columns += (columns.empty() ? "" : ", ") + ("CAST(" + name + " AS " + stored_type(field.type) + ") AS " + name);
  }
  return columns;
}

std::string without_keys(const std::string& alias, const Schema& key, const std::string& select_keys) {
  std::string same;
  for (const Field& field : key.fields()) {
    const std::string name = quote_name(field.name);
    same += (same.empty() ? "" : " AND ") + ("gone." + name + " IS NOT DISTINCT FROM " + alias + "." + name);
  }
  return " WHERE NOT EXISTS (SELECT 1 FROM (" + select_keys + ") AS gone WHERE " + same + ")";
}

Result<std::string> select_from_parquet(Session& session, std::span<const std::string> paths, const Schema& schema,
                                        std::span<const ConstantColumn> constants) {
  std::string list;
  for (const std::string& path : paths) {
    std::error_code failed;
    if (!std::filesystem::exists(path, failed)) return Error(ErrorKind::not_found, "there is no file " + path);
    list += (list.empty() ? "" : ", ") + quote_text(path);
  }
  const std::string from = " FROM read_parquet([" + list + "], union_by_name = true, hive_partitioning = false)";
  SqlError error;
  const auto statement = Statement::prepare(session.impl().connection.get(), "SELECT *" + from, error);
  if (!statement) {
    const auto kind = error.kind == ErrorKind::invalid_argument ? ErrorKind::data_loss : error.kind;
    return Error(kind, error.message, {}, paths.size() == 1 ? paths.front() : std::string());
  }
  std::vector<std::string> present;
  for (std::size_t column = 0; column < statement->columns(); ++column) present.push_back(statement->name(column));

  std::string columns;
  for (const Field& field : schema.fields()) {
    const std::string type = stored_type(field.type), name = quote_name(field.name);
    const auto is_field = [&](const std::string& one) { return same_name(one, field.name); };
    const auto constant = std::find_if(constants.begin(), constants.end(), [&](const ConstantColumn& one) { return is_field(one.name); });
    std::string value = "NULL";
    if (constant != constants.end()) {
      if (!constant->is_null) value = quote_text(constant->value);
    } else if (std::any_of(present.begin(), present.end(), is_field)) {
      value = name;
    }
    columns += (columns.empty() ? "" : ", ") + ("CAST(" + value + " AS " + type + ") AS " + name);
  }
  return "SELECT " + columns + from;
}

}  // namespace penstock
