#include "connectors/avro/avro_translator.h"

#include <deque>
#include <map>

#include <nlohmann/json.hpp>

#include "connectors/avro/avro_json.h"
#include "connectors/avro/avro_plan.h"
#include "connectors/avro/avro_schema.h"
#include "connectors/avro/avro_wire.h"
#include "io/writer_schemas.h"

namespace penstock {
namespace {

using namespace avro;
using Json = nlohmann::json;

struct Reading {
  std::shared_ptr<const Resolution> resolution;
  std::string schema;               // for Connect's JSON
};

// The one branch of a union that is not null, else the type itself.
const Json& value_type(const Json& type) {
  if (!type.is_array()) return type;
  for (const Json& branch : type)
    if (branch != "null") return branch;
  return type;
}

bool is_record(const Json& type) { return type.is_object() && type.value("type", Json()) == "record" && type.contains("fields") && type["fields"].is_array(); }

// Records stand where they come first; later they are named.
void collect_records(const Json& type, std::map<std::string, const Json*>& records) {
  if (type.is_array()) {
    for (const Json& branch : type) collect_records(branch, records);
    return;
  }
  if (!is_record(type)) return;
  const Json name = type.value("name", Json()), space = type.value("namespace", Json());
  if (name.is_string()) {
    records.emplace(name.get<std::string>(), &type);
    if (space.is_string()) records.emplace(space.get<std::string>() + "." + name.get<std::string>(), &type);
  }
  for (const Json& field : type["fields"])
    if (field.is_object() && field.contains("type")) collect_records(field["type"], records);
}

Json field_of(const Json& field) {
  Json described{{"field", field.value("name", Json())}};
  const Json& type = value_type(field["type"]);
  if (!type.is_object()) return described;
  if (const Json name = type.value("connect.name", Json()); name.is_string()) described["name"] = name;
  if (type.value("logicalType", Json()) == "decimal") described.erase("name");      // its JSON is a number already
  return described;
}

class AvroTranslator final : public RecordTranslator {
 public:
  explicit AvroTranslator(std::shared_ptr<SchemaRegistry> registry) : registry_(std::move(registry)) {}

  Readiness prepare(const RawBatch& raw) override {
    return writers_.prepare(raw, *registry_, RegisteredSchema::Language::avro, [](const RegisteredSchema& registered, const std::string& name) -> Result<Reading> {
      PENSTOCK_ASSIGN(auto schema, AvroSchema::parse(registered.text, name, registered.references));
      Reading reading;
      PENSTOCK_ASSIGN(reading.resolution, Resolution::make(schema, schema));
      reading.schema = connect_schema_of(registered.text, registered.references);
      return reading;
    });
  }

  bool translate(std::string_view record, std::string& json, std::string& fault) override {
    const auto framed = read_frame(record);
    const auto* writer = framed ? writers_.find(framed->schema_id) : nullptr;
    if (!writer) return fault = "expected a zero byte and the number of a schema that the registry has", false;
    if (!writer->refusal.empty()) return fault = writer->refusal, false;
    json = "{\"schema\":" + writer->schema.schema + ",\"payload\":";
    Cursor cursor(framed->payload);
    JsonWriter values(record.size(), JsonWriter::Bytes::base64);
    if (!values.write(cursor, writer->schema.resolution->root(), json)) return fault = "the record " + values.fault(), false;
    if (cursor.left() > 0) return fault = std::to_string(cursor.left()) + " bytes follow the record", false;
    json += '}';
    return true;
  }

 private:
  const std::shared_ptr<SchemaRegistry> registry_;
  WriterSchemas<Reading> writers_;
};

}  // namespace

std::string connect_schema_of(std::string_view avro_schema, const std::vector<RegisteredSchema::Reference>& references) {
  const Json schema = Json::parse(avro_schema, nullptr, false);
  if (!is_record(schema)) return "null";
  std::map<std::string, const Json*> records;
  collect_records(schema, records);
  std::deque<Json> others;      // records point into them
  for (const auto& reference : references) collect_records(others.emplace_back(Json::parse(reference.text, nullptr, false)), records);
  const Json space = schema.value("namespace", Json());
  const auto find = [&](const std::string& name) {
    const auto near = space.is_string() ? records.find(space.get<std::string>() + "." + name) : records.end();
    return near != records.end() ? near : records.find(name);
  };
  Json parts = Json::array();
  for (const Json& part : schema["fields"]) {
    if (!part.is_object() || !part.contains("type")) continue;
    const Json* type = &value_type(part["type"]);
    if (type->is_string())
      if (const auto named = find(type->get<std::string>()); named != records.end()) type = named->second;
    if (!is_record(*type)) continue;
    Json fields = Json::array();
    for (const Json& field : (*type)["fields"])
      if (field.is_object() && field.contains("type")) fields.push_back(field_of(field));
    parts.push_back({{"field", part.value("name", Json())}, {"fields", std::move(fields)}});
  }
  return Json{{"fields", std::move(parts)}}.dump();
}

std::unique_ptr<RecordTranslator> make_avro_translator(std::shared_ptr<SchemaRegistry> registry) { return std::make_unique<AvroTranslator>(std::move(registry)); }

}  // namespace penstock
