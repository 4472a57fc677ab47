#include "workspace/map_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace penstock {

bool is_name(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && letter(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || digit(c); });
}

MapReader::MapReader(const Setting& map, std::string what, Problems& problems)
    : map_(map), what_(std::move(what)), problems_(problems), is_map_(map.kind == Setting::Kind::map) {
  if (!is_map_ && map.kind != Setting::Kind::null)
    problems_.push_back({map.at, what_ + " is not a map", "keys with values: { key: value }", {}});
}

const Setting* MapReader::find(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  const Setting* found = map_.find(key);
  return found && found->kind != Setting::Kind::null ? found : nullptr;
}

const Setting* MapReader::scalar(std::string_view key, std::string_view expected) {
  const Setting* found = find(key);
  if (!found || found->kind == Setting::Kind::text) return found;
  problems_.push_back({found->at, "'" + std::string(key) + "' of " + what_ + " is not a single value", std::string(expected), {}});
  return nullptr;
}

std::string MapReader::text(std::string_view key) {
  const Setting* found = scalar(key, "one text");
  return found ? found->text : std::string();
}

std::string MapReader::required_text(std::string_view key, std::string_view expected) {
  const std::size_t before = problems_.size();
  std::string found = text(key);
  if (found.empty() && problems_.size() == before) missing(key, expected);
  return found;
}

std::string MapReader::name(std::string_view key, bool required) {
  const std::size_t before = problems_.size();
  const Setting* found = scalar(key, "one name");
  if (!found) {
    if (required && problems_.size() == before) missing(key, "a name: " + std::string(kNameExpected));
    return {};
  }
  if (is_name(found->text)) return found->text;
  problems_.push_back({found->at, quote(found->text) + " cannot be a name", std::string(kNameExpected), {}});
  return {};
}

std::optional<Duration> MapReader::duration(std::string_view key) {
  const Setting* found = scalar(key, "a duration such as 30s");
  if (!found) return std::nullopt;
  const auto parsed = parse_duration(found->text);
  if (parsed.ok()) return *parsed;
  problems_.push_back({found->at, quote(found->text) + " is not a duration", "500ms, 30s, 10m, 24h or 7d", {}});
  return std::nullopt;
}

std::optional<std::int64_t> MapReader::bytes(std::string_view key) {
  const Setting* found = scalar(key, "a size such as 64MiB");
  if (!found) return std::nullopt;
  const auto parsed = parse_bytes(found->text);
  if (parsed.ok()) return *parsed;
  problems_.push_back({found->at, quote(found->text) + " is not a size", "64KiB, 64MiB or 4GiB", {}});
  return std::nullopt;
}

std::optional<std::int64_t> MapReader::integer(std::string_view key, std::int64_t least, std::int64_t most) {
  const std::string expected = "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  const Setting* found = scalar(key, expected);
  if (!found) return std::nullopt;
  std::int64_t value = 0;
  const char* end = found->text.data() + found->text.size();
  const auto [rest, code] = std::from_chars(found->text.data(), end, value);
  if (code == std::errc{} && rest == end && value >= least && value <= most) return value;
  problems_.push_back({found->at, quote(found->text) + " cannot be '" + std::string(key) + "'", expected, {}});
  return std::nullopt;
}

std::optional<double> MapReader::real(std::string_view key) {
  const Setting* found = scalar(key, "a number");
  if (!found) return std::nullopt;
  double value = 0;
  const char* end = found->text.data() + found->text.size();
  const auto [rest, code] = std::from_chars(found->text.data(), end, value);
  if (code == std::errc{} && rest == end && std::isfinite(value)) return value;
  problems_.push_back({found->at, quote(found->text) + " cannot be '" + std::string(key) + "'", "a number", {}});
  return std::nullopt;
}

std::optional<bool> MapReader::boolean(std::string_view key) {
  const auto chosen = choice(key, {"false", "true"});
  if (!chosen) return std::nullopt;
  return *chosen == 1;
}

std::vector<std::string> MapReader::names(std::string_view key) {
  const Setting* found = find(key);
  if (!found) return {};
  if (found->kind == Setting::Kind::text) return {found->text};
  std::vector<std::string> texts;
  bool all_texts = found->kind == Setting::Kind::list;
  for (const Setting& item : found->items) {
    all_texts = all_texts && item.kind == Setting::Kind::text && !item.text.empty();
    texts.push_back(item.text);
  }
  if (all_texts && !texts.empty()) return texts;
  problems_.push_back({found->at, "'" + std::string(key) + "' of " + what_ + " is not a list of names", "a name, or a list: [a, b]", {}});
  return {};
}

const Setting* MapReader::map(std::string_view key) {
  const Setting* found = find(key);
  if (!found || found->kind == Setting::Kind::map) return found;
  problems_.push_back({found->at, "'" + std::string(key) + "' of " + what_ + " is not a map", "keys with values: { key: value }", {}});
  return nullptr;
}

const Setting* MapReader::list(std::string_view key) {
  const Setting* found = find(key);
  if (!found || found->kind != Setting::Kind::map) return found;
  problems_.push_back({found->at, "'" + std::string(key) + "' of " + what_ + " is not a list", "a list: [a, b]", {}});
  return nullptr;
}

std::optional<std::size_t> MapReader::choice(std::string_view key, const std::vector<std::string>& choices) {
  const Setting* found = scalar(key, "one of " + joined(choices));
  if (!found) return std::nullopt;
  const auto chosen = std::find(choices.begin(), choices.end(), found->text);
  if (chosen != choices.end()) return static_cast<std::size_t>(chosen - choices.begin());
  problems_.push_back({found->at, quote(found->text) + " cannot be '" + std::string(key) + "'", "one of " + joined(choices),
                       did_you_mean(found->text, choices)});
  return std::nullopt;
}

void MapReader::later(std::string_view key) {
  if (!find(key)) return;
  problems_.push_back({map_.find(key)->key_at, "'" + std::string(key) + "' of " + what_ + " comes in a later version", {}, {}});
}

void MapReader::missing(std::string_view key, std::string_view expected) {
  if (is_map_ || map_.kind == Setting::Kind::null)
    problems_.push_back({map_.at, what_ + " has no '" + std::string(key) + "'", std::string(expected), {}});
}

void MapReader::finish() {
  for (const auto& [key, value] : map_.entries) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    problems_.push_back({value.key_at, "unknown key " + quote(key) + " in " + what_, "one of " + joined(known_), did_you_mean(key, known_)});
  }
}

}  // namespace penstock
