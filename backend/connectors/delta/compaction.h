#pragma once

// Many small files of a table become one, with the same rows (`dataChange: false`, so that nobody who follows the
// table sees them twice). Files are small by steps: first the tiny ones together, later those together, so that a
// row is written a few times in its life and not at every turn.

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "connectors/delta/log.h"
#include "connectors/delta/ownership.h"
#include "io/parquet.h"

namespace penstock::delta {

inline constexpr std::size_t kSmallFilesToCompact = 32;
inline constexpr std::int64_t kCompactedBytes = 128 << 20;     // so much goes into one file at most

// The files to put together, oldest first; empty when there are not yet enough.
std::vector<AddFile> files_to_compact(const Snapshot& snapshot);

// Compacts once when there is reason to. Gives up without an error when another writer took away one of the files.
// The commit carries no `txn`: it has no part in what was delivered.
Status compact(DeltaLog& log, const Marker& marker, const std::string& writer_tag, Parquet& parquet,
               const ParquetOptions& options, std::int64_t now_ms);

// The same on a thread of its own, for files so large that a delivery would wait for it for seconds.
class BackgroundCompaction {
 public:
  ~BackgroundCompaction() { stop(); }

  bool runs() const { return runs_; }
  // Only where it does not run. `parquet` is used by two threads from then on; `table`: for messages.
  void start(const std::string& folder, const std::string& table, const Marker& marker, const std::string& writer_tag, Parquet& parquet,
             ParquetOptions options, std::int64_t now_ms);
  // Gives up what it is at.
  void stop();

 private:
  std::atomic<bool> runs_ = false;
  std::jthread thread_;
};

}  // namespace penstock::delta
