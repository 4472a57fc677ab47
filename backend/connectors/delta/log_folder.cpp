#include "connectors/delta/log_folder.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>

#include "connectors/delta/durable_file.h"

namespace penstock::delta {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kVersionDigits = 20;
constexpr std::size_t kPartDigits = 10;

std::string digits(std::int64_t version) {
  std::string text = std::to_string(version);
  return std::string(kVersionDigits - std::min(kVersionDigits, text.size()), '0') + text;
}

// Takes `count` digits from the front of `text`.
std::optional<std::int64_t> take_number(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  std::int64_t value = 0;
  const auto [rest, code] = std::from_chars(text.data(), text.data() + count, value);
  if (code != std::errc{} || rest != text.data() + count || value < 0) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

struct FoundCheckpoint {
  std::string classic;
  std::map<std::int64_t, std::map<std::int64_t, std::string>> parts;   // number of parts → part → name
  bool v2 = false;
};

// `rest` is a name after its version and ".checkpoint".
void add_checkpoint(FoundCheckpoint& found, std::string_view rest, const std::string& name) {
  if (rest == ".parquet") {
    found.classic = name;
    return;
  }
  if (!rest.starts_with('.')) return;
  rest.remove_prefix(1);
  std::string_view numbers = rest;
  const auto part = take_number(numbers, kPartDigits);
  if (part && numbers.starts_with('.')) {
    numbers.remove_prefix(1);
    const auto parts = take_number(numbers, kPartDigits);
    if (parts && numbers == ".parquet") {
      found.parts[*parts][*part] = name;
      return;
    }
  }
  if (rest.ends_with(".parquet") || rest.ends_with(".json")) found.v2 = true;
}

std::optional<CheckpointFiles> complete(std::int64_t version, const FoundCheckpoint& found) {
  CheckpointFiles files{.version = version};
  if (!found.classic.empty()) {
    files.names.push_back(found.classic);
    return files;
  }
  for (const auto& [count, parts] : found.parts) {
    if (static_cast<std::int64_t>(parts.size()) != count) continue;
    for (const auto& [part, name] : parts) files.names.push_back(name);
    return files;
  }
  if (!found.v2) return std::nullopt;
  files.unsupported = true;
  return files;
}

}  // namespace

std::string commit_name(std::int64_t version) { return digits(version) + ".json"; }
std::string checkpoint_name(std::int64_t version) { return digits(version) + ".checkpoint.parquet"; }

const CheckpointFiles* LogListing::checkpoint_up_to(std::int64_t version) const {
  const CheckpointFiles* newest = nullptr;
  for (const CheckpointFiles& checkpoint : checkpoints)
    if (checkpoint.version <= version) newest = &checkpoint;
  return newest;
}

LogListing sort_log_names(const std::vector<std::string>& names) {
  LogListing listing;
  std::map<std::int64_t, FoundCheckpoint> checkpoints;
  for (const std::string& name : names) {
    std::string_view rest = name;
    const auto version = take_number(rest, kVersionDigits);
    if (!version) continue;
    constexpr std::string_view kCheckpoint = ".checkpoint";
    if (rest == ".json") {
      listing.commits.push_back(*version);
    } else if (rest.starts_with(kCheckpoint)) {
      rest.remove_prefix(kCheckpoint.size());
      add_checkpoint(checkpoints[*version], rest, name);
    }
  }
  std::sort(listing.commits.begin(), listing.commits.end());
  for (const auto& [version, found] : checkpoints)
    if (auto files = complete(version, found)) listing.checkpoints.push_back(std::move(*files));
  return listing;
}

Result<LogListing> list_log(const std::string& log_folder) {
  std::vector<std::string> names;
  std::error_code code;
  if (!fs::exists(log_folder, code)) return LogListing{};
  for (fs::directory_iterator entry(log_folder, code), end; !code && entry != end; entry.increment(code))
    names.push_back(entry->path().filename().string());
  if (code) return file_error("cannot list the log", log_folder, code.value());
  return sort_log_names(names);
}

}  // namespace penstock::delta
