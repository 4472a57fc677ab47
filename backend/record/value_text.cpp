#include "record/value_text.h"

#include <charconv>
#include <cstdio>

#include "base/clock.h"

namespace penstock {

std::string decimal_text(Int128 value, int scale) {
  const bool negative = value.high < 0;
  unsigned __int128 magnitude = (static_cast<unsigned __int128>(static_cast<std::uint64_t>(value.high)) << 64) | value.low;
  if (negative) magnitude = ~magnitude + 1;
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(magnitude % 10)));
    magnitude /= 10;
  } while (magnitude != 0 || static_cast<int>(digits.size()) <= scale);
  if (scale > 0) digits.insert(digits.size() - scale, ".");
  return negative ? "-" + digits : digits;
}

std::string date_text(std::int32_t days) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", int(date.year()), unsigned(date.month()), unsigned(date.day()));
  return text;
}

std::string timestamp_text(std::int64_t micros) {
  const Timestamp time = from_micros(micros);
  std::string text = to_iso8601(time);
  const auto below = std::chrono::duration_cast<std::chrono::microseconds>(time - std::chrono::floor<std::chrono::milliseconds>(time)).count();
  if (below == 0) return text;
  char digits[8];
  std::snprintf(digits, sizeof digits, "%03d", static_cast<int>(below));
  return text.insert(text.size() - 1, digits);
}

std::string real_text(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

}  // namespace penstock
