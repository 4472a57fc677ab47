#include "record/schema.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace penstock {
namespace {

// What an exported ArrowSchema owns; one per node, freed by its own release.
struct SchemaNode {
  std::string format;
  std::string name;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> child_pointers;
};

void release_schema(ArrowSchema* schema) {
  auto* node = static_cast<SchemaNode*>(schema->private_data);
  for (ArrowSchema& child : node->children)
    if (child.release) child.release(&child);
  delete node;
  schema->release = nullptr;
}

ArrowSchema make_node(std::string format, std::string name, bool nullable, std::size_t children) {
  auto* node = new SchemaNode{std::move(format), std::move(name), std::vector<ArrowSchema>(children), {}};
  for (ArrowSchema& child : node->children) node->child_pointers.push_back(&child);
  ArrowSchema schema{};
  schema.format = node->format.c_str();
  schema.name = node->name.c_str();
  schema.flags = nullable ? ARROW_FLAG_NULLABLE : 0;
  schema.n_children = static_cast<std::int64_t>(children);
  schema.children = node->child_pointers.data();
  schema.release = release_schema;
  schema.private_data = node;
  return schema;
}

std::optional<Type> type_of(std::string_view format) {
  if (format == "b") return Type{TypeKind::boolean};
  if (format == "i") return Type{TypeKind::int32};
  if (format == "l") return Type{TypeKind::int64};
  if (format == "g") return Type{TypeKind::float64};
  if (format == "u") return Type{TypeKind::varchar};
  if (format == "z") return Type{TypeKind::blob};
  if (format == "tdD") return Type{TypeKind::date};
  if (format.starts_with("tsu:")) return Type{TypeKind::timestamp};
  if (format.starts_with("d:")) {
    int precision = 0, scale = 0;
    const char* end = format.data() + format.size();
    const auto [comma, code] = std::from_chars(format.data() + 2, end, precision);
    if (code != std::errc{} || comma == end || *comma != ',') return std::nullopt;
    const auto [rest, scale_code] = std::from_chars(comma + 1, end, scale);
    if (scale_code != std::errc{} || rest != end || precision < 1 || precision > 38 || scale < 0 || scale > precision) return std::nullopt;
    return Type{TypeKind::decimal, static_cast<std::uint8_t>(precision), static_cast<std::uint8_t>(scale)};
  }
  return std::nullopt;
}

}  // namespace

std::string Type::sql_name() const {
  switch (kind) {
    case TypeKind::boolean: return "BOOLEAN";
    case TypeKind::int32: return "INTEGER";
    case TypeKind::int64: return "BIGINT";
    case TypeKind::float64: return "DOUBLE";
    case TypeKind::decimal: return "DECIMAL(" + std::to_string(precision) + "," + std::to_string(scale) + ")";
    case TypeKind::varchar: return "VARCHAR";
    case TypeKind::json: return "JSON";
    case TypeKind::blob: return "BLOB";
    case TypeKind::date: return "DATE";
    case TypeKind::timestamp: return "TIMESTAMP WITH TIME ZONE";
  }
  return "VARCHAR";
}

std::string Type::arrow_format() const {
  switch (kind) {
    case TypeKind::boolean: return "b";
    case TypeKind::int32: return "i";
    case TypeKind::int64: return "l";
    case TypeKind::float64: return "g";
    case TypeKind::decimal: return "d:" + std::to_string(precision) + "," + std::to_string(scale);
    case TypeKind::varchar:
    case TypeKind::json: return "u";
    case TypeKind::blob: return "z";
    case TypeKind::date: return "tdD";
    case TypeKind::timestamp: return "tsu:UTC";
  }
  return "u";
}

std::optional<std::size_t> Schema::find(std::string_view name) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(), [&](const Field& field) { return field.name == name; });
  if (found == fields_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - fields_.begin());
}

std::string Schema::to_string() const {
  std::string text;
  for (const Field& field : fields_) {
    if (!text.empty()) text += ", ";
    text += field.name + " " + field.type.sql_name();
  }
  return text;
}

ArrowSchema export_schema(const Schema& schema) {
  ArrowSchema root = make_node("+s", "", false, schema.size());
  for (std::size_t i = 0; i < schema.size(); ++i)
    *root.children[i] = make_node(schema[i].type.arrow_format(), schema[i].name, schema[i].nullable, 0);
  return root;
}

Result<SchemaPtr> import_schema(const ArrowSchema& schema) {
  if (std::strcmp(schema.format, "+s") != 0)
    return Error(ErrorKind::unsupported, "expected a struct of columns, got Arrow format '" + std::string(schema.format) + "'");
  std::vector<Field> fields;
  for (std::int64_t i = 0; i < schema.n_children; ++i) {
    const ArrowSchema& child = *schema.children[i];
    const auto type = child.dictionary ? std::nullopt : type_of(child.format);
    if (!type)
      return Error(ErrorKind::unsupported, "column '" + std::string(child.name) + "' has the Arrow type '" + child.format + "', which cannot flow through a stream",
                   "cast it to one of BOOLEAN, INTEGER, BIGINT, DOUBLE, DECIMAL, VARCHAR, BLOB, DATE, TIMESTAMPTZ");
    fields.push_back({child.name, *type, (child.flags & ARROW_FLAG_NULLABLE) != 0});
  }
  return std::make_shared<const Schema>(std::move(fields));
}

namespace origin {

const std::vector<Field>& columns() {
  static const std::vector<Field> fields = {
      {std::string(source), {TypeKind::varchar}, false},       {std::string(partition), {TypeKind::int32}, false},
      {std::string(offset), {TypeKind::int64}, false},         {std::string(source_time), {TypeKind::timestamp}, true},
      {std::string(ingest_time), {TypeKind::timestamp}, false}};
  return fields;
}

bool is_origin(std::string_view name) {
  const auto& all = columns();
  return std::any_of(all.begin(), all.end(), [&](const Field& field) { return field.name == name; });
}

}  // namespace origin

}  // namespace penstock
