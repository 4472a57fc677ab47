#include "connectors/files/folder_scanner.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <tuple>

namespace penstock::files {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> kUnfinished = {".tmp", ".part", ".done"};

bool is_ignored(const std::string& name) {
  if (name.starts_with('.')) return true;
  return std::any_of(kUnfinished.begin(), kUnfinished.end(), [&](std::string_view suffix) { return name.ends_with(suffix); });
}

std::int64_t micros_of(fs::file_time_type time) {
#ifdef _MSC_VER
  const auto system = std::chrono::clock_cast<std::chrono::system_clock>(time);
#else
  const auto system = fs::file_time_type::clock::to_sys(time);
#endif
  return std::chrono::duration_cast<std::chrono::microseconds>(system.time_since_epoch()).count();
}

}  // namespace

bool fits_pattern(std::string_view name, std::string_view pattern) {
  std::size_t at = 0, in_pattern = 0, star = std::string_view::npos, retry = 0;
  while (at < name.size()) {
    if (in_pattern < pattern.size() && (pattern[in_pattern] == '?' || pattern[in_pattern] == name[at]) && pattern[in_pattern] != '*') {
      ++at, ++in_pattern;
    } else if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = in_pattern++;
      retry = at;
    } else if (star != std::string_view::npos) {
      in_pattern = star + 1;
      at = ++retry;
    } else {
      return false;
    }
  }
  while (in_pattern < pattern.size() && pattern[in_pattern] == '*') ++in_pattern;
  return in_pattern == pattern.size();
}

Result<std::vector<FileIdentity>> FolderScanner::scan(bool& waiting) {
  waiting = false;
  std::vector<FileIdentity> ready;
  std::error_code code;
  const auto look = [&](const fs::directory_entry& entry) {
    std::error_code gone;
    const std::string name = entry.path().filename().string();
    if (is_ignored(name) || !fits_pattern(name, rules_.pattern) || !entry.is_regular_file(gone)) return;
    FileIdentity file{.path = entry.path().lexically_relative(rules_.folder).generic_string(),
                      .bytes = static_cast<std::int64_t>(entry.file_size(gone))};
    // The list of files has a line for each; a folder may be named so, too.
    if (gone || file.path.find('\n') != std::string::npos) return;
    const auto modified = entry.last_write_time(gone);
    if (gone) return;
    file.modified_micros = micros_of(modified);
    const auto age = fs::file_time_type::clock::now() - modified;
    const bool done = rules_.wait_for_done ? fs::exists(entry.path().string() + ".done", gone)
                                           : is_settled(file, std::chrono::duration_cast<std::chrono::microseconds>(age));
    if (done) ready.push_back(std::move(file)); else waiting = true;
  };
  if (rules_.recursive) {
    for (fs::recursive_directory_iterator entry(rules_.folder, code), end; !code && entry != end; entry.increment(code)) {
      if (entry->path().filename().string().starts_with('.') && entry->is_directory()) entry.disable_recursion_pending();
      look(*entry);
    }
  } else {
    for (fs::directory_iterator entry(rules_.folder, code), end; !code && entry != end; entry.increment(code)) look(*entry);
  }
  if (code == std::errc::no_such_file_or_directory)
    return Error(ErrorKind::not_found, "there is no folder '" + rules_.folder + "' to watch", "create it, or correct `path`");
  if (code) return Error(ErrorKind::unavailable, "the folder cannot be listed: " + code.message(), "", rules_.folder);
  // When a file of DMS was written its name says; a copy of it may be of any age.
  const auto by_name = [](const FileIdentity& file) {
    const std::string name = fs::path(file.path).filename().string();
    return std::make_pair(!name.starts_with("LOAD"), name);
  };
  std::sort(ready.begin(), ready.end(), [&](const FileIdentity& left, const FileIdentity& right) {
    if (rules_.full_load_first) return by_name(left) < by_name(right);
    return std::tie(left.modified_micros, left.path) < std::tie(right.modified_micros, right.path);
  });
  return ready;
}

bool FolderScanner::is_settled(const FileIdentity& file, std::chrono::microseconds age) {
  const auto now = clock_.steady();
  const auto [seen, is_new] = unsettled_.try_emplace(file.path, Seen{file.bytes, file.modified_micros, now});
  if (!is_new && (seen->second.bytes != file.bytes || seen->second.modified_micros != file.modified_micros))
    seen->second = {file.bytes, file.modified_micros, now};
  // An old file that is seen for the first time needs no second look.
  return (is_new && age >= rules_.settle) || now - seen->second.since >= rules_.settle;
}

Result<std::uint64_t> hash_ends(const std::string& path, std::int64_t bytes) {
  constexpr std::int64_t kEnd = 4096;
  std::ifstream file(fs::path(path), std::ios::binary);
  if (!file) return Error(ErrorKind::not_found, "the file is gone or cannot be opened", "", path);
  std::uint64_t hash = 0xcbf29ce484222325;      // FNV-1a
  std::array<char, kEnd> chunk;
  const auto add = [&](std::int64_t from, std::int64_t size) {
    file.seekg(from);
    file.read(chunk.data(), size);
    for (std::int64_t i = 0; i < file.gcount(); ++i) hash = (hash ^ static_cast<unsigned char>(chunk[static_cast<std::size_t>(i)])) * 0x100000001b3;
    return file.gcount() == size;
  };
  const std::int64_t first = std::min(bytes, kEnd);
  const std::int64_t last = std::min(bytes - first, kEnd);
  if (!add(0, first) || !add(bytes - last, last)) return Error(ErrorKind::data_loss, "the file has become shorter", "", path);
  return hash;
}

}  // namespace penstock::files
