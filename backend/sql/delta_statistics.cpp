#include "sql/delta_statistics.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/clock.h"
#include "sql/sql_text.h"
#include "sql/utf8_bounds.h"

namespace penstock {
namespace {

constexpr std::size_t kColumns = 32;
constexpr std::size_t kCharacters = 32;

bool has_bounds(Type type) { return type.kind != TypeKind::boolean && type.kind != TypeKind::blob; }

template <typename Number>
bool number_less(const std::string& left, const std::string& right) {
  Number a{}, b{};
  std::from_chars(left.data(), left.data() + left.size(), a);
  std::from_chars(right.data(), right.data() + right.size(), b);
  return a < b;
}

// Decimals of one scale, as text: compared without loss.
bool decimal_less(const std::string& left, const std::string& right) {
  const bool left_negative = left.starts_with('-'), right_negative = right.starts_with('-');
  if (left_negative != right_negative) return left_negative;
  const auto shorter_or_less = [](const std::string& a, const std::string& b) { return a.size() != b.size() ? a.size() < b.size() : a < b; };
  return left_negative ? shorter_or_less(right, left) : shorter_or_less(left, right);
}

// Whether one bound, as DuckDB prints it, is below another.
bool is_less(Type type, const std::string& left, const std::string& right) {
  switch (type.kind) {
    case TypeKind::int32:
    case TypeKind::int64: return number_less<std::int64_t>(left, right);
    case TypeKind::float64: return number_less<double>(left, right);
    case TypeKind::decimal: return decimal_less(left, right);
    default: return left < right;        // text; dates and times of years with four digits
  }
}

bool is_number(const std::string& text) {
  double value = 0;
  const auto end = text.data() + text.size();
  return std::from_chars(text.data(), end, value).ptr == end && value - value == 0;
}

// "2026-11-20 14:32:07.123456+00" in whole milliseconds, the upper bound rounded up.
std::optional<std::string> to_delta_time(const std::string& text, bool upper) {
  int year = 0, hour = 0, minute = 0, second = 0, micros = 0;
  unsigned month = 0, day = 0;
  int length = 0;
  if (text.size() < 22 || std::sscanf(text.c_str(), "%4d-%2u-%2u %2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second, &length) != 6 ||
      length != 19) {
    return std::nullopt;
  }
  std::string_view rest = std::string_view(text).substr(19);
  if (rest.starts_with('.')) {
    const auto digits = std::min(rest.find('+'), rest.size()) - 1;
    std::string fraction(rest.substr(1, digits));
    fraction.resize(6, '0');
    std::from_chars(fraction.data(), fraction.data() + 6, micros);
    rest.remove_prefix(digits + 1);
  }
  if (rest != "+00") return std::nullopt;
  using namespace std::chrono;
  const auto at = sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day)) + hours(hour) + minutes(minute) +
                  seconds(second) + microseconds(micros);
  return to_iso8601(upper ? Timestamp(ceil<milliseconds>(at)) : Timestamp(floor<milliseconds>(at)));
}

// A bound as JSON; nothing when it cannot be said.
std::optional<std::string> to_json_bound(Type type, const std::string& text, bool upper) {
  std::optional<std::string> bound = text;
  switch (type.kind) {
    case TypeKind::int32:
    case TypeKind::int64:
    case TypeKind::float64:
    case TypeKind::decimal: return is_number(text) ? bound : std::nullopt;
    case TypeKind::timestamp: bound = to_delta_time(text, upper); break;
    case TypeKind::date: if (text.size() != 10) return std::nullopt; break;
    default: bound = upper ? upper_bound_of(text, kCharacters) : lower_bound_of(text, kCharacters); break;
  }
  return bound ? std::optional(nlohmann::json(*bound).dump()) : std::nullopt;
}

struct ColumnBounds {
  std::optional<std::string> min, max;
  std::int64_t nulls = 0;
  bool known = true;       // every row group with values gave bounds

  void add(Type type, const ColumnView& low, const ColumnView& high, std::int64_t group_nulls, std::int64_t group_rows, std::int64_t row) {
    nulls += group_nulls;
    if (group_nulls == group_rows) return;
    known = known && !low.is_null(row) && !high.is_null(row);
    if (!known) return;
    const std::string lower(low.bytes(row)), upper(high.bytes(row));
    if (!min || is_less(type, lower, *min)) min = lower;
    if (!max || is_less(type, *max, upper)) max = upper;
  }
};

void add_member(std::string& object, const std::string& name, const std::string& json) {
  object += (object.empty() ? "" : ",") + nlohmann::json(name).dump() + ":" + json;
}

std::string to_json(std::int64_t rows, const std::vector<ColumnBounds>& columns, const Schema& schema) {
  std::string mins, maxs, nulls;
  for (std::size_t column = 0; column < columns.size(); ++column) {
    const Field& field = schema[column];
    const ColumnBounds& bounds = columns[column];
    add_member(nulls, field.name, std::to_string(bounds.nulls));
    if (!bounds.known || !bounds.min || !has_bounds(field.type)) continue;
    if (const auto min = to_json_bound(field.type, *bounds.min, false)) add_member(mins, field.name, *min);
    if (const auto max = to_json_bound(field.type, *bounds.max, true)) add_member(maxs, field.name, *max);
  }
  return "{\"numRecords\":" + std::to_string(rows) + ",\"minValues\":{" + mins + "},\"maxValues\":{" + maxs + "},\"nullCount\":{" + nulls + "}}";
}

}  // namespace

Result<DeltaStatistics> read_delta_statistics(Session& session, const std::string& path, const Schema& schema) {
  DeltaStatistics statistics;
  std::vector<ColumnBounds> columns(std::min(schema.size(), kColumns));
  PENSTOCK_TRY(session.query(
      "SELECT column_id, row_group_num_rows, coalesce(stats_null_count, 0), stats_min_value, stats_max_value FROM parquet_metadata(" +
          quote_text(path) + ") WHERE column_id < " + std::to_string(columns.size()),
      [&](const Batch& groups) -> Status {
        for (std::int64_t row = 0; row < groups.rows(); ++row) {
          const auto column = static_cast<std::size_t>(groups.column(0).int64(row));
          const auto rows = groups.column(1).int64(row);
          if (column == 0) statistics.rows += rows;
          columns[column].add(schema[column].type, groups.column(3), groups.column(4), groups.column(2).int64(row), rows, row);
        }
        return {};
      }));
  statistics.json = to_json(statistics.rows, columns, schema);
  return statistics;
}

}  // namespace penstock
