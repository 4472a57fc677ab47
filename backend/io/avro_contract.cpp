#include "io/avro_contract.h"

#include <map>

#include "io/located_json.h"
#include "io/scalar_text.h"

namespace penstock {
namespace {

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  Result<Contract> read(const LocatedJson& root);

 private:
  Error at(const LocatedJson& node, ErrorKind kind, std::string message) const {
    return {kind, std::move(message), "", file_ + ":" + std::to_string(node.line)};
  }
  Status read_type(const LocatedJson& type, ContractField& field);
  Status read_named(const LocatedJson& at, const std::string& name, ContractField& field);
  Status read_union(const LocatedJson& branches, ContractField& field);
  Status read_object(const LocatedJson& type, ContractField& field);
  Status read_enum(const LocatedJson& type, ContractField& field);
  Status read_logical(const LocatedJson& type, const LocatedJson& logical, ContractField& field);
  void define(const LocatedJson& type);
  void define_all(const LocatedJson& node, int depth);

  const std::string& file_;
  std::map<std::string, const LocatedJson*, std::less<>> named_;   // records, enums and fixed, by full and short name
  int depth_ = 0;
};

constexpr int kMaxDepth = 64;

std::optional<TypeKind> primitive(std::string_view name) {
  if (name == "boolean") return TypeKind::boolean;
  if (name == "int") return TypeKind::int32;
  if (name == "long") return TypeKind::int64;
  if (name == "float" || name == "double") return TypeKind::float64;
  if (name == "string") return TypeKind::varchar;
  if (name == "bytes") return TypeKind::blob;
  return std::nullopt;
}

Result<Contract> Reader::read(const LocatedJson& given) {
  const bool is_list = given.is_array() && !given.items.empty();
  if (is_list)
    for (const LocatedJson& item : given.items) define_all(item, 0);
  const LocatedJson& root = is_list ? given.items.back() : given;
  const LocatedJson* type = root.find("type");
  if (!type || type->text != "record") return at(type ? *type : root, ErrorKind::invalid_argument, "an Avro contract is a record");
  const LocatedJson* fields = root.find("fields");
  if (!fields || !fields->is_array() || fields->items.empty())
    return at(fields ? *fields : root, ErrorKind::invalid_argument, "an Avro record needs 'fields'");
  define(root);
  Contract contract;
  for (const LocatedJson& node : fields->items) {
    const LocatedJson* name = node.find("name");
    const LocatedJson* field_type = node.find("type");
    if (!name || !name->is_string() || !field_type) return at(node, ErrorKind::invalid_argument, "a field needs a 'name' and a 'type'");
    for (const ContractField& other : contract.fields)
      if (other.name == name->text) return at(*name, ErrorKind::invalid_argument, "field '" + name->text + "' is there twice");
    ContractField field{.name = name->text};
    PENSTOCK_TRY(read_type(*field_type, field));
    if (const LocatedJson* fallback = node.find("default")) {
      field.required = false;
      if (fallback->kind != LocatedJson::Kind::null) field.fallback = fallback->to_json();
    } else {
      // By name, a nullable field that is absent is NULL: producers leave such fields out.
      field.required = !field.nullable;
    }
    contract.fields.push_back(std::move(field));
  }
  return contract;
}

void Reader::define(const LocatedJson& type) {
  const LocatedJson* name = type.find("name");
  if (!name) return;
  named_.insert_or_assign(name->text, &type);
  if (const LocatedJson* space = type.find("namespace")) named_.insert_or_assign(space->text + "." + name->text, &type);
}

// The names that a schema brings, wherever they stand in it.
void Reader::define_all(const LocatedJson& node, int depth) {
  if (depth > kMaxDepth) return;
  if (const LocatedJson* type = node.find("type"); type && (type->text == "record" || type->text == "enum" || type->text == "fixed")) define(node);
  for (const LocatedJson& item : node.items) define_all(item, depth + 1);
  for (const LocatedJsonEntry& entry : node.entries) define_all(entry.second, depth + 1);
}

Status Reader::read_type(const LocatedJson& type, ContractField& field) {
  if (type.is_string()) return read_named(type, type.text, field);
  if (type.is_array()) return read_union(type, field);
  if (type.is_object()) return read_object(type, field);
  return at(type, ErrorKind::invalid_argument, "the type of '" + field.name + "' is neither a name, a list nor an object");
}

Status Reader::read_named(const LocatedJson& node, const std::string& name, ContractField& field) {
  if (const auto kind = primitive(name)) {
    field.type.kind = *kind;
    field.bytes_text = ContractField::BytesText::latin1;
    return {};
  }
  if (name == "null") {
    field.type.kind = TypeKind::json;
    field.nullable = true;
    return {};
  }
  const auto known = named_.find(name);
  if (known == named_.end()) return at(node, ErrorKind::invalid_argument, "'" + field.name + "' has an unknown type '" + name + "'");
  return read_object(*known->second, field);
}

Status Reader::read_union(const LocatedJson& branches, ContractField& field) {
  const LocatedJson* one = nullptr;
  for (const LocatedJson& branch : branches.items) {
    if (branch.text == "null") {
      field.nullable = true;
    } else if (one) {
      return at(branch, ErrorKind::unsupported, "'" + field.name + "': a union of null and one type is supported, not of several");
    } else {
      one = &branch;
    }
  }
  if (!one) return at(branches, ErrorKind::invalid_argument, "'" + field.name + "' has no type but null");
  return read_type(*one, field);
}

Status Reader::read_object(const LocatedJson& type, ContractField& field) {
  const LocatedJson* kind = type.find("type");
  if (!kind) return at(type, ErrorKind::invalid_argument, "the type of '" + field.name + "' lacks its 'type'");
  if (!kind->is_string()) {
    // {"type": {"type": …}}: allowed by the specification, never deep.
    if (++depth_ > 8) return at(type, ErrorKind::invalid_argument, "the type of '" + field.name + "' is nested too deeply");
    const Status status = read_type(*kind, field);
    --depth_;
    return status;
  }
  if (const LocatedJson* logical = type.find("logicalType")) return read_logical(type, *logical, field);
  define(type);
  if (kind->text == "enum") return read_enum(type, field);
  if (kind->text == "fixed") {
    field.type.kind = TypeKind::blob;
    field.bytes_text = ContractField::BytesText::latin1;
    return {};
  }
  if (kind->text == "record" || kind->text == "map" || kind->text == "array") {
    field.type.kind = TypeKind::json;
    field.json = kind->text == "array" ? ContractField::Json::array : ContractField::Json::object;
    return {};
  }
  if (!primitive(kind->text) && kind->text != "null" && named_.find(kind->text) == named_.end())
    return at(*kind, ErrorKind::invalid_argument, "'" + field.name + "' has an unknown type '" + kind->text + "'");
  if (const auto known = named_.find(kind->text); known != named_.end() && known->second == &type)
    return at(*kind, ErrorKind::invalid_argument, "the type of '" + field.name + "' is defined by itself");
  return read_named(*kind, kind->text, field);
}

Status Reader::read_enum(const LocatedJson& type, ContractField& field) {
  field.type.kind = TypeKind::varchar;
  const LocatedJson* symbols = type.find("symbols");
  if (!symbols || symbols->items.empty()) return at(type, ErrorKind::invalid_argument, "the enum of '" + field.name + "' needs 'symbols'");
  for (const LocatedJson& symbol : symbols->items) field.checks.one_of.push_back(symbol.text);
  return {};
}

Status Reader::read_logical(const LocatedJson& type, const LocatedJson& logical, ContractField& field) {
  const std::string& base = type.find("type")->text;
  const auto needs = [&](std::string_view wanted) -> Status {
    if (base == wanted) return {};
    return at(logical, ErrorKind::invalid_argument, "'" + field.name + "': logical type " + logical.text + " stands on " + std::string(wanted) + ", not on " + base);
  };
  define(type);
  if (logical.text == "decimal") {
    if (base != "fixed") PENSTOCK_TRY(needs("bytes"));
    const LocatedJson* precision = type.find("precision");
    const LocatedJson* scale = type.find("scale");
    const std::int64_t digits = precision ? parse_whole(precision->text).value_or(-1) : -1;
    const std::int64_t decimals = scale ? parse_whole(scale->text).value_or(-1) : 0;
    if (digits < 1 || digits > 38 || decimals < 0 || decimals > digits)
      return at(logical, ErrorKind::invalid_argument, "'" + field.name + "': a decimal has a 'precision' from 1 to 38 and a 'scale' up to it");
    field.type = {TypeKind::decimal, static_cast<std::uint8_t>(digits), static_cast<std::uint8_t>(decimals)};
    field.decimal_as_text = true;
    return {};
  }
  if (logical.text == "date") {
    field.type.kind = TypeKind::date;
    field.date_as_days = true;
    return needs("int");
  }
  if (logical.text == "timestamp-millis" || logical.text == "timestamp-micros") {
    field.type.kind = TypeKind::timestamp;
    field.epoch = logical.text == "timestamp-millis" ? ContractField::Epoch::millis : ContractField::Epoch::micros;
    return needs("long");
  }
  if (logical.text == "uuid") {
    field.type.kind = TypeKind::varchar;
    field.checks.uuid = true;
    return needs("string");
  }
  return at(logical, ErrorKind::unsupported, "logical type '" + logical.text + "' of '" + field.name + "' is not supported");
}

}  // namespace

Result<Contract> parse_avro_contract(std::string_view text, const std::string& file) {
  PENSTOCK_ASSIGN(const LocatedJson root, parse_located_json(text, file));
  return Reader(file).read(root);
}

}  // namespace penstock
