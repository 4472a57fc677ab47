#include "connectors/delta/log.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include "base/crash_point.h"
#include "base/ids.h"
#include "connectors/delta/checkpoint.h"
#include "connectors/delta/durable_file.h"
#include "connectors/delta/log_folder.h"

namespace penstock::delta {
namespace {

namespace fs = std::filesystem;

// Each lost race means that another writer got on; so many in a row mean that something else is wrong.
constexpr int kMaxAttempts = 1'000;

constexpr std::int64_t kNewest = std::numeric_limits<std::int64_t>::max();

constexpr std::int64_t kCommitsLookedAt = 256;

bool is_name(std::string_view text) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  return !text.empty() && text.find_first_not_of(kLetters) == std::string_view::npos;
}

Error no_version(std::int64_t version, const std::string& table) {
  return Error(ErrorKind::not_found, "the table's log does not hold version " + std::to_string(version), "", table);
}

// A log that starts in its middle is damaged; one whose start was trimmed has a checkpoint there.
Status check_complete(const LogListing& listing, std::int64_t from, std::int64_t until, const std::string& folder) {
  std::int64_t expected = from;
  for (const std::int64_t version : listing.commits) {
    if (version < from || version > until) continue;
    if (version != expected)
      return Error(ErrorKind::data_loss, "version " + std::to_string(expected) + " of the table is missing from its log",
                   "restore the file, or start a new table", folder);
    ++expected;
  }
  return {};
}

}  // namespace

Result<std::string> table_folder(const std::string& tables_root, const std::string& table) {
  const auto dot = table.find('.');
  if (dot == std::string::npos || !is_name(std::string_view(table).substr(0, dot)) || !is_name(std::string_view(table).substr(dot + 1)))
    return Error(ErrorKind::invalid_argument, "'" + table + "' is not the name of a table",
                 "write it as layer.name, of letters, digits and _; for example silver.sales");
  return tables_root + "/" + table.substr(0, dot) + "/" + table.substr(dot + 1);
}

DeltaLog::DeltaLog(std::string table_folder, Parquet* parquet, std::string writer_tag)
    : table_(std::move(table_folder)), parquet_(parquet), writer_tag_(std::move(writer_tag)) {}

Status DeltaLog::refresh() {
  if (snapshot_.exists()) {
    PENSTOCK_TRY(replay(snapshot_, std::nullopt));
    // A log that was trimmed past our snapshot must be read anew: our next version would be one of the past.
    if (last_checkpoint(log_folder()).value_or(-1) <= snapshot_.version) return {};
  }
  PENSTOCK_ASSIGN(snapshot_, read());
  return {};
}

Result<Snapshot> DeltaLog::read(std::optional<std::int64_t> version) const {
  PENSTOCK_ASSIGN(const LogListing listing, list_log(log_folder()));
  const std::int64_t wanted = version.value_or(kNewest);
  const CheckpointFiles* checkpoint = listing.checkpoint_up_to(wanted);
  Snapshot snapshot;
  if (checkpoint) {
    PENSTOCK_ASSIGN(snapshot, read_checkpoint(log_folder(), *checkpoint, *parquet_));
  }
  const bool trimmed = !checkpoint && !listing.commits.empty() && listing.commits.front() > 0;
  if (version && trimmed) return no_version(*version, table_);
  PENSTOCK_TRY(check_complete(listing, snapshot.version + 1, wanted, log_folder()));
  PENSTOCK_TRY(replay(snapshot, version));
  if (version && snapshot.version != *version) return no_version(*version, table_);
  return snapshot;
}

Status DeltaLog::replay(Snapshot& snapshot, std::optional<std::int64_t> last) const {
  while (!last || snapshot.version < *last) {
    const std::string name = commit_name(snapshot.version + 1);
    const auto text = read_file(log_folder() + "/" + name);
    if (!text.ok() && text.error().kind == ErrorKind::not_found) return {};
    if (!text.ok()) return text.error();
    auto actions = parse_actions(*text);
    if (!actions.ok()) {
      Error error = actions.error().within("the table's log is damaged");
      error.where = log_folder() + "/" + name;
      return error;
    }
    snapshot.apply(*actions, snapshot.version + 1);
  }
  return {};
}

Result<std::optional<std::int64_t>> DeltaLog::commit(const Plan& plan) {
  PENSTOCK_TRY(make_folder(log_folder()));
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    PENSTOCK_TRY(refresh());
    PENSTOCK_ASSIGN(const auto actions, plan(snapshot_));
    if (!actions) return std::optional<std::int64_t>();
    const std::int64_t version = snapshot_.version + 1;
    crash_point("delta.before_log");
    PENSTOCK_ASSIGN(const Exclusive outcome,
                    write_exclusive(log_folder() + "/" + commit_name(version), to_json_lines(*actions), temporary_path()));
    if (outcome == Exclusive::taken) continue;
    crash_point("delta.after_log");
    snapshot_.apply(*actions, version);
    return std::optional(version);
  }
  return Error(ErrorKind::unavailable, "other writers were first " + std::to_string(kMaxAttempts) + " times", "", table_);
}

Result<std::optional<CommitInfo>> DeltaLog::find_info(const std::function<bool(const CommitInfo&)>& matches) const {
  const std::int64_t last = std::max<std::int64_t>(0, snapshot_.version - kCommitsLookedAt + 1);
  for (std::int64_t version = snapshot_.version; version >= last; --version) {
    const auto text = read_file(log_folder() + "/" + commit_name(version));
    if (!text.ok() && text.error().kind == ErrorKind::not_found) break;
    if (!text.ok()) return text.error();
    PENSTOCK_ASSIGN(const std::vector<Action> actions, parse_actions(*text));
    for (const Action& action : actions)
      if (const auto* info = std::get_if<CommitInfo>(&action); info && matches(*info)) return std::optional(*info);
  }
  return std::optional<CommitInfo>();
}

Result<std::optional<std::int64_t>> DeltaLog::committed_at(std::int64_t version) const {
  PENSTOCK_ASSIGN(const std::string text, read_file(log_folder() + "/" + commit_name(version)));
  PENSTOCK_ASSIGN(const std::vector<Action> actions, parse_actions(text));
  for (const Action& action : actions)
    if (const auto* info = std::get_if<CommitInfo>(&action); info && info->timestamp_ms != 0) return std::optional(info->timestamp_ms);
  return std::optional<std::int64_t>();
}

void DeltaLog::forget_tombstones(std::int64_t before_ms) {
  std::erase_if(snapshot_.removed, [before_ms](const auto& entry) { return entry.second.deleted_ms < before_ms; });
}

std::string DeltaLog::temporary_path() const { return log_folder() + "/.tmp-" + writer_tag_ + "-" + random_id(); }

void DeltaLog::remove_temporary_files() const {
  const std::string prefix = ".tmp-" + writer_tag_ + "-";
  std::error_code code;
  for (fs::directory_iterator entry(log_folder(), code), end; !code && entry != end; entry.increment(code)) {
    if (entry->path().filename().string().find(prefix) != std::string::npos) remove_file(entry->path().string());
  }
}

}  // namespace penstock::delta
