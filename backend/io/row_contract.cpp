#include "io/row_contract.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace penstock {
namespace {

using Json = nlohmann::ordered_json;

Json property_of(Type type) {
  const auto of = [](const char* name, const char* format = nullptr) {
    Json property;
    property["type"] = {name, "null"};
    if (format) property["format"] = format;
    return property;
  };
  switch (type.kind) {
    case TypeKind::boolean: return of("boolean");
    case TypeKind::int32: return of("integer", "int32");
    case TypeKind::int64: return of("integer");
    case TypeKind::float64: return of("number");
    case TypeKind::varchar: return of("string");
    case TypeKind::date: return of("string", "date");
    case TypeKind::timestamp: return of("string", "date-time");
    case TypeKind::json: return Json::object();
    case TypeKind::decimal: {
      Json property = of("number");
      property["x-precision"] = type.precision;
      property["x-scale"] = type.scale;
      return property;
    }
    case TypeKind::blob: {
      Json property = of("string");
      property["contentEncoding"] = "base64";
      return property;
    }
  }
  return Json::object();
}

std::string text_of(const Json& contract) { return contract.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

}  // namespace

std::string row_contract_text(const Schema& columns) {
  Json contract;
  contract["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  contract["type"] = "object";
  contract["properties"] = Json::object();
  for (const Field& field : columns.fields()) contract["properties"][field.name] = property_of(field.type);
  return text_of(contract);
}

std::optional<std::string> row_contract_with(const std::string& path, const Schema& columns, const std::vector<std::string>& fields) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  Json contract = Json::parse(text.str(), nullptr, false);
  if (!contract.is_object() || !contract.contains("properties") || !contract["properties"].is_object()) return std::nullopt;
  bool any = false;
  for (const std::string& name : fields) {
    const auto column = columns.find(name);
    if (!column) continue;
    contract["properties"][name] = property_of(columns[*column].type);
    any = true;
  }
  if (!any) return std::nullopt;
  return text_of(contract);
}

}  // namespace penstock
