#include "connectors/avro/avro_evolution.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "connectors/avro/avro_schema.h"
#include "io/avro_contract.h"
#include "io/contract_text.h"

namespace penstock {
namespace {

using Json = nlohmann::ordered_json;
using avro::AvroField;
using avro::AvroSchema;
using avro::AvroType;
using Kind = AvroType::Kind;
using Logical = AvroType::Logical;

Json plain(const AvroType& type) {
  const char* name = avro::name_of(type.kind);
  switch (type.logical) {
    case Logical::none: return name;
    case Logical::decimal: return {{"type", name}, {"logicalType", "decimal"}, {"precision", type.precision}, {"scale", type.scale}};
    case Logical::date: return {{"type", name}, {"logicalType", "date"}};
    case Logical::timestamp_millis: return {{"type", name}, {"logicalType", "timestamp-millis"}};
    case Logical::timestamp_micros: return {{"type", name}, {"logicalType", "timestamp-micros"}};
    case Logical::uuid: return {{"type", name}, {"logicalType", "uuid"}};
  }
  return name;
}

// A type as a schema says it. `defined`: names that need not be said again.
Json json_of(const AvroType& type, std::set<std::string>& defined) {
  if (type.is_named()) {
    if (!defined.insert(type.name).second) return type.name;
    Json named{{"type", avro::name_of(type.kind)}, {"name", type.name}};
    // Without it, a short name would be taken to be of the namespace around it.
    if (type.name.find('.') == std::string::npos) named["namespace"] = "";
    if (type.kind == Kind::fixed) {
      named["size"] = type.size;
      if (type.logical == Logical::decimal) named.update(plain(type));
    }
    if (type.kind == Kind::enumeration) named["symbols"] = type.symbols;
    if (type.fallback) named["default"] = *type.fallback;
    if (type.kind == Kind::record) named["fields"] = Json::array();
    for (const AvroField& field : type.fields) {
      Json member{{"name", field.name}, {"type", json_of(*field.type, defined)}};
      if (field.fallback) member["default"] = Json::parse(field.fallback->to_json(), nullptr, false);
      named["fields"].push_back(std::move(member));
    }
    return named;
  }
  if (type.kind == Kind::array) return {{"type", "array"}, {"items", json_of(*type.parts.front(), defined)}};
  if (type.kind == Kind::map) return {{"type", "map"}, {"values", json_of(*type.parts.front(), defined)}};
  if (type.kind != Kind::choice) return plain(type);
  Json choice = Json::array();
  for (const AvroType* part : type.parts) choice.push_back(json_of(*part, defined));
  return choice;
}

// Nullable, with NULL as its default; null where a contract cannot have it.
Json new_field(const AvroField& field, std::set<std::string>& defined) {
  const AvroType* type = field.type;
  if (type->kind == Kind::choice) {
    const AvroType* one = nullptr;
    for (const AvroType* part : type->parts) {
      if (part->kind == Kind::null) continue;
      if (one) return nullptr;
      one = part;
    }
    type = one;
  }
  if (!type || type->kind == Kind::null) return nullptr;
  return {{"name", field.name}, {"type", Json::array({"null", json_of(*type, defined)})}, {"default", nullptr}};
}

}  // namespace

Result<std::optional<std::string>> evolve_avro_contract(const std::string& path, const RawBatch& sample, const std::vector<std::string>& fields,
                                                        const std::shared_ptr<SchemaRegistry>& registry) {
  PENSTOCK_ASSIGN(const std::string text, read_contract_text(path));
  PENSTOCK_ASSIGN(const auto contract, AvroSchema::parse_contract(text, path));
  Json json = Json::parse(text, nullptr, false);
  Json& record = json.is_array() && !json.empty() ? json.back() : json;
  if (!record.is_object() || !record.contains("fields")) return Error(ErrorKind::invalid_argument, "the contract cannot be understood", "", path);
  if (!registry) return std::optional<std::string>();

  std::set<std::string> defined, added;
  for (const std::string& name : contract->names()) defined.insert(name);
  std::set<std::int32_t> seen;
  for (std::int64_t row = 0; row < sample.rows(); ++row) {
    const auto framed = read_frame(sample[row].value);
    if (!framed || !seen.insert(framed->schema_id).second) continue;
    PENSTOCK_ASSIGN(const auto registered, registry->by_id(framed->schema_id));
    const auto writer = AvroSchema::parse(registered->text, "schema " + std::to_string(framed->schema_id), registered->references);
    if (!writer.ok()) continue;
    for (const AvroField& field : (*writer)->root().fields) {
      if (std::find(fields.begin(), fields.end(), field.name) == fields.end() || added.contains(field.name)) continue;
      std::set<std::string> defined_with_it = defined;
      Json member = new_field(field, defined_with_it);
      if (member.is_null()) continue;
      record["fields"].push_back(std::move(member));
      defined = std::move(defined_with_it);
      added.insert(field.name);
    }
  }
  if (added.empty()) return std::optional<std::string>();
  std::string evolved = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  // A type that the writer may have and a contract may not: better without it than with a contract that cannot be read.
  if (!parse_avro_contract(evolved, path).ok() || !AvroSchema::parse_contract(evolved, path).ok()) return std::optional<std::string>();
  return std::optional(std::move(evolved));
}

}  // namespace penstock
