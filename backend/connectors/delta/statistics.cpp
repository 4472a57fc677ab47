#include "connectors/delta/statistics.h"

#include <nlohmann/json.hpp>

#include "base/iso8601.h"

namespace penstock::delta {
namespace {

using Json = nlohmann::json;

// The value of `column` in the object `part` ("minValues", "maxValues"); null when there is none.
Json value_of(const Json& statistics, const char* part, const std::string& column) {
  if (!statistics.is_object()) return nullptr;
  const auto values = statistics.find(part);
  if (values == statistics.end() || !values->is_object()) return nullptr;
  const auto value = values->find(column);
  return value == values->end() ? Json(nullptr) : *value;
}

Json parse(const std::string& statistics) { return Json::parse(statistics, nullptr, false); }

std::optional<std::int64_t> as_integer(const Json& value) {
  if (!value.is_number_integer()) return std::nullopt;
  return value.get<std::int64_t>();
}

std::optional<std::int64_t> as_time(const Json& value) {
  if (!value.is_string()) return std::nullopt;
  const auto time = parse_iso_time(value.get_ref<const std::string&>(), Zone::utc_if_absent);
  if (!time) return std::nullopt;
  return to_micros(*time);
}

std::optional<std::string> as_text(const Json& value) {
  if (!value.is_string()) return std::nullopt;
  return value.get<std::string>();
}

constexpr std::int64_t kCutMicros = 999;
constexpr std::size_t kCutTextBytes = 32;

}  // namespace

IntegerRange integer_range(const std::string& statistics, const std::string& column) {
  const Json parsed = parse(statistics);
  return {as_integer(value_of(parsed, "minValues", column)), as_integer(value_of(parsed, "maxValues", column))};
}

IntegerRange time_range(const std::string& statistics, const std::string& column) {
  const Json parsed = parse(statistics);
  IntegerRange range{as_time(value_of(parsed, "minValues", column)), as_time(value_of(parsed, "maxValues", column))};
  if (range.most) *range.most += kCutMicros;
  return range;
}

TextRange text_range(const std::string& statistics, const std::string& column) {
  const Json parsed = parse(statistics);
  TextRange range{as_text(value_of(parsed, "minValues", column)), as_text(value_of(parsed, "maxValues", column))};
  if (range.most && range.most->size() >= kCutTextBytes) range.most.reset();
  return range;
}

std::optional<std::int64_t> row_count(const std::string& statistics) {
  const Json parsed = parse(statistics);
  if (!parsed.is_object() || !parsed.contains("numRecords")) return std::nullopt;
  return as_integer(parsed["numRecords"]);
}

}  // namespace penstock::delta
