#include "connectors/delta/housekeeping.h"

#include <filesystem>
#include <sstream>

#include "base/crash_point.h"
#include "connectors/delta/checkpoint.h"
#include "connectors/delta/durable_file.h"
#include "connectors/delta/file_uri.h"
#include "connectors/delta/log_folder.h"

namespace penstock::delta {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

void expire_data_files(DeltaLog& log, std::int64_t before_ms) {
  for (const auto& [path, tombstone] : log.snapshot().removed)
    if (tombstone.deleted_ms < before_ms && uri_scheme(path).empty() && !leaves_folder(path))
      remove_file(log.folder() + "/" + path);
  log.forget_tombstones(before_ms);
}

std::int64_t modified_ms(const std::string& path, std::int64_t unknown) {
  std::error_code code;
  const auto time = fs::last_write_time(path, code);
  if (code) return unknown;
  return std::chrono::duration_cast<milliseconds>(fs::file_time_type::clock::to_sys(time).time_since_epoch()).count();
}

// From the oldest on, and only until the first that is still wanted, so that what is left has no gap.
Status expire_log(const DeltaLog& log, std::int64_t checkpoint, std::int64_t before_ms) {
  PENSTOCK_ASSIGN(const LogListing listing, list_log(log.log_folder()));
  const auto expired = [&](const std::string& name) { return modified_ms(log.log_folder() + "/" + name, before_ms) < before_ms; };
  for (const std::int64_t version : listing.commits) {
    if (version >= checkpoint || !expired(commit_name(version))) break;
    remove_file(log.log_folder() + "/" + commit_name(version));
  }
  for (const CheckpointFiles& old : listing.checkpoints) {
    if (old.version >= checkpoint || old.names.empty() || !expired(old.names.front())) break;
    for (const std::string& name : old.names) remove_file(log.log_folder() + "/" + name);
  }
  return {};
}

}  // namespace

Status keep_log_short(DeltaLog& log, Parquet& parquet, std::int64_t now_ms, milliseconds retention) {
  const std::int64_t version = log.snapshot().version;
  if (version - last_checkpoint(log.log_folder()).value_or(0) < kCommitsPerCheckpoint) return {};
  const auto keep_files = parse_interval(log.snapshot().property("delta.deletedFileRetentionDuration"), retention);
  const auto keep_log = parse_interval(log.snapshot().property("delta.logRetentionDuration"), retention);
  const std::int64_t files_before = keep_files ? now_ms - keep_files->count() : 0;

  PENSTOCK_TRY(write_checkpoint(log.log_folder(), log.snapshot(), files_before, parquet, log.temporary_path()));
  crash_point("delta.after_checkpoint");
  expire_data_files(log, files_before);
  if (!keep_log) return {};
  return expire_log(log, version, now_ms - keep_log->count());
}

std::optional<milliseconds> parse_interval(const std::string& text, milliseconds fallback) {
  if (text.empty()) return fallback;
  std::istringstream words(text);
  std::string interval, unit;
  std::int64_t count = 0;
  if (!(words >> interval) || interval != "interval" || !(words >> count >> unit) || count < 0 || count > 1'000'000) return std::nullopt;
  std::string more;
  if (words >> more) return std::nullopt;
  if (unit.ends_with('s')) unit.pop_back();
  if (unit == "week") return std::chrono::hours(24 * 7 * count);
  if (unit == "day") return std::chrono::hours(24 * count);
  if (unit == "hour") return std::chrono::hours(count);
  if (unit == "minute") return std::chrono::minutes(count);
  if (unit == "second") return std::chrono::seconds(count);
  return std::nullopt;
}

}  // namespace penstock::delta
