#include "stream/staged_files.h"

#include <cstdlib>
#include <filesystem>

#include "base/ids.h"

namespace penstock {
namespace {

std::string prefix_of(const std::string& state_id) { return "staged-" + state_id + "-"; }

}  // namespace

std::string staged_file_name(const std::string& state_id, std::int64_t epoch) {
  return prefix_of(state_id) + std::to_string(epoch) + "-" + random_id().substr(0, 8) + ".parquet";
}

void remove_staged_files(const std::string& table_folder, const std::string& state_id, std::int64_t last_epoch) {
  const std::string prefix = prefix_of(state_id);
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(table_folder, none)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && std::atoll(name.c_str() + prefix.size()) > last_epoch) std::filesystem::remove(entry.path(), none);
  }
}

}  // namespace penstock
