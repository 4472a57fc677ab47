#include "connectors/simulate/history.h"

#include <filesystem>
#include <fstream>

#include "base/ids.h"

namespace penstock::simulate {
namespace {

namespace fs = std::filesystem;

Error failed(const fs::path& path, const char* what) {
  return {ErrorKind::io, std::string("cannot ") + what + " what the simulation remembers", "check the state folder's rights and free space",
          path.string()};
}

// Creates `path` with this content unless it is there: a shard that comes second leaves what the first one wrote.
Status create_once(const fs::path& path, const std::string& content) {
  std::error_code ignored;
  fs::create_directories(path.parent_path(), ignored);
  const fs::path aside = path.string() + "." + random_id();
  {
    std::ofstream file(aside, std::ios::binary);
    file << content;
    if (!file.flush()) return failed(path, "write");
  }
  std::error_code code;
  fs::create_hard_link(aside, path, code);
  fs::remove(aside, ignored);
  if (code && !fs::exists(path, ignored)) return failed(path, "write");
  return {};
}

}  // namespace

Result<Timestamp> History::first_start(Timestamp now) const {
  if (folder_.empty()) return now;
  const fs::path path = fs::path(folder_) / "first_start";
  PENSTOCK_TRY(create_once(path, std::to_string(to_micros(now))));
  std::ifstream file(path, std::ios::binary);
  std::int64_t micros = 0;
  if (!(file >> micros)) return failed(path, "read");
  return from_micros(micros);
}

bool History::happened(const std::string& name) const {
  std::error_code ignored;
  return !folder_.empty() && fs::exists(fs::path(folder_) / name, ignored);
}

Status History::remember(const std::string& name) const {
  if (folder_.empty()) return {};
  return create_once(fs::path(folder_) / name, "");
}

}  // namespace penstock::simulate
