#pragma once

// What a writer does for a table now and then after a commit: log checkpoints, the end of old log entries and of
// files that no reader needs any more, and fewer, larger files. Nothing here changes rows; when it fails, the rows
// are safe and the next commit tries again.

#include <chrono>
#include <string>

#include "connectors/delta/log.h"
#include "io/parquet.h"

namespace penstock::delta {

inline constexpr std::int64_t kCommitsPerCheckpoint = 10;

// Writes a checkpoint when so many commits lie behind the last one, then removes log entries before it and files whose
// tombstones are older than the table's retention: `delta.logRetentionDuration` and
// `delta.deletedFileRetentionDuration`, or else `retention`.
Status keep_log_short(DeltaLog& log, Parquet& parquet, std::int64_t now_ms, std::chrono::milliseconds retention);

// "interval 7 days", as the table properties write it; `fallback` when absent; none when it is not understood.
std::optional<std::chrono::milliseconds> parse_interval(const std::string& text, std::chrono::milliseconds fallback);

}  // namespace penstock::delta
