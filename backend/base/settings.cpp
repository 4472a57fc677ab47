#include "base/settings.h"

#include <charconv>

namespace penstock {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr Unit kDurationUnits[] = {{"us", 1},           {"ms", 1'000},          {"s", 1'000'000},
                                   {"m", 60'000'000},   {"h", 3'600'000'000},   {"d", 86'400'000'000}};
constexpr Unit kByteUnits[] = {{"", 1},       {"B", 1},       {"kB", 1000},      {"KB", 1000},     {"MB", 1000'000},
                               {"GB", 1000'000'000}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
                               {"TiB", std::int64_t{1} << 40}};

template <std::size_t N>
Result<std::int64_t> parse_with_unit(std::string_view text, const Unit (&units)[N], std::string_view expected) {
  const Error wrong(ErrorKind::invalid_argument, "'" + std::string(text) + "' is not " + std::string(expected));
  double number = 0;
  const auto [rest, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{} || number < 0) return wrong;
  const std::string_view unit(rest, text.data() + text.size() - rest);
  for (const Unit& candidate : units) {
    if (candidate.name != unit) continue;
    const double value = number * static_cast<double>(candidate.factor);
    if (value > 9.0e18) return wrong;
    return static_cast<std::int64_t>(value);
  }
  return wrong;
}

template <typename T, typename Parse>
Result<T> read(const Setting& root, std::string_view key, T fallback, Parse parse) {
  const Setting* found = root.find(key);
  if (!found || found->kind == Setting::Kind::null) return fallback;
  if (found->kind != Setting::Kind::text)
    return Error(ErrorKind::invalid_argument, "'" + std::string(key) + "' must be a single value", "", found->at.to_string());
  Result<T> parsed = parse(found->text);
  if (parsed.ok()) return parsed;
  Error error = parsed.error();
  error.where = found->at.to_string();
  return error;
}

}  // namespace

std::string Location::to_string() const {
  if (line == 0) return file;
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

const Setting* Setting::find(std::string_view key) const {
  for (const auto& [name, value] : entries)
    if (name == key) return &value;
  return nullptr;
}

std::string Settings::text(std::string_view key, std::string_view fallback) const {
  const Setting* found = root_.find(key);
  return found && found->kind == Setting::Kind::text ? found->text : std::string(fallback);
}

Result<std::int64_t> Settings::integer(std::string_view key, std::int64_t fallback) const {
  return read(root_, key, fallback, [](std::string_view text) -> Result<std::int64_t> {
    std::int64_t value = 0;
    const auto [rest, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || rest != text.data() + text.size())
      return Error(ErrorKind::invalid_argument, "'" + std::string(text) + "' is not a whole number");
    return value;
  });
}

Result<double> Settings::real(std::string_view key, double fallback) const {
  return read(root_, key, fallback, [](std::string_view text) -> Result<double> {
    double value = 0;
    const auto [rest, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || rest != text.data() + text.size())
      return Error(ErrorKind::invalid_argument, "'" + std::string(text) + "' is not a number");
    return value;
  });
}

Result<bool> Settings::boolean(std::string_view key, bool fallback) const {
  return read(root_, key, fallback, [](std::string_view text) -> Result<bool> {
    if (text == "true") return true;
    if (text == "false") return false;
    return Error(ErrorKind::invalid_argument, "'" + std::string(text) + "' is neither true nor false");
  });
}

Result<std::chrono::microseconds> Settings::duration(std::string_view key, std::chrono::microseconds fallback) const {
  return read(root_, key, fallback, [](std::string_view text) { return parse_duration(text); });
}

Result<std::int64_t> Settings::bytes(std::string_view key, std::int64_t fallback) const {
  return read(root_, key, fallback, [](std::string_view text) { return parse_bytes(text); });
}

std::vector<std::string> Settings::list(std::string_view key) const {
  std::vector<std::string> texts;
  const Setting* found = root_.find(key);
  if (!found) return texts;
  if (found->kind == Setting::Kind::text) texts.push_back(found->text);
  for (const Setting& item : found->items) texts.push_back(item.text);
  return texts;
}

Result<std::chrono::microseconds> parse_duration(std::string_view text) {
  auto micros = parse_with_unit(text, kDurationUnits, "a duration; write it as 500ms, 30s, 10m, 24h or 7d");
  if (!micros.ok()) return micros.error();
  return std::chrono::microseconds(*micros);
}

Result<std::int64_t> parse_bytes(std::string_view text) {
  return parse_with_unit(text, kByteUnits, "a size; write it as 64KiB, 64MiB or 4GiB");
}

}  // namespace penstock
