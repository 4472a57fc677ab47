#include "engine/savepoints.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/file_sync.h"
#include "engine/savepoint_manifest.h"
#include "stream/state_choice.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;
constexpr char kAbout[] = "about.json";
constexpr std::size_t kLongestName = 100;

bool is_savepoint_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
}

// The numbers of the shards that have a state in this folder, ascending.
std::vector<std::int32_t> shards_in(const fs::path& folder, const char* below) {
  std::vector<std::int32_t> shards;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    const bool is_number = !name.empty() && name.size() < 6 && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c); });
    if (is_number && fs::is_directory(entry.path() / below, ignored)) shards.push_back(std::stoi(name));
  }
  std::sort(shards.begin(), shards.end());
  return shards;
}

std::int64_t bytes_of(const fs::path& folder) {
  std::int64_t bytes = 0;
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(folder, ignored))
    if (entry.is_regular_file(ignored)) bytes += static_cast<std::int64_t>(entry.file_size(ignored));
  return bytes;
}

Error disk_error(const std::string& what, const std::error_code& error, const fs::path& where) { return Error(ErrorKind::io, what + ": " + error.message(), "", where.string()); }

Error no_savepoint(const std::string& pipeline, const std::string& name) {
  return Error(ErrorKind::not_found, pipeline + " has no savepoint '" + name + "'", "penstockctl savepoint list " + pipeline);
}

// A copy of the store in `from`, which no one else may have.
Status copy_store(const fs::path& from, const fs::path& to) {
  PENSTOCK_ASSIGN(const auto store, StateStore::open(from.string(), {.create = false}));
  return store->copy_to(to.string());
}

Status write_about(const fs::path& folder, const Savepoint& savepoint) {
  const fs::path path = folder / kAbout;
  std::ofstream file(path, std::ios::binary);
  file << SavepointManifest{savepoint.made_at, savepoint.version, savepoint.rows_in, savepoint.shards}.to_text();
  file.close();
  if (!file) return Error(ErrorKind::io, "the savepoint cannot be described", "make room on the disk", path.string());
  return sync_file(path.string());
}

// So that one that is cut, or was written by somebody else, is passed over.
bool read_about(const fs::path& folder, Savepoint& savepoint) {
  std::ifstream file(folder / kAbout, std::ios::binary);
  const auto about = SavepointManifest::parse(std::string(std::istreambuf_iterator<char>(file), {}));
  if (!about) return false;
  savepoint.made_at = about->made_at;
  savepoint.version = about->version;
  savepoint.rows_in = about->rows_in;
  savepoint.shards = about->shards;
  return true;
}

}  // namespace

Status Savepoints::may_be_made(const std::string& pipeline, const std::string& name) const {
  if (!is_savepoint_name(name)) return Error(ErrorKind::invalid_argument, "'" + name + "' cannot name a savepoint", "letters, digits, '-' and '_'");
  std::error_code ignored;
  if (fs::exists(fs::path(folder_of(pipeline)) / "savepoints" / name, ignored))
    return Error(ErrorKind::already_exists, pipeline + " has a savepoint '" + name + "'", "another name, or remove that one first");
  return shards_in(folder_of(pipeline), "state").empty() ? Status(Error(ErrorKind::not_found, pipeline + " has no state yet", "run it first")) : Status();
}

Result<Savepoint> Savepoints::make(Savepoint about) const {
  PENSTOCK_TRY(may_be_made(about.pipeline, about.name));
  const fs::path state = folder_of(about.pipeline), folder = state / "savepoints" / about.name, aside = folder.string() + ".new";
  const std::vector<std::int32_t> shards = shards_in(state, "state");
  std::error_code error;
  fs::remove_all(aside, error);
  fs::create_directories(aside, error);
  if (error) return disk_error("the savepoint cannot be written", error, aside);
  about.shards = static_cast<std::int32_t>(shards.size());
  const auto fill = [&]() -> Status {
    for (const std::int32_t shard : shards) PENSTOCK_TRY(copy_store(state / std::to_string(shard) / "state", aside / std::to_string(shard)));
    PENSTOCK_TRY(write_about(aside, about));
    fs::rename(aside, folder, error);
    return error ? Status(disk_error("the savepoint cannot be put in place", error, folder)) : sync_folder_of(folder.string());
  };
  if (const Status filled = fill(); !filled.ok()) {
    fs::remove_all(aside, error);
    return filled.error();
  }
  about.bytes = bytes_of(folder);
  return about;
}

std::vector<Savepoint> Savepoints::list(const std::string& pipeline) const {
  std::vector<Savepoint> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(fs::path(folder_of(pipeline)) / "savepoints", ignored)) {
    Savepoint savepoint{.pipeline = pipeline, .name = entry.path().filename().string()};
    if (!is_savepoint_name(savepoint.name) || !read_about(entry.path(), savepoint)) continue;
    savepoint.bytes = bytes_of(entry.path());
    found.push_back(std::move(savepoint));
  }
  std::sort(found.begin(), found.end(), [](const Savepoint& a, const Savepoint& b) { return a.made_at != b.made_at ? a.made_at > b.made_at : a.name < b.name; });
  return found;
}

Result<Savepoint> Savepoints::find(const std::string& pipeline, const std::string& name) const {
  for (Savepoint& one : list(pipeline))
    if (one.name == name) return std::move(one);
  return no_savepoint(pipeline, name);
}

Status Savepoints::put_back(const std::string& pipeline, const std::string& name) const {
  PENSTOCK_ASSIGN(const Savepoint savepoint, find(pipeline, name));
  const fs::path state = folder_of(pipeline), folder = state / "savepoints" / name;
  const std::vector<std::int32_t> shards = shards_in(folder, ""), now = shards_in(state, "state");
  if (static_cast<std::int32_t>(shards.size()) != savepoint.shards) return Error(ErrorKind::data_loss, "the savepoint '" + name + "' lacks some of its shards", "use another one");
  if (!now.empty() && now != shards)
    return Error(ErrorKind::invalid_argument, "the savepoint '" + name + "' is of " + std::to_string(shards.size()) + " shards, and " + pipeline + " has " + std::to_string(now.size()), "use another one");
  // Beside the state first: only what is whole takes its place.
  std::error_code error;
  for (const std::int32_t shard : shards) {
    const fs::path own = state / std::to_string(shard), fresh = own / "state.new";
    if (fs::exists(own / "state", error))
      if (const auto held = StateStore::open((own / "state").string(), {.create = false}); !held.ok() && held.error().kind == ErrorKind::failed_precondition) return held.error();
    fs::remove_all(fresh, error);
    fs::create_directories(own, error);
    PENSTOCK_TRY(copy_store(folder / std::to_string(shard), fresh));
    PENSTOCK_ASSIGN(const auto store, StateStore::open(fresh.string(), {.create = false}));
    PENSTOCK_TRY(note_choice(*store, StateChoice::take_over));
  }
  for (const std::int32_t shard : shards) {
    const fs::path place = state / std::to_string(shard) / "state";
    fs::remove_all(place.string() + ".aside", error);
    if (fs::exists(place, error)) fs::rename(place, place.string() + ".aside", error);
    if (!error) fs::rename(place.string() + ".new", place, error);
    if (error) return disk_error("the savepoint cannot be put in place", error, place);
    PENSTOCK_TRY(sync_folder_of(place.string()));
  }
  return {};
}

// Also one that is damaged and not listed: its name could not be used again otherwise.
Status Savepoints::remove(const std::string& pipeline, const std::string& name) const {
  const fs::path folder = fs::path(folder_of(pipeline)) / "savepoints" / name;
  std::error_code error;
  if (!is_savepoint_name(name) || !fs::is_directory(folder, error)) return no_savepoint(pipeline, name);
  fs::remove_all(folder, error);
  return error ? Status(disk_error("the savepoint cannot be removed", error, name)) : Status();
}

}  // namespace penstock
