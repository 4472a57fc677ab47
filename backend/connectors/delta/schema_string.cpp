#include "connectors/delta/schema_string.h"

#include <algorithm>
#include <charconv>
#include <set>

#include <nlohmann/json.hpp>

#include "connectors/delta/json_depth.h"

namespace penstock::delta {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMostLevels = 500;      // a struct in a struct is three of them

Json field_json(const Field& field) {
  return {{"name", field.name}, {"type", delta_type(field.type)}, {"nullable", true}, {"metadata", Json::object()}};
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::optional<Type> decimal_type(std::string_view text) {
  constexpr std::string_view kPrefix = "decimal(";
  if (!text.starts_with(kPrefix) || !text.ends_with(")")) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  text.remove_suffix(1);
  int precision = 0, scale = 0;
  const char* end = text.data() + text.size();
  auto [comma, code] = std::from_chars(text.data(), end, precision);
  if (code != std::errc{} || comma == end || *comma != ',') return std::nullopt;
  ++comma;
  while (comma != end && *comma == ' ') ++comma;
  const auto [rest, scale_code] = std::from_chars(comma, end, scale);
  if (scale_code != std::errc{} || rest != end || precision < 1 || precision > 38 || scale < 0 || scale > precision)
    return std::nullopt;
  return Type{TypeKind::decimal, static_cast<std::uint8_t>(precision), static_cast<std::uint8_t>(scale)};
}

std::optional<Type> penstock_type(std::string_view text) {
  if (text == "boolean") return Type{TypeKind::boolean};
  if (text == "byte" || text == "short" || text == "integer") return Type{TypeKind::int32};
  if (text == "long") return Type{TypeKind::int64};
  if (text == "float" || text == "double") return Type{TypeKind::float64};
  if (text == "string") return Type{TypeKind::varchar};
  if (text == "binary") return Type{TypeKind::blob};
  if (text == "date") return Type{TypeKind::date};
  if (text == "timestamp") return Type{TypeKind::timestamp};
  return decimal_type(text);
}

Error damaged_schema() { return Error(ErrorKind::data_loss, "the schema in the table's metaData is damaged"); }

Result<Json> parse_struct(const std::string& schema_string) {
  Json schema = Json::parse(schema_string, nullptr, false);
  if (is_deeper_than(kMostLevels, schema)) return damaged_schema();
  if (!schema.is_object() || !schema.contains("fields") || !schema["fields"].is_array()) return damaged_schema();
  return schema;
}

}  // namespace

std::string delta_type(Type type) {
  switch (type.kind) {
    case TypeKind::boolean: return "boolean";
    case TypeKind::int32: return "integer";
    case TypeKind::int64: return "long";
    case TypeKind::float64: return "double";
    case TypeKind::decimal: return "decimal(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    case TypeKind::varchar:
    case TypeKind::json: return "string";
    case TypeKind::blob: return "binary";
    case TypeKind::date: return "date";
    case TypeKind::timestamp: return "timestamp";
  }
  return "string";
}

std::string to_schema_string(const Schema& schema) {
  Json fields = Json::array();
  for (const Field& field : schema.fields()) fields.push_back(field_json(field));
  return Json{{"type", "struct"}, {"fields", fields}}.dump();
}

Result<std::vector<TableColumn>> parse_columns(const std::string& schema_string) {
  PENSTOCK_ASSIGN(const Json schema, parse_struct(schema_string));
  std::vector<TableColumn> columns;
  for (const Json& field : schema["fields"]) {
    if (!field.is_object() || !field.contains("name") || !field["name"].is_string() || !field.contains("type"))
      return damaged_schema();
    TableColumn column{.name = field["name"].get<std::string>()};
    const Json& type = field["type"];
    if (type.is_string()) column.type = type.get<std::string>();
    else if (type.is_object() && type.contains("type") && type["type"].is_string()) column.type = type["type"].get<std::string>();
    else return damaged_schema();
    if (field.contains("nullable") && field["nullable"].is_boolean()) column.nullable = field["nullable"].get<bool>();
    if (field.contains("metadata") && field["metadata"].is_object())
      for (const auto& [key, value] : field["metadata"].items()) column.metadata_keys.push_back(key);
    columns.push_back(std::move(column));
  }
  return columns;
}

Result<SchemaPtr> to_schema(const std::vector<TableColumn>& columns) {
  std::vector<Field> fields;
  for (const TableColumn& column : columns) {
    const auto type = penstock_type(column.type);
    if (!type)
      return Error(ErrorKind::unsupported, "column '" + column.name + "' has the type " + column.type + ", which is not supported");
    fields.push_back({column.name, *type, column.nullable});
  }
  return std::make_shared<const Schema>(std::move(fields));
}

Result<SchemaPtr> to_writable_schema(const std::string& schema_string) {
  PENSTOCK_ASSIGN(const std::vector<TableColumn> columns, parse_columns(schema_string));
  PENSTOCK_ASSIGN(SchemaPtr schema, to_schema(columns));
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i].type != delta_type((*schema)[i].type))
      return Error(ErrorKind::unsupported,
                   "column '" + columns[i].name + "' has the type " + columns[i].type + ", which Penstock reads but does not write");
  return schema;
}

Result<std::string> evolve(const std::string& schema_string, const Schema& rows) {
  PENSTOCK_TRY(check_column_names(rows));
  PENSTOCK_ASSIGN(Json schema, parse_struct(schema_string));
  PENSTOCK_ASSIGN(const std::vector<TableColumn> columns, parse_columns(schema_string));

  for (const TableColumn& column : columns)
    if (!column.nullable && !rows.find(column.name))
      return Error(ErrorKind::failed_precondition,
                   "the table requires a value for its column '" + column.name + "', which the rows do not have",
                   "give the column in the step, or write to another table");

  bool changed = false;
  for (const Field& field : rows.fields()) {
    const auto same = std::find_if(columns.begin(), columns.end(),
                                   [&](const TableColumn& column) { return lower(column.name) == lower(field.name); });
    if (same == columns.end()) {
      schema["fields"].push_back(field_json(field));
      changed = true;
    } else if (same->name != field.name) {
      return Error(ErrorKind::failed_precondition,
                   "the column '" + field.name + "' is called '" + same->name + "' in the table",
                   "names must agree in upper and lower case: readers would find NULLs");
    } else if (same->type != delta_type(field.type)) {
      return Error(ErrorKind::failed_precondition,
                   "the column '" + field.name + "' is " + delta_type(field.type) + " in the rows and " + same->type +
                       " in the table",
                   "cast it in the step's SQL, or write to another table");
    }
  }
  return changed ? schema.dump() : std::string();
}

Status check_column_names(const Schema& schema) {
  std::set<std::string> seen;
  if (schema.size() == 0) return Error(ErrorKind::invalid_argument, "a Delta table needs at least one column");
  for (const Field& field : schema.fields()) {
    if (field.name.empty() || field.name.find_first_of(" ,;{}()\n\t=") != std::string::npos)
      return Error(ErrorKind::invalid_argument,
                   "the column '" + field.name + "' has a name that a Delta table cannot hold",
                   "rename it in the step's SQL, without spaces and any of , ; { } ( ) =");
    if (!seen.insert(lower(field.name)).second)
      return Error(ErrorKind::invalid_argument,
                   "two columns are called '" + field.name + "' but for upper and lower case",
                   "rename one of them in the step's SQL");
  }
  return {};
}

}  // namespace penstock::delta
