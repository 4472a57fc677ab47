#include "connectors/json/debezium_envelope.h"

#include <nlohmann/json.hpp>

namespace penstock::json {
namespace {

using simdjson::ondemand::object;
using simdjson::ondemand::value;

constexpr auto kNotJson = "not JSON: a comma, a colon or a brace is missing or too many";

std::string_view trimmed(std::string_view token) {
  while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t')) token.remove_suffix(1);
  return token;
}

// The object as it stands there; nothing for null. False: it is neither.
bool raw_object(value& value, std::string_view& raw) {
  raw = {};
  if (trimmed(value.raw_json_token()) == "null") return true;
  object object;
  return value.get_object().get(object) == simdjson::SUCCESS && object.raw_json().get(raw) == simdjson::SUCCESS;
}

Meaning meaning_of(const nlohmann::json& field) {
  static const std::map<std::string, Meaning::Kind> kinds{
      {"io.debezium.time.Timestamp", Meaning::Kind::millis},        {"org.apache.kafka.connect.data.Timestamp", Meaning::Kind::millis},
      {"io.debezium.time.MicroTimestamp", Meaning::Kind::micros},   {"io.debezium.time.NanoTimestamp", Meaning::Kind::nanos},
      {"io.debezium.time.Date", Meaning::Kind::days},               {"org.apache.kafka.connect.data.Date", Meaning::Kind::days},
      {"org.apache.kafka.connect.data.Decimal", Meaning::Kind::decimal}, {"io.debezium.data.Json", Meaning::Kind::json}};
  Meaning meaning;
  const auto name = field.find("name");
  if (name == field.end() || !name->is_string()) return meaning;
  const auto known = kinds.find(name->get<std::string>());
  if (known == kinds.end()) return meaning;
  meaning.kind = known->second;
  const auto parameters = field.find("parameters");
  if (meaning.kind == Meaning::Kind::decimal && parameters != field.end() && parameters->is_object()) {
    const auto scale = parameters->find("scale");
    if (scale != parameters->end() && scale->is_string()) meaning.scale = std::atoi(scale->get<std::string>().c_str());
  }
  return meaning;
}

}  // namespace

void EnvelopeReader::read_schema(std::string_view schema) {
  if (schema == schema_) return;
  schema_ = schema;
  meanings_.clear();
  const auto parsed = nlohmann::json::parse(schema, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("fields") || !parsed["fields"].is_array()) return;
  for (const auto& part : parsed["fields"]) {
    if (!part.is_object() || !part.contains("fields") || !part["fields"].is_array()) continue;
    const auto of = part.find("field");
    if (of == part.end() || (*of != "after" && *of != "before")) continue;
    for (const auto& field : part["fields"])
      if (field.is_object() && field.contains("field") && field["field"].is_string()) meanings_[field["field"].get<std::string>()] = meaning_of(field);
  }
}

bool EnvelopeReader::read_source(value& value, Envelope& envelope, std::string& fault) {
  object source;
  if (trimmed(value.raw_json_token()) == "null") return true;
  if (value.get_object().get(source) != simdjson::SUCCESS) return fault = "source: expected an object", false;
  for (auto item : source) {
    std::string_view name;
    if (item.error() || item.unescaped_key().get(name) != simdjson::SUCCESS) return fault = kNotJson, false;
    simdjson::ondemand::value inside;
    if (item.value().get(inside) != simdjson::SUCCESS) return fault = kNotJson, false;
    std::int64_t time = 0;
    if (name == "columns" && !raw_object(inside, envelope.columns)) return fault = "source.columns: expected an object", false;
    if (name != "ts_ms" && name != "ts_us") continue;
    if (inside.get_int64().get(time) != simdjson::SUCCESS || time > INT64_MAX / 1000 || time < INT64_MIN / 1000) continue;
    // The finer of the two counts.
    if (name == "ts_us") envelope.source_micros = time;
    else if (envelope.source_micros == 0) envelope.source_micros = time * 1000;
  }
  return true;
}

bool EnvelopeReader::read_payload(object& object, Envelope& envelope, std::string& fault) {
  for (auto item : object) {
    std::string_view name;
    if (item.error() || item.unescaped_key().get(name) != simdjson::SUCCESS) return fault = kNotJson, false;
    value inside;
    if (item.value().get(inside) != simdjson::SUCCESS) return fault = kNotJson, false;
    if (name == "op") {
      if (inside.get_string().get(envelope.op) != simdjson::SUCCESS) return fault = "op: expected a text", false;
    } else if (name == "before" || name == "after") {
      if (!raw_object(inside, name == "after" ? envelope.after : envelope.before)) return fault = std::string(name) + ": expected an object or null", false;
    } else if (name == "source") {
      if (!read_source(inside, envelope, fault)) return false;
    } else if (name == "schema") {
      std::string_view schema;
      if (!raw_object(inside, schema)) return fault = "schema: expected an object or null", false;
      if (!schema.empty()) {
        read_schema(schema);
        envelope.meanings = &meanings_;
      }
    } else if (name == "payload") {
      simdjson::ondemand::object payload;
      if (inside.get_object().get(payload) != simdjson::SUCCESS) return fault = "payload: expected an object", false;
      if (!read_payload(payload, envelope, fault)) return false;
    }
  }
  return true;
}

bool EnvelopeReader::read(std::string_view record, const char* readable_end, Envelope& envelope, std::string& fault) {
  envelope = {};
  simdjson::ondemand::document document;
  object object;
  if (parser_.iterate(record.data(), record.size(), static_cast<std::size_t>(readable_end - record.data())).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS)
    return fault = "expected a change in Debezium's envelope: a JSON object", false;
  if (!read_payload(object, envelope, fault)) return false;
  if (envelope.op.empty()) return fault = "expected a change in Debezium's envelope, and there is no 'op'", false;
  return true;
}

bool EnvelopeReader::read_plain(std::string_view record, const char* readable_end, std::string_view& plain, std::string& fault) {
  simdjson::ondemand::document document;
  object object;
  std::string_view whole;
  if (parser_.iterate(record.data(), record.size(), static_cast<std::size_t>(readable_end - record.data())).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS || object.raw_json().get(whole) != simdjson::SUCCESS || object.reset().error())
    return fault = "the message's key is no JSON object", false;
  plain = whole;
  for (auto item : object) {
    std::string_view name;
    if (item.error() || item.unescaped_key().get(name) != simdjson::SUCCESS) return fault = kNotJson, false;
    if (name != "payload") continue;
    value inside;
    if (item.value().get(inside) != simdjson::SUCCESS || !raw_object(inside, plain)) return fault = "the message's key: its payload is no object", false;
  }
  return true;
}

}  // namespace penstock::json
