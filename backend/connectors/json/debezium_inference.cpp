// A contract out of changes: of the rows in them, with the types that records tell of their columns.

#include <nlohmann/json.hpp>

#include "connectors/json/contract_evolution.h"
#include "connectors/json/debezium_decoder.h"
#include "connectors/json/json_inference.h"
#include "io/json_schema_contract.h"

namespace penstock {
namespace {

using Json = nlohmann::ordered_json;

Json property_of(const char* type) {
  Json property;
  property["type"] = Json::array({type, "null"});
  return property;
}

Json text_of(const char* keyword, const char* value) {
  Json property = property_of("string");
  property[keyword] = value;
  return property;
}

// Of a type that is known by a name; null: its values say enough.
Json property_of(const json::Meaning& meaning) {
  using Kind = json::Meaning::Kind;
  switch (meaning.kind) {
    case Kind::millis:
    case Kind::micros:
    case Kind::nanos: return text_of("format", "date-time");
    case Kind::days: return text_of("format", "date");
    case Kind::decimal: {
      Json property = property_of("number");
      property["x-precision"] = 38;
      property["x-scale"] = meaning.scale;
      return property;
    }
    case Kind::json: return Json::object();
    case Kind::as_written: break;
  }
  return nullptr;
}

// The rows that changes hold, and what is told of their columns.
struct Sample {
  RawBatch rows;
  std::map<std::string, Json> told;
};

Sample read_sample(const RawBatch& changes) {
  Sample sample;
  json::EnvelopeReader reader;
  json::RowWriter writer({}, json::Decimals::string);
  std::string padded, row, fault;
  for (std::int64_t at = 0; at < changes.rows(); ++at) {
    padded.assign(changes[at].value);
    padded.append(RawBatch::kPadding, '\0');
    const char* end = padded.data() + padded.size();
    json::Envelope envelope;
    if (changes[at].tombstone || !reader.read({padded.data(), changes[at].value.size()}, end, envelope, fault)) continue;
    if (envelope.meanings)
      for (const auto& [name, meaning] : *envelope.meanings)
        if (Json property = property_of(meaning); !property.is_null()) sample.told[name] = std::move(property);
    if (!envelope.columns.empty()) {
      const Json columns = Json::parse(envelope.columns, nullptr, false);
      if (columns.is_object())
        for (const auto& [name, property] : columns.items()) sample.told[name] = property;
    }
    row.clear();
    if (!envelope.after.empty() && writer.write(envelope.after, end, nullptr, nullptr, row, fault)) sample.rows.append({.value = row});
  }
  return sample;
}

}  // namespace

Result<std::string> infer_debezium_contract(const RawBatch& changes) {
  const Sample sample = read_sample(changes);
  PENSTOCK_ASSIGN(const std::string inferred, infer_json_contract(sample.rows));
  Json contract = Json::parse(inferred);
  for (auto& [name, property] : contract["properties"].items())
    if (const auto told = sample.told.find(name); told != sample.told.end()) property = told->second;
  // What is told is a record's: where it is no part of a contract, the values alone say what there is.
  std::string text = contract.dump(2) + "\n";
  return parse_json_schema_contract(text, "inferred").ok() ? text : inferred;
}

Result<std::optional<std::string>> evolve_debezium_contract(const std::string& path, const RawBatch& changes, const std::vector<std::string>& fields) {
  return evolve_json_contract(path, changes, fields, infer_debezium_contract);
}

}  // namespace penstock
