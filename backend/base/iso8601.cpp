#include "base/iso8601.h"

namespace penstock {
namespace {

// Walks over a text; every read that does not fit turns `ok` off for good.
struct Reader {
  std::string_view rest;
  bool ok = true;

  int digits(std::size_t count) {
    int value = 0;
    if (rest.size() < count) ok = false;
    for (std::size_t i = 0; ok && i < count; ++i) {
      const unsigned digit = static_cast<unsigned char>(rest[i]) - '0';
      ok = digit <= 9;
      value = value * 10 + static_cast<int>(digit);
    }
    if (ok) rest.remove_prefix(count);
    return value;
  }
  bool take(char wanted) {
    if (!ok || rest.empty() || rest.front() != wanted) return false;
    rest.remove_prefix(1);
    return true;
  }
  void expect(char wanted) { ok = take(wanted); }
};

std::chrono::sys_days read_date(Reader& reader) {
  const int year = reader.digits(4);
  reader.expect('-');
  const int month = reader.digits(2);
  reader.expect('-');
  const int day = reader.digits(2);
  const auto date = std::chrono::year(year) / month / day;
  reader.ok = reader.ok && date.ok();
  return reader.ok ? std::chrono::sys_days(date) : std::chrono::sys_days();
}

std::chrono::microseconds read_fraction(Reader& reader) {
  std::int64_t micros = 0;
  int count = 0;
  for (; !reader.rest.empty() && reader.rest.front() >= '0' && reader.rest.front() <= '9'; ++count) {
    if (count < 6) micros = micros * 10 + (reader.rest.front() - '0');
    reader.rest.remove_prefix(1);
  }
  reader.ok = reader.ok && count > 0;
  for (; count < 6; ++count) micros *= 10;
  return std::chrono::microseconds(micros);
}

// What must be taken from local time to get UTC.
std::chrono::minutes read_zone(Reader& reader, Zone zone) {
  if (reader.take('Z') || reader.take('z')) return {};
  if (reader.rest.empty()) {
    reader.ok = reader.ok && zone == Zone::utc_if_absent;
    return {};
  }
  const bool east = reader.take('+');
  if (!east) reader.expect('-');
  const int hours = reader.digits(2);
  if (!reader.rest.empty()) reader.take(':');
  const int minutes = reader.rest.empty() ? 0 : reader.digits(2);
  reader.ok = reader.ok && hours < 24 && minutes < 60;
  const std::chrono::minutes ahead(hours * 60 + minutes);
  return east ? ahead : -ahead;
}

}  // namespace

std::optional<std::int32_t> parse_iso_date(std::string_view text) {
  Reader reader{text};
  const auto date = read_date(reader);
  if (!reader.ok || !reader.rest.empty()) return std::nullopt;
  return static_cast<std::int32_t>(date.time_since_epoch().count());
}

std::optional<Timestamp> parse_iso_time(std::string_view text, Zone zone) {
  Reader reader{text};
  const auto date = read_date(reader);
  if (!reader.take('T') && !reader.take('t')) reader.expect(' ');
  const int hours = reader.digits(2);
  reader.expect(':');
  const int minutes = reader.digits(2);
  int seconds = 0;
  std::chrono::microseconds fraction{};
  if (reader.take(':')) {
    seconds = reader.digits(2);
    if (reader.take('.') || reader.take(',')) fraction = read_fraction(reader);
  }
  const auto ahead = read_zone(reader, zone);
  if (!reader.ok || !reader.rest.empty() || hours > 23 || minutes > 59 || seconds > 59) return std::nullopt;
  return Timestamp(date) + std::chrono::hours(hours) + std::chrono::minutes(minutes - ahead.count()) +
         std::chrono::seconds(seconds) + fraction;
}

}  // namespace penstock
