#include "io/json_schema_contract.h"

#include <algorithm>
#include <array>
#include <set>

#include "io/located_json.h"
#include "io/scalar_text.h"

namespace penstock {
namespace {

constexpr int kMaxReferences = 16;
constexpr std::uint8_t kDefaultPrecision = 18;

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Say something to people only.
constexpr std::array<std::string_view, 13> kAnnotations = {"title", "description", "default", "examples", "$comment", "deprecated", "readOnly",
                                                           "writeOnly", "$id", "$schema", "$anchor", "contentMediaType", "$vocabulary"};
constexpr std::array<std::string_view, 18> kFieldKeywords = {
    "type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
    "maxLength", "pattern", "format", "contentEncoding", "x-precision", "x-scale", "anyOf", "oneOf", "$ref"};
constexpr std::array<std::string_view, 6> kRootKeywords = {"type", "properties", "required", "additionalProperties", "definitions", "$defs"};
// Describe the inside of a json column, which a contract leaves to SQL.
constexpr std::array<std::string_view, 9> kInsideKeywords = {"properties", "required", "additionalProperties", "items", "prefixItems",
                                                             "minItems", "maxItems", "uniqueItems", "patternProperties"};

class Reader {
 public:
  Reader(const LocatedJson& root, const std::string& file) : root_(root), file_(file) {}

  Result<Contract> read();

 private:
  Error at(const LocatedJson& node, ErrorKind kind, std::string message) const {
    return {kind, std::move(message), "", file_ + ":" + std::to_string(node.line)};
  }
  Error unsupported(const LocatedJson& node, std::string message) const { return at(node, ErrorKind::unsupported, std::move(message)); }
  Error wrong(const LocatedJson& node, std::string message) const { return at(node, ErrorKind::invalid_argument, std::move(message)); }

  Result<const LocatedJson*> resolve(const LocatedJson* node) const;
  Status read_field(const LocatedJson& node, ContractField& field) const;
  Status read_branches(const LocatedJson& branches, ContractField& field) const;
  Status read_type(const LocatedJson& node, const LocatedJson& type, ContractField& field) const;
  Status set_type(const LocatedJson& node, const LocatedJson& at, std::string_view type, ContractField& field) const;
  Status read_number(const LocatedJson& node, ContractField& field) const;
  Status read_string(const LocatedJson& node, ContractField& field) const;
  Status read_checks(const LocatedJson& node, ContractField& field) const;
  Result<std::optional<std::int64_t>> whole(const LocatedJson& node, std::string_view keyword) const;

  const LocatedJson& root_;
  const std::string& file_;
};

Result<Contract> Reader::read() {
  if (!root_.is_object()) return wrong(root_, "a JSON Schema contract is an object");
  if (const LocatedJson* draft = root_.find("$schema")) {
    const bool known = draft->text.find("draft-07") != std::string::npos || draft->text.find("2019-09") != std::string::npos ||
                       draft->text.find("2020-12") != std::string::npos;
    if (!known) return unsupported(*draft, "JSON Schema '" + draft->text + "' is not supported; use draft-07, 2019-09 or 2020-12");
  }
  for (const auto& [keyword, value] : root_.entries)
    if (!contains(kRootKeywords, keyword) && !contains(kAnnotations, keyword))
      return unsupported(value, "keyword '" + keyword + "' is not supported in a contract");
  const LocatedJson* type = root_.find("type");
  if (!type || type->text != "object") return wrong(type ? *type : root_, "a contract describes an object: \"type\": \"object\"");
  const LocatedJson* properties = root_.find("properties");
  if (!properties || !properties->is_object() || properties->entries.empty())
    return wrong(properties ? *properties : root_, "a contract needs 'properties'");

  std::set<std::string, std::less<>> required;
  if (const LocatedJson* names = root_.find("required")) {
    for (const LocatedJson& name : names->items) {
      if (!properties->find(name.text)) return wrong(name, "'" + name.text + "' is required but is no property");
      required.insert(name.text);
    }
  }
  Contract contract;
  for (const auto& [name, node] : properties->entries) {
    ContractField field{.name = name, .required = required.contains(name)};
    PENSTOCK_TRY(read_field(node, field));
    contract.fields.push_back(std::move(field));
  }
  return contract;
}

Result<const LocatedJson*> Reader::resolve(const LocatedJson* node) const {
  for (int followed = 0;; ++followed) {
    const LocatedJson* reference = node->find("$ref");
    if (!reference) return node;
    if (followed == kMaxReferences) return wrong(*reference, "'$ref' leads in a circle");
    const LocatedJson* target = nullptr;
    for (const std::string_view group : {"definitions", "$defs"}) {
      const std::string prefix = "#/" + std::string(group) + "/";
      if (const LocatedJson* named = root_.find(group); named && reference->text.starts_with(prefix))
        target = named->find(reference->text.substr(prefix.size()));
    }
    if (!target) return wrong(*reference, "'$ref' to '" + reference->text + "': there is no such definition in this file");
    node = target;
  }
}

Status Reader::read_field(const LocatedJson& written, ContractField& field) const {
  if (!written.is_object()) return unsupported(written, "'" + field.name + "': a property is described by an object");
  PENSTOCK_ASSIGN(const LocatedJson* resolved, resolve(&written));
  const LocatedJson& node = *resolved;
  for (const auto& [keyword, value] : node.entries)
    if (!contains(kFieldKeywords, keyword) && !contains(kAnnotations, keyword) && !contains(kInsideKeywords, keyword))
      return unsupported(value, "keyword '" + keyword + "' of '" + field.name + "' is not supported in a contract");
  for (const std::string_view keyword : {"anyOf", "oneOf"})
    if (const LocatedJson* branches = node.find(keyword)) return read_branches(*branches, field);
  const LocatedJson* type = node.find("type");
  if (!type) {
    if (const LocatedJson* allowed = node.find("enum"))
      return wrong(*allowed, "'" + field.name + "' needs a 'type' beside its 'enum'");
    field.type.kind = TypeKind::json;
    field.nullable = true;
    return {};
  }
  PENSTOCK_TRY(read_type(node, *type, field));
  return read_checks(node, field);
}

Status Reader::read_branches(const LocatedJson& branches, ContractField& field) const {
  const LocatedJson* one = nullptr;
  for (const LocatedJson& branch : branches.items) {
    const LocatedJson* type = branch.find("type");
    if (type && type->text == "null") {
      field.nullable = true;
    } else if (one) {
      return unsupported(branch, "'" + field.name + "': only a choice between one type and null is supported");
    } else {
      one = &branch;
    }
  }
  if (!one) return wrong(branches, "'" + field.name + "' has no type but null");
  const bool nullable = field.nullable;
  PENSTOCK_TRY(read_field(*one, field));
  field.nullable = field.nullable || nullable;
  return {};
}

Status Reader::read_type(const LocatedJson& node, const LocatedJson& type, ContractField& field) const {
  if (type.is_string()) return set_type(node, type, type.text, field);
  const LocatedJson* one = nullptr;
  for (const LocatedJson& item : type.items) {
    if (item.text == "null") {
      field.nullable = true;
    } else if (one) {
      return unsupported(item, "'" + field.name + "': a type may be one type and null, not several");
    } else {
      one = &item;
    }
  }
  if (!one) return wrong(type, "'" + field.name + "' has no type but null");
  return set_type(node, *one, one->text, field);
}

Status Reader::set_type(const LocatedJson& node, const LocatedJson& at, std::string_view type, ContractField& field) const {
  const bool nested = type == "object" || type == "array";
  for (const auto& [keyword, value] : node.entries)
    if (!nested && contains(kInsideKeywords, keyword)) return unsupported(value, "keyword '" + keyword + "' does not fit '" + field.name + "'");
  if (type == "boolean") {
    field.type.kind = TypeKind::boolean;
  } else if (type == "integer") {
    const LocatedJson* format = node.find("format");
    field.type.kind = format && format->text == "int32" ? TypeKind::int32 : TypeKind::int64;
    if (const LocatedJson* step = node.find("multipleOf"); step && step->text != "1")
      return unsupported(*step, "'multipleOf' of '" + field.name + "' is supported for numbers with decimals only");
  } else if (type == "number") {
    return read_number(node, field);
  } else if (type == "string") {
    return read_string(node, field);
  } else if (nested) {
    field.type.kind = TypeKind::json;
    field.json = type == "object" ? ContractField::Json::object : ContractField::Json::array;
  } else {
    return wrong(at, "'" + field.name + "' has an unknown type '" + std::string(type) + "'");
  }
  return {};
}

Status Reader::read_number(const LocatedJson& node, ContractField& field) const {
  field.type.kind = TypeKind::float64;
  PENSTOCK_ASSIGN(const auto precision, whole(node, "x-precision"));
  PENSTOCK_ASSIGN(const auto scale, whole(node, "x-scale"));
  std::optional<std::int64_t> decimals = scale;
  if (const LocatedJson* step = node.find("multipleOf")) {
    // 0.01 is 1 after two decimals.
    const std::string& text = step->text;
    const bool power = text == "1" || (text.starts_with("0.") && text.ends_with("1") && text.find_first_not_of('0', 2) == text.size() - 1);
    if (!power) return unsupported(*step, "'multipleOf' of '" + field.name + "' is supported for powers of ten only: 1, 0.1, 0.01, …");
    const std::int64_t places = text == "1" ? 0 : static_cast<std::int64_t>(text.size()) - 2;
    if (scale && *scale != places) return wrong(*step, "'multipleOf' and 'x-scale' of '" + field.name + "' disagree");
    decimals = places;
  }
  if (!decimals && !precision) return {};
  const std::int64_t digits = precision.value_or(kDefaultPrecision);
  if (digits < 1 || digits > 38 || decimals.value_or(0) < 0 || decimals.value_or(0) > digits)
    return wrong(node, "'" + field.name + "': a decimal has 1 to 38 digits, and no more decimals than digits");
  field.type = {TypeKind::decimal, static_cast<std::uint8_t>(digits), static_cast<std::uint8_t>(decimals.value_or(0))};
  return {};
}

Status Reader::read_string(const LocatedJson& node, ContractField& field) const {
  field.type.kind = TypeKind::varchar;
  if (const LocatedJson* encoding = node.find("contentEncoding")) {
    if (encoding->text != "base64") return unsupported(*encoding, "contentEncoding '" + encoding->text + "' of '" + field.name + "' is not supported; base64 is");
    field.type.kind = TypeKind::blob;
    field.bytes_text = ContractField::BytesText::base64;
  }
  if (const LocatedJson* format = node.find("format")) {
    // Other formats are annotations, as the specification has it.
    if (format->text == "date-time") field.type.kind = TypeKind::timestamp;
    if (format->text == "date") field.type.kind = TypeKind::date;
    field.checks.uuid = format->text == "uuid";
  }
  return {};
}

Status Reader::read_checks(const LocatedJson& node, ContractField& field) const {
  const bool is_number = field.type.kind == TypeKind::int32 || field.type.kind == TypeKind::int64 || field.type.kind == TypeKind::float64 ||
                         field.type.kind == TypeKind::decimal;
  const bool is_text = field.type.kind == TypeKind::varchar;
  const auto number = [&](std::string_view keyword, std::optional<double>& bound) -> Status {
    const LocatedJson* value = node.find(keyword);
    if (!value) return {};
    if (!is_number) return unsupported(*value, "'" + std::string(keyword) + "' does not fit '" + field.name + "', which is no number");
    bound = value->kind == LocatedJson::Kind::number ? parse_real(value->text) : std::nullopt;
    if (!bound) return wrong(*value, "'" + std::string(keyword) + "' of '" + field.name + "' must be a number");
    return {};
  };
  ValueChecks& checks = field.checks;
  std::optional<double> above, below;
  PENSTOCK_TRY(number("minimum", checks.minimum));
  PENSTOCK_TRY(number("maximum", checks.maximum));
  PENSTOCK_TRY(number("exclusiveMinimum", above));
  PENSTOCK_TRY(number("exclusiveMaximum", below));
  if (above && (!checks.minimum || *above >= *checks.minimum)) checks.minimum = above, checks.minimum_exclusive = true;
  if (below && (!checks.maximum || *below <= *checks.maximum)) checks.maximum = below, checks.maximum_exclusive = true;

  PENSTOCK_ASSIGN(checks.min_length, whole(node, "minLength"));
  PENSTOCK_ASSIGN(checks.max_length, whole(node, "maxLength"));
  if (const LocatedJson* pattern = node.find("pattern")) {
    if (!pattern->is_string()) return wrong(*pattern, "'pattern' of '" + field.name + "' must be text");
    checks.pattern = pattern->text;
  }
  for (const std::string_view keyword : {"minLength", "maxLength", "pattern"})
    if (const LocatedJson* value = node.find(keyword); value && !is_text)
      return unsupported(*value, "'" + std::string(keyword) + "' does not fit '" + field.name + "', which is no text");

  const auto allow = [&](const LocatedJson& value) -> Status {
    if (value.kind == LocatedJson::Kind::null && field.nullable) return {};
    const bool fits = (is_text && value.is_string()) || (is_number && value.kind == LocatedJson::Kind::number);
    if (!fits) return unsupported(value, "a value allowed for '" + field.name + "' must be of its type, text or a number");
    checks.one_of.push_back(value.text);
    return {};
  };
  if (const LocatedJson* allowed = node.find("enum"))
    for (const LocatedJson& value : allowed->items) PENSTOCK_TRY(allow(value));
  if (const LocatedJson* only = node.find("const")) PENSTOCK_TRY(allow(*only));
  return {};
}

Result<std::optional<std::int64_t>> Reader::whole(const LocatedJson& node, std::string_view keyword) const {
  const LocatedJson* value = node.find(keyword);
  if (!value) return std::optional<std::int64_t>();
  const auto number = value->kind == LocatedJson::Kind::number ? parse_whole(value->text) : std::nullopt;
  if (!number || *number < 0) return wrong(*value, "'" + std::string(keyword) + "' must be a whole number, not negative");
  return number;
}

}  // namespace

Result<Contract> parse_json_schema_contract(std::string_view text, const std::string& file) {
  PENSTOCK_ASSIGN(const LocatedJson root, parse_located_json(text, file));
  return Reader(root, file).read();
}

}  // namespace penstock
