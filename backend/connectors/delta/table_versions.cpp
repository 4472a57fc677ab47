#include "connectors/delta/table_versions.h"

#include <algorithm>
#include <filesystem>

#include "connectors/delta/durable_file.h"
#include "connectors/delta/log_folder.h"
#include "connectors/delta/statistics.h"
#include "record/schema.h"

namespace penstock::delta {
namespace {

// Compacted files are newer than the rows in them.
std::int64_t age_of(const AddFile& file) {
  return time_range(file.statistics, std::string(origin::ingest_time)).least.value_or(file.modified_ms * 1000);
}

}  // namespace

Result<AddedRows> added_rows(const std::string& log_folder, std::int64_t version) {
  const std::string path = log_folder + "/" + commit_name(version);
  PENSTOCK_ASSIGN(const std::string text, read_file(path));
  auto actions = parse_actions(text);
  if (!actions.ok()) {
    Error error = actions.error().within("the table's log is damaged");
    error.where = path;
    return error;
  }
  AddedRows added;
  std::string operation = "a commit";
  bool takes_away = false, hides = false;
  for (Action& action : *actions) {
    if (auto* add = std::get_if<AddFile>(&action); add && add->data_change) {
      hides = hides || add->has_deletion_vector;
      added.files.push_back(std::move(*add));
    } else if (const auto* remove = std::get_if<RemoveFile>(&action)) {
      takes_away = takes_away || remove->data_change;
    } else if (const auto* info = std::get_if<CommitInfo>(&action); info && !info->operation.empty()) {
      operation = info->operation;
    } else if (std::holds_alternative<Protocol>(action) || std::holds_alternative<Metadata>(action)) {
      added.metadata.push_back(std::move(action));
    }
  }
  if (takes_away || hides) added.change = operation + (takes_away ? " takes rows away or changes them" : " hides rows of a file");
  return added;
}

std::vector<AddFile> files_in_order(const Snapshot& snapshot) {
  std::vector<AddFile> files;
  for (const auto& [path, file] : snapshot.files) files.push_back(file);
  std::stable_sort(files.begin(), files.end(), [](const AddFile& a, const AddFile& b) { return age_of(a) < age_of(b); });
  return files;
}

Result<std::int64_t> newest_version(const std::string& log_folder) {
  PENSTOCK_ASSIGN(const LogListing listing, list_log(log_folder));
  std::int64_t newest = -1;
  if (!listing.commits.empty()) newest = listing.commits.back();
  if (!listing.checkpoints.empty()) newest = std::max(newest, listing.checkpoints.back().version);
  return newest;
}

Result<bool> has_whole_history(const std::string& table_folder) {
  const std::string log_folder = table_folder + "/_delta_log";
  PENSTOCK_ASSIGN(const std::int64_t newest, newest_version(log_folder));
  for (std::int64_t version = 0; version <= newest; ++version) {
    const auto added = added_rows(log_folder, version);
    if (!added.ok() && added.error().kind == ErrorKind::not_found) return false;
    if (!added.ok()) return added.error();
    std::error_code failed;
    const bool is_whole = std::all_of(added->files.begin(), added->files.end(), [&](const AddFile& file) { return std::filesystem::exists(table_folder + "/" + file.path, failed); });
    if (!added->change.empty() || !is_whole) return false;
  }
  return true;
}

}  // namespace penstock::delta
