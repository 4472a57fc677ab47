#pragma once

// Checkpoints: a whole snapshot as one Parquet file, so that a reader need not replay the log from its start
// (PROTOCOL.md, "Checkpoints", "Last Checkpoint File").

#include <optional>
#include <string>

#include "connectors/delta/log_folder.h"
#include "connectors/delta/snapshot.h"
#include "io/parquet.h"

namespace penstock::delta {

// The snapshot that a checkpoint holds. Error: unsupported for one that needs v2Checkpoint; data_loss when damaged.
Result<Snapshot> read_checkpoint(const std::string& log_folder, const CheckpointFiles& files, Parquet& parquet);

// Writes the snapshot's checkpoint and points `_last_checkpoint` at it. Tombstones older than `tombstones_since_ms`
// are left out. `temporary` is a path prefix in the log folder for files that are removed again.
Status write_checkpoint(const std::string& log_folder, const Snapshot& snapshot, std::int64_t tombstones_since_ms,
                        Parquet& parquet, const std::string& temporary);

// The version that `_last_checkpoint` names; none when it is absent or damaged (it is only a hint).
std::optional<std::int64_t> last_checkpoint(const std::string& log_folder);

}  // namespace penstock::delta
