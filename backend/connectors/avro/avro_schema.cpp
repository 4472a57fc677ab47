#include "connectors/avro/avro_schema.h"

#include <algorithm>
#include <array>
#include <map>

#include "io/scalar_text.h"

namespace penstock::avro {
namespace {

using Kind = AvroType::Kind;
using Logical = AvroType::Logical;

constexpr int kMaxDepth = 64;

constexpr std::array<std::pair<const char*, Kind>, 14> kKinds{{{"null", Kind::null}, {"boolean", Kind::boolean}, {"int", Kind::int32}, {"long", Kind::int64},
    {"float", Kind::float32}, {"double", Kind::float64}, {"bytes", Kind::bytes}, {"string", Kind::string}, {"array", Kind::array}, {"map", Kind::map},
    {"fixed", Kind::fixed}, {"enum", Kind::enumeration}, {"record", Kind::record}, {"union", Kind::choice}}};

std::optional<Kind> primitive(std::string_view name) {
  for (std::size_t i = 0; i < 8; ++i)
    if (name == kKinds[i].first) return kKinds[i].second;
  return std::nullopt;
}

}  // namespace

const char* name_of(Kind kind) { return std::find_if(kKinds.begin(), kKinds.end(), [kind](const auto& one) { return one.second == kind; })->first; }

std::string_view short_name(std::string_view full) {
  const std::size_t dot = full.rfind('.');
  return dot == std::string_view::npos ? full : full.substr(dot + 1);
}

bool names_match(const AvroType& writer, const AvroType& reader) {
  const std::string_view written = short_name(writer.name);
  return written == short_name(reader.name) ||
         std::any_of(reader.aliases.begin(), reader.aliases.end(), [&](const std::string& alias) { return short_name(alias) == written; });
}

class SchemaReader {
 public:
  SchemaReader(AvroSchema& schema, const std::string& file) : schema_(schema), file_(&file) {}

  Result<const AvroType*> read_text(std::string_view text, const std::string& file) {
    file_ = &file;
    depth_ = 0;
    PENSTOCK_ASSIGN(const LocatedJson root, parse_located_json(text, file));
    return read(root, "");
  }
  Result<const AvroType*> read_last(std::string_view text, const std::string& file) {
    PENSTOCK_ASSIGN(const LocatedJson root, parse_located_json(text, file));
    if (!root.is_array() || root.items.empty()) return read(root, "");
    for (std::size_t i = 0; i + 1 < root.items.size(); ++i) PENSTOCK_TRY(read(root.items[i], ""));
    return read(root.items.back(), "");
  }
  void finish(const AvroType* root) { schema_.root_ = root; }

 private:
  Error at(const LocatedJson& node, std::string message) const {
    return {ErrorKind::invalid_argument, std::move(message), "", *file_ + ":" + std::to_string(node.line)};
  }
  AvroType& add(Kind kind, const LocatedJson& node) {
    schema_.types_.push_back({.kind = kind, .line = node.line});
    return schema_.types_.back();
  }
  Result<const AvroType*> read(const LocatedJson& node, const std::string& space);
  Result<const AvroType*> read_name(const LocatedJson& node, const std::string& space);
  Result<const AvroType*> read_choice(const LocatedJson& node, const std::string& space);
  Result<const AvroType*> read_object(const LocatedJson& node, const std::string& space);
  Result<const AvroType*> read_named(Kind kind, const LocatedJson& node, std::string space);
  Status read_fields(const LocatedJson& node, const std::string& space, AvroType& record);
  Status read_symbols(const LocatedJson& node, AvroType& type);
  void read_logical(const LocatedJson& node, AvroType& type) const;

  AvroSchema& schema_;
  const std::string* file_;
  std::map<std::string, const AvroType*, std::less<>> named_;
  int depth_ = 0;
};

Result<const AvroType*> SchemaReader::read(const LocatedJson& node, const std::string& space) {
  if (++depth_ > kMaxDepth) return at(node, "the schema is nested deeper than " + std::to_string(kMaxDepth) + " levels");
  Result<const AvroType*> type = node.is_string()  ? read_name(node, space)
                                 : node.is_array()  ? read_choice(node, space)
                                 : node.is_object() ? read_object(node, space)
                                                    : at(node, "a type is a name, a list or an object");
  --depth_;
  return type;
}

Result<const AvroType*> SchemaReader::read_name(const LocatedJson& node, const std::string& space) {
  if (const auto kind = primitive(node.text)) return &add(*kind, node);
  if (!space.empty() && node.text.find('.') == std::string::npos)
    if (const auto found = named_.find(space + "." + node.text); found != named_.end()) return found->second;
  if (const auto found = named_.find(node.text); found != named_.end()) return found->second;
  // Contracts that people write by hand leave the namespace out.
  for (const auto& [name, type] : named_)
    if (short_name(name) == node.text) return type;
  return at(node, "there is no type '" + shortened(node.text) + "'");
}

Result<const AvroType*> SchemaReader::read_choice(const LocatedJson& node, const std::string& space) {
  AvroType& choice = add(Kind::choice, node);
  for (const LocatedJson& item : node.items) {
    PENSTOCK_ASSIGN(const AvroType* branch, read(item, space));
    if (branch->kind == Kind::choice) return at(item, "a union cannot hold a union directly");
    for (const AvroType* other : choice.parts)
      if (other->kind == branch->kind && (!branch->is_named() || other->name == branch->name))
        return at(item, "a union holds '" + (branch->is_named() ? branch->name : name_of(branch->kind)) + "' twice");
    choice.parts.push_back(branch);
  }
  if (choice.parts.empty()) return at(node, "a union needs a branch");
  return &choice;
}

Result<const AvroType*> SchemaReader::read_object(const LocatedJson& node, const std::string& space) {
  const LocatedJson* type = node.find("type");
  if (!type) return at(node, "a type lacks its 'type'");
  if (!type->is_string()) return read(*type, space);
  if (type->text == "record" || type->text == "error") return read_named(Kind::record, node, space);
  if (type->text == "enum") return read_named(Kind::enumeration, node, space);
  if (type->text == "fixed") return read_named(Kind::fixed, node, space);
  if (type->text == "array" || type->text == "map") {
    const bool is_array = type->text == "array";
    const LocatedJson* part = node.find(is_array ? "items" : "values");
    if (!part) return at(node, is_array ? "an array needs 'items'" : "a map needs 'values'");
    AvroType& holder = add(is_array ? Kind::array : Kind::map, node);
    PENSTOCK_ASSIGN(const AvroType* held, read(*part, space));
    holder.parts.push_back(held);
    return &holder;
  }
  const auto kind = primitive(type->text);
  if (!kind) return read_name(*type, space);
  AvroType& simple = add(*kind, node);
  read_logical(node, simple);
  return &simple;
}

Result<const AvroType*> SchemaReader::read_named(Kind kind, const LocatedJson& node, std::string space) {
  const LocatedJson* name = node.find("name");
  if (!name || !name->is_string() || name->text.empty()) return at(node, std::string("a ") + name_of(kind) + " needs a 'name'");
  AvroType& type = add(kind, node);
  if (const LocatedJson* own = node.find("namespace"); own && own->is_string()) space = own->text;
  const auto full = [&](const std::string& given) { return given.find('.') != std::string::npos || space.empty() ? given : space + "." + given; };
  type.name = full(name->text);
  if (const std::size_t dot = type.name.rfind('.'); dot != std::string::npos) space = type.name.substr(0, dot);
  if (const LocatedJson* aliases = node.find("aliases"))
    for (const LocatedJson& alias : aliases->items) type.aliases.push_back(full(alias.text));
  if (!named_.emplace(type.name, &type).second) return at(*name, "'" + type.name + "' is defined twice");
  if (kind == Kind::record) {
    PENSTOCK_TRY(read_fields(node, space, type));
  } else if (kind == Kind::enumeration) {
    PENSTOCK_TRY(read_symbols(node, type));
  } else {
    const LocatedJson* size = node.find("size");
    type.size = size ? parse_whole(size->text).value_or(-1) : -1;
    if (type.size < 0 || type.size > (1 << 30)) return at(size ? *size : node, "a fixed needs a 'size' in bytes");
    read_logical(node, type);
  }
  return &type;
}

Status SchemaReader::read_fields(const LocatedJson& node, const std::string& space, AvroType& record) {
  const LocatedJson* fields = node.find("fields");
  if (!fields || !fields->is_array()) return at(node, "a record needs 'fields'");
  for (const LocatedJson& item : fields->items) {
    const LocatedJson* name = item.find("name");
    const LocatedJson* type = item.find("type");
    if (!name || !name->is_string() || !type) return at(item, "a field needs a 'name' and a 'type'");
    for (const AvroField& other : record.fields)
      if (other.name == name->text) return at(*name, "field '" + name->text + "' is there twice");
    AvroField field{.name = name->text, .line = item.line};
    PENSTOCK_ASSIGN(field.type, read(*type, space));
    if (const LocatedJson* aliases = item.find("aliases"))
      for (const LocatedJson& alias : aliases->items) field.aliases.push_back(alias.text);
    if (const LocatedJson* fallback = item.find("default")) field.fallback = *fallback;
    record.fields.push_back(std::move(field));
  }
  return {};
}

Status SchemaReader::read_symbols(const LocatedJson& node, AvroType& type) {
  const LocatedJson* symbols = node.find("symbols");
  if (!symbols || symbols->items.empty()) return at(node, "an enum needs 'symbols'");
  for (const LocatedJson& symbol : symbols->items) type.symbols.push_back(symbol.text);
  if (const LocatedJson* fallback = node.find("default")) {
    if (std::find(type.symbols.begin(), type.symbols.end(), fallback->text) == type.symbols.end())
      return at(*fallback, "the default of an enum is one of its symbols");
    type.fallback = fallback->text;
  }
  return {};
}

void SchemaReader::read_logical(const LocatedJson& node, AvroType& type) const {
  const LocatedJson* logical = node.find("logicalType");
  if (!logical) return;
  const auto number = [&](const char* key, std::int64_t otherwise) {
    const LocatedJson* found = node.find(key);
    return found ? parse_whole(found->text).value_or(-1) : otherwise;
  };
  if (logical->text == "decimal" && (type.kind == Kind::bytes || type.kind == Kind::fixed)) {
    const std::int64_t precision = number("precision", -1), scale = number("scale", 0);
    if (precision < 1 || precision > 38 || scale < 0 || scale > precision) return;
    type.logical = Logical::decimal;
    type.precision = static_cast<std::uint8_t>(precision);
    type.scale = static_cast<std::uint8_t>(scale);
  } else if (logical->text == "date" && type.kind == Kind::int32) {
    type.logical = Logical::date;
  } else if (logical->text == "timestamp-millis" && type.kind == Kind::int64) {
    type.logical = Logical::timestamp_millis;
  } else if (logical->text == "timestamp-micros" && type.kind == Kind::int64) {
    type.logical = Logical::timestamp_micros;
  } else if (logical->text == "uuid" && type.kind == Kind::string) {
    type.logical = Logical::uuid;
  }
}

Result<std::shared_ptr<const AvroSchema>> AvroSchema::parse(std::string_view text, const std::string& file,
                                                           const std::vector<RegisteredSchema::Reference>& references) {
  auto schema = std::make_shared<AvroSchema>();
  SchemaReader reader(*schema, file);
  for (const RegisteredSchema::Reference& reference : references) {
    const std::string name = file + ", its reference " + reference.name;
    PENSTOCK_TRY(reader.read_text(reference.text, name));
  }
  PENSTOCK_ASSIGN(const AvroType* root, reader.read_text(text, file));
  reader.finish(root);
  return std::shared_ptr<const AvroSchema>(std::move(schema));
}

std::vector<std::string> AvroSchema::names() const {
  std::vector<std::string> names;
  for (const AvroType& type : types_)
    if (type.is_named()) names.push_back(type.name);
  return names;
}

Result<std::shared_ptr<const AvroSchema>> AvroSchema::parse_contract(std::string_view text, const std::string& file) {
  auto schema = std::make_shared<AvroSchema>();
  SchemaReader reader(*schema, file);
  PENSTOCK_ASSIGN(const AvroType* root, reader.read_last(text, file));
  reader.finish(root);
  return std::shared_ptr<const AvroSchema>(std::move(schema));
}

}  // namespace penstock::avro
