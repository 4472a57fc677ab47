#include "ops/pod_log.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace penstock {
namespace {

constexpr std::int64_t kReadAtMost = 1 << 20;

std::vector<std::string> lines_at_end(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return lines;
  const auto size = static_cast<std::int64_t>(file.tellg());
  file.seekg(std::max<std::int64_t>(0, size - kReadAtMost));
  std::string line;
  if (size > kReadAtMost) std::getline(file, line);     // its beginning is cut off
  while (std::getline(file, line)) lines.push_back(std::move(line));
  return lines;
}

}  // namespace

void rotate_log(const std::string& path, std::int64_t max_bytes) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  if (failed || static_cast<std::int64_t>(size) <= max_bytes) return;
  std::filesystem::copy_file(path, path + ".1", std::filesystem::copy_options::overwrite_existing, failed);
  std::filesystem::resize_file(path, 0, failed);
}

Result<std::vector<std::string>> last_lines(const std::string& path, std::int32_t lines) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) return Error(ErrorKind::not_found, "there is no log", {}, path);
  const auto wanted = static_cast<std::size_t>(std::max(0, lines));
  std::vector<std::string> all = lines_at_end(path);
  if (all.size() < wanted) {
    std::vector<std::string> older = lines_at_end(path + ".1");
    older.insert(older.end(), all.begin(), all.end());
    all = std::move(older);
  }
  if (all.size() > wanted) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(wanted));
  return all;
}

}  // namespace penstock
