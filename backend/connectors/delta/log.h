#pragma once

// The log of one Delta table: read it, and add commits to it beside other writers
// (https://github.com/delta-io/delta/blob/master/PROTOCOL.md).

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "connectors/delta/snapshot.h"
#include "io/parquet.h"

namespace penstock::delta {

// Where a table of this name stands: "<root>/<layer>/<name>". Error: invalid_argument unless it is "layer.name" of
// letters, digits and underscores, so that no name leads out of the root.
Result<std::string> table_folder(const std::string& tables_root, const std::string& table);

// Not thread-safe: one owner; several logs of the same table, also in other processes, may commit side by side.
class DeltaLog {
 public:
  // What to commit to the table as it is now; none: nothing is left to do. Called again, with the newer snapshot,
  // whenever another writer was first: so each plan decides itself whether that writer's work changes its own.
  using Plan = std::function<Result<std::optional<std::vector<Action>>>(const Snapshot&)>;

  // `parquet` reads and writes checkpoints. `writer_tag` makes this writer's temporary files its own; a reader
  // needs none.
  DeltaLog(std::string table_folder, Parquet* parquet, std::string writer_tag = {});

  const std::string& folder() const { return table_; }
  std::string log_folder() const { return table_ + "/_delta_log"; }

  // The table as it was last read.
  const Snapshot& snapshot() const { return snapshot_; }
  // Brings the snapshot up to date. A folder without a table is fine: !snapshot().exists().
  // Error: data_loss when a version is missing or damaged.
  Status refresh();
  // One version of the past; none: the newest. Error: not_found when the log no longer holds it.
  Result<Snapshot> read(std::optional<std::int64_t> version = {}) const;

  // Adds one version. None when the plan had nothing to do. Error: whatever the plan says; unavailable when the
  // version stands there but may not survive a power loss (read again); resource_exhausted, io: nothing is visible.
  Result<std::optional<std::int64_t>> commit(const Plan& plan);

  // The newest of the last commits (those that the log still holds, at most kCommitsLookedAt) whose information `matches`.
  Result<std::optional<CommitInfo>> find_info(const std::function<bool(const CommitInfo&)>& matches) const;

  // When a version was committed, in milliseconds since 1970, as its commitInfo says; none where that says nothing.
  Result<std::optional<std::int64_t>> committed_at(std::int64_t version) const;

  // Forgets tombstones older than this: their files are gone.
  void forget_tombstones(std::int64_t before_ms);

  // A path in the log folder for a file that its writer removes again.
  std::string temporary_path() const;
  // Removes what a killed writer of this tag left behind. Only while no other writer uses the same tag.
  void remove_temporary_files() const;

 private:
  // Applies the commits after `snapshot.version`, up to `last`; stops at the first that is not there.
  Status replay(Snapshot& snapshot, std::optional<std::int64_t> last) const;

  // Constant after construction.
  const std::string table_;
  Parquet* const parquet_;
  const std::string writer_tag_;

  Snapshot snapshot_;
};

}  // namespace penstock::delta
