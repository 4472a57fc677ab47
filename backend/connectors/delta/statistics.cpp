#include "connectors/delta/statistics.h"

#include <chrono>
#include <cstdio>

#include <nlohmann/json.hpp>

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
  return parse_time(value.get<std::string>());
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

std::optional<std::int64_t> parse_time(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, used = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second, &used) != 6)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;

  std::size_t at = static_cast<std::size_t>(used);
  std::int64_t micros = 0;
  if (at < text.size() && text[at] == '.') {
    std::int64_t unit = 100'000;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) micros += (text[at] - '0') * unit;
  }
  const std::string zone = text.substr(at);
  if (!zone.empty() && zone != "Z" && zone != "+00" && zone != "+00:00" && zone != "+0000") return std::nullopt;

  const std::chrono::sys_days days = date;
  return std::chrono::duration_cast<std::chrono::microseconds>(days.time_since_epoch() + std::chrono::hours(hour) +
                                                               std::chrono::minutes(minute) + std::chrono::seconds(second))
             .count() +
         micros;
}

}  // namespace penstock::delta
