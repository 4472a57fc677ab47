#include "connectors/delta/compaction.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include "base/crash_point.h"
#include "base/log.h"
#include "base/this_thread.h"
#include "connectors/delta/data_files.h"
#include "connectors/delta/durable_file.h"
#include "connectors/delta/features.h"
#include "connectors/delta/partitions.h"
#include "connectors/delta/schema_string.h"

namespace penstock::delta {
namespace {

// A file below the first bound is tiny; one above the last is left alone.
constexpr std::array<std::int64_t, 3> kStepBytes = {512 << 10, 8 << 20, 64 << 20};

std::size_t step_of(const AddFile& file) {
  return static_cast<std::size_t>(std::upper_bound(kStepBytes.begin(), kStepBytes.end(), file.bytes) - kStepBytes.begin());
}

bool holds_all(const Snapshot& snapshot, const std::vector<AddFile>& files) {
  return std::all_of(files.begin(), files.end(), [&](const AddFile& file) { return snapshot.files.contains(file.path); });
}

std::vector<Action> commit_actions(const std::vector<AddFile>& olds, const AddFile& compacted, const Marker& marker, std::int64_t now_ms) {
  std::vector<Action> actions = {CommitInfo{.timestamp_ms = now_ms,
                                            .operation = "OPTIMIZE",
                                            .parameters = {{"files", std::to_string(olds.size())}},
                                            .tags = commit_tags(marker)}};
  for (const AddFile& old : olds)
    actions.push_back(RemoveFile{.path = old.path, .deleted_ms = now_ms, .data_change = false, .bytes = old.bytes, .partition = old.partition});
  actions.push_back(compacted);
  return actions;
}

}  // namespace

std::vector<AddFile> files_to_compact(const Snapshot& snapshot) {
  std::map<std::pair<std::size_t, PartitionValues>, std::vector<AddFile>> groups;      // those of a partition stay together
  for (const auto& [path, file] : snapshot.files)
    if (const std::size_t step = step_of(file); step < kStepBytes.size()) groups[{step, file.partition}].push_back(file);
  for (auto& [group, files] : groups) {
    if (files.size() < kSmallFilesToCompact) continue;
    std::stable_sort(files.begin(), files.end(), [](const AddFile& a, const AddFile& b) { return a.modified_ms < b.modified_ms; });
    std::int64_t bytes = 0;
    const auto enough = std::find_if(files.begin(), files.end(), [&](const AddFile& file) { return (bytes += file.bytes) > kCompactedBytes; });
    files.erase(enough, files.end());
    return files;
  }
  return {};
}

Status compact(DeltaLog& log, const Marker& marker, const std::string& writer_tag, Parquet& parquet,
               const ParquetOptions& options, std::int64_t now_ms) {
  const std::vector<AddFile> olds = files_to_compact(log.snapshot());
  if (olds.empty()) return {};
  const auto schema = to_writable_schema(log.snapshot().metadata.schema_string);
  if (!schema.ok()) return {};   // a table of others with columns that would change: its files stay as they are

  std::vector<std::string> paths;
  for (const AddFile& old : olds) paths.push_back(log.folder() + "/" + old.path);
  const std::vector<std::string>& columns = log.snapshot().metadata.partition_columns;
  const std::string name = (columns.empty() ? "" : partition_folder(olds.front().partition, columns)) + data_file_name(DataFileKind::compact, writer_tag, log.snapshot().version);
  const std::string path = log.folder() + "/" + name;
  PENSTOCK_TRY(make_folder(std::filesystem::path(path).parent_path().string()));
  PENSTOCK_ASSIGN(const ParquetFile written, parquet.rewrite(paths, "", without_columns(**schema, columns), path, options));
  crash_point("delta.after_compaction_file");
  const AddFile compacted{.path = name, .bytes = written.bytes, .modified_ms = now_ms, .data_change = false, .statistics = written.statistics, .partition = olds.front().partition};

  const auto committed = log.commit([&](const Snapshot& snapshot) -> Result<std::optional<std::vector<Action>>> {
    if (!holds_all(snapshot, olds)) return std::optional<std::vector<Action>>();
    PENSTOCK_TRY(check_writable(snapshot));
    PENSTOCK_TRY(check_ownership(snapshot, marker, true));
    PENSTOCK_TRY(check_present(log.folder(), compacted));
    return std::optional(commit_actions(olds, compacted, marker, now_ms));
  });
  if (committed.ok() && *committed) return {};
  // Where the outcome is unknown the file stays: open() finds out whether a commit knows it.
  if (committed.ok() || committed.error().kind != ErrorKind::unavailable) remove_file(path);
  return committed.ok() ? Status() : Status(committed.error());
}

void BackgroundCompaction::start(const std::string& folder, const std::string& table, const Marker& marker, const std::string& writer_tag,
                                 Parquet& parquet, ParquetOptions options, std::int64_t now_ms) {
  stop();
  runs_ = true;
  thread_ = std::jthread([=, this, &parquet](Cancellation cancellation) mutable {
    name_this_thread("compact " + table);
    lower_thread_priority();
    options.in_background = true;
    options.cancellation = cancellation;
    DeltaLog log(folder, &parquet, writer_tag);
    Status status = log.refresh();
    if (status.ok()) status = compact(log, marker, writer_tag, parquet, options, now_ms);
    if (!status.ok() && !cancellation.stop_requested()) log_warn("{}: files could not be put together: {}", table, status.error().to_string());
    runs_ = false;
  });
}

void BackgroundCompaction::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace penstock::delta
