#include "connectors/json/contract_evolution.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>


namespace penstock {
namespace {

using Json = nlohmann::ordered_json;

// An inferred property as Avro's type; null where it has none.
Json avro_type(const Json& property) {
  const auto text_of = [](const Json& json) { return json.is_string() ? json.get<std::string>() : std::string(); };
  const auto types = property.find("type"), format_at = property.find("format");
  if (types == property.end()) return nullptr;
  const std::string type = types->is_array() && !types->empty() ? text_of(types->front()) : text_of(*types);
  const std::string format = format_at == property.end() ? std::string() : text_of(*format_at);
  if (format == "date-time") return {{"type", "long"}, {"logicalType", "timestamp-micros"}};
  if (format == "date") return {{"type", "int"}, {"logicalType", "date"}};
  if (property.contains("x-scale") && property.contains("x-precision")) return {{"type", "bytes"}, {"logicalType", "decimal"}, {"precision", property["x-precision"]}, {"scale", property["x-scale"]}};
  if (type == "boolean" || type == "string") return type;
  if (type == "integer") return "long";
  return type == "number" ? Json("double") : Json();
}

bool add_field(Json& contract, bool is_avro, const std::string& name, const Json& property) {
  if (!is_avro) {
    contract["properties"][name] = property;
    return true;
  }
  const Json type = avro_type(property);
  if (type.is_null()) return false;
  contract["fields"].push_back({{"name", name}, {"type", Json::array({"null", type})}, {"default", nullptr}});
  return true;
}

}  // namespace

Result<std::optional<std::string>> evolve_json_contract(const std::string& path, const RawBatch& sample, const std::vector<std::string>& fields,
                                                        const std::function<Result<std::string>(const RawBatch&)>& infer) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error(ErrorKind::not_found, "the contract cannot be read", "", path);
  std::ostringstream text;
  text << file.rdbuf();
  Json contract = Json::parse(text.str(), nullptr, false);
  const bool is_avro = std::filesystem::path(path).extension() == ".avsc";
  const auto is_as_it_must_be = [&] {
    if (!contract.is_object()) return false;
    const auto fields = contract.find(is_avro ? "fields" : "properties");
    return fields == contract.end() ? !is_avro : is_avro ? fields->is_array() : fields->is_object();
  };
  if (!is_as_it_must_be()) return Error(ErrorKind::invalid_argument, "the contract cannot be understood", "", path);

  const auto inferred = infer(sample);
  if (!inferred.ok()) return std::optional<std::string>();
  const Json seen = Json::parse(*inferred)["properties"];
  bool any = false;
  for (const std::string& name : fields)
    if (seen.contains(name)) any = add_field(contract, is_avro, name, seen[name]) || any;
  if (!any) return std::optional<std::string>();
  return std::optional(contract.dump(2) + "\n");
}

}  // namespace penstock
