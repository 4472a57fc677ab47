#include "connectors/registry/registry_answers.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "io/scalar_text.h"

namespace penstock {
namespace {

using Json = nlohmann::ordered_json;
using Language = RegisteredSchema::Language;

constexpr std::pair<Language, const char*> kLanguages[] = {{Language::avro, "AVRO"}, {Language::json_schema, "JSON"}, {Language::protobuf, "PROTOBUF"}};

// A member that is a text; empty where there is none.
std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

Error no_answer(std::string_view body) {
  return {ErrorKind::data_loss, "not the answer of a schema registry: " + shortened(body), "check the address of the registry"};
}

Result<Language> language_of(const Json& object) {
  const std::string type = text_of(object, "schemaType");
  if (type.empty()) return Language::avro;      // what Confluent leaves out
  for (const auto& [language, name] : kLanguages)
    if (type == name) return language;
  return Error(ErrorKind::unsupported, "schemas of type " + shortened(type) + " cannot be read");
}

}  // namespace

Result<RegistryAnswer> parse_registry_answer(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("schema") || !json["schema"].is_string()) return no_answer(body);
  RegistryAnswer answer;
  PENSTOCK_ASSIGN(answer.schema.language, language_of(json));
  answer.schema.text = text_of(json, "schema");
  const auto references = json.find("references");
  if (references == json.end() || references->is_null()) return answer;
  if (!references->is_array()) return no_answer(body);
  for (const Json& one : *references) {
    const auto version = one.is_object() ? one.find("version") : one.end();
    if (!one.is_object() || version == one.end() || !version->is_number_integer()) return no_answer(body);
    const auto number = version->get<std::int64_t>();
    if (number < 1 || number > std::numeric_limits<std::int32_t>::max()) return no_answer(body);
    answer.references.push_back({text_of(one, "name"), text_of(one, "subject"), static_cast<std::int32_t>(number)});
  }
  return answer;
}

Error registry_refusal(int status, std::string_view body, const std::string& what) {
  const Json json = Json::parse(body, nullptr, false);
  const auto code = json.is_object() ? json.find("error_code") : json.end();
  const std::int64_t number = json.is_object() && code != json.end() && code->is_number_integer() ? code->get<std::int64_t>() : 0;
  const std::string said = json.is_object() ? text_of(json, "message") : "";
  if (status == 404 && (number == 40401 || number == 40402 || number == 40403)) return {ErrorKind::not_found, "the registry has no " + what};
  if (status == 401) return {ErrorKind::unauthenticated, "the registry does not accept who asks for " + what, "check registry_auth of the connection"};
  if (status == 403) return {ErrorKind::permission_denied, "the registry does not allow " + what + " to be read"};
  return {ErrorKind::unavailable, "the registry answers " + std::to_string(status) + " for " + what + (said.empty() ? "" : ": " + shortened(said)),
          status == 404 ? "check the address of the registry" : ""};
}

std::string kept_schema_text(const RegisteredSchema& schema) {
  Json json{{"schema", schema.text}, {"references", Json::array()}};
  for (const auto& [language, name] : kLanguages)
    if (schema.language == language) json["schemaType"] = name;
  for (const RegisteredSchema::Reference& reference : schema.references) json["references"].push_back({{"name", reference.name}, {"schema", reference.text}});
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<RegisteredSchema> parse_kept_schema(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("schema") || !json.contains("references") || !json["references"].is_array()) return no_answer(text);
  RegisteredSchema schema;
  PENSTOCK_ASSIGN(schema.language, language_of(json));
  schema.text = text_of(json, "schema");
  for (const Json& one : json["references"]) {
    if (!one.is_object()) return no_answer(text);
    schema.references.push_back({text_of(one, "name"), text_of(one, "schema")});
  }
  return schema;
}

}  // namespace penstock
