#include "connectors/delta/partitions.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <string_view>

#include "record/key_bytes.h"

namespace penstock::delta {
namespace {

constexpr std::size_t kMostOfAName = 160;      // bytes; a file's name may have 255

bool is_among(const std::vector<std::string>& columns, const std::string& name) { return std::find(columns.begin(), columns.end(), name) != columns.end(); }

std::optional<std::string> value_of(const ColumnView& column, std::int64_t row) {
  if (column.is_null(row)) return std::nullopt;
  std::string text = column.to_text(row);
  if (text.empty()) return std::nullopt;
  return text;
}

std::string name_in_path(const std::string& text) {
  std::string name;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f && std::string_view("\"#%'*/:=?\\{[]^").find(c) == std::string_view::npos) {
      name += c;
      continue;
    }
    char escaped[4];
    std::snprintf(escaped, sizeof escaped, "%%%02X", byte);
    name += escaped;
  }
  if (name.size() <= kMostOfAName) return name;
  // Not in the middle of a character: no reader opens a path that is no UTF-8.
  std::size_t size = kMostOfAName;
  while (size > 0 && (static_cast<unsigned char>(name[size]) & 0xc0) == 0x80) --size;
  return name.substr(0, size) + "~" + std::to_string(fnv_hash(name));
}

}  // namespace

Status check_partition_columns(const Schema& rows, const std::vector<std::string>& columns) {
  for (const std::string& name : columns) {
    const auto column = rows.find(name);
    if (!column) return Error(ErrorKind::failed_precondition, "the partition column '" + name + "' is not among the rows' columns", "give it in the step's SQL");
    const Type type = rows[*column].type;
    const bool divides = type.kind != TypeKind::json && type.kind != TypeKind::blob && type.kind != TypeKind::float64;
    if (!divides || origin::is_origin(name) || name == "window_start")
      return Error(ErrorKind::failed_precondition, "'" + name + "' (" + type.sql_name() + ") cannot divide a table", "a text, a whole number, a date, a decimal, a boolean or a time that the step's SQL gives");
  }
  if (!columns.empty() && columns.size() >= rows.size()) return Error(ErrorKind::failed_precondition, "a table has other columns than those that divide it", "another column in the step's SQL");
  return {};
}

std::vector<PartitionRows> divide(const std::vector<Batch>& rows, const std::vector<std::string>& columns) {
  std::vector<PartitionRows> partitions;
  std::map<PartitionValues, std::size_t> known;
  for (const Batch& batch : rows) {
    std::map<std::size_t, std::vector<std::int64_t>> rows_of;
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      PartitionValues values;
      for (const std::string& name : columns) {
        const auto column = batch.find(name);
        values[name] = column ? value_of(*column, row) : std::nullopt;
      }
      const auto [partition, is_new] = known.try_emplace(std::move(values), partitions.size());
      if (is_new) partitions.push_back({.values = partition->first, .rows = {}});
      rows_of[partition->second].push_back(row);
    }
    std::vector<std::size_t> kept;
    for (std::size_t column = 0; column < batch.schema()->size(); ++column)
      if (!is_among(columns, (*batch.schema())[column].name)) kept.push_back(column);
    const Batch data = batch.select(kept);
    for (const auto& [partition, indices] : rows_of) partitions[partition].rows.push_back(data.take(indices));
  }
  return partitions;
}

SchemaPtr without_columns(const Schema& schema, const std::vector<std::string>& columns) {
  std::vector<Field> fields;
  for (const Field& field : schema.fields())
    if (!is_among(columns, field.name)) fields.push_back(field);
  return std::make_shared<const Schema>(std::move(fields));
}

std::string partition_folder(const PartitionValues& values, const std::vector<std::string>& columns) {
  std::string folder;
  for (const std::string& name : columns) {
    const auto value = values.find(name);
    const bool is_null = value == values.end() || !value->second;
    folder += name_in_path(name) + "=" + (is_null ? "__HIVE_DEFAULT_PARTITION__" : name_in_path(*value->second)) + "/";
  }
  return folder;
}

std::vector<ParquetConstant> constants_of(const PartitionValues& values) {
  std::vector<ParquetConstant> constants;
  for (const auto& [column, value] : values) constants.push_back({column, value});
  return constants;
}

}  // namespace penstock::delta
