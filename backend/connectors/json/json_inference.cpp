#include "connectors/json/json_inference.h"

#include <nlohmann/json.hpp>

#include "base/iso8601.h"

namespace penstock {
namespace {

enum class Shape { none, boolean, whole, real, time, date, text, anything };

Shape shape_of(const nlohmann::ordered_json& value) {
  if (value.is_null()) return Shape::none;
  if (value.is_boolean()) return Shape::boolean;
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) return Shape::real;
  if (value.is_number_integer()) return Shape::whole;
  if (value.is_number()) return Shape::real;
  if (!value.is_string()) return Shape::anything;
  const auto& text = value.get_ref<const std::string&>();
  if (parse_iso_time(text)) return Shape::time;
  return parse_iso_date(text) ? Shape::date : Shape::text;
}

Shape merged(Shape seen, Shape next) {
  if (seen == next || next == Shape::none) return seen;
  if (seen == Shape::none) return next;
  const auto is_number = [](Shape shape) { return shape == Shape::whole || shape == Shape::real; };
  const auto is_text = [](Shape shape) { return shape == Shape::time || shape == Shape::date || shape == Shape::text; };
  if (is_number(seen) && is_number(next)) return Shape::real;
  if (is_text(seen) && is_text(next)) return Shape::text;
  return Shape::anything;
}

nlohmann::ordered_json described(Shape shape) {
  const auto of = [](const char* type, const char* format = nullptr) {
    nlohmann::ordered_json property;
    property["type"] = {type, "null"};
    if (format) property["format"] = format;
    return property;
  };
  switch (shape) {
    case Shape::boolean: return of("boolean");
    case Shape::whole: return of("integer");
    case Shape::real: return of("number");
    case Shape::time: return of("string", "date-time");
    case Shape::date: return of("string", "date");
    case Shape::text: return of("string");
    case Shape::none:
    case Shape::anything: break;
  }
  return nlohmann::ordered_json::object();
}

}  // namespace

Result<std::string> infer_json_contract(const RawBatch& sample) {
  std::vector<std::pair<std::string, Shape>> fields;   // in the order of first sight
  for (std::int64_t row = 0; row < sample.rows(); ++row) {
    const auto record = nlohmann::ordered_json::parse(sample[row].value, nullptr, false);
    if (!record.is_object()) continue;
    for (const auto& [name, value] : record.items()) {
      auto field = fields.begin();
      while (field != fields.end() && field->first != name) ++field;
      if (field == fields.end()) field = fields.insert(field, {name, Shape::none});
      field->second = merged(field->second, shape_of(value));
    }
  }
  if (fields.empty())
    return Error(ErrorKind::invalid_argument, "none of the " + std::to_string(sample.rows()) + " records is a JSON object with fields",
                 "say which `format` the source has, or give it a contract");
  nlohmann::ordered_json schema;
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["type"] = "object";
  for (const auto& [name, shape] : fields) schema["properties"][name] = described(shape);
  return schema.dump(2) + "\n";
}

}  // namespace penstock
