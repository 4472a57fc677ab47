#pragma once

// A Delta table for those who only read it: `query`, lineage, replay.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "connectors/delta/log.h"
#include "io/parquet.h"

namespace penstock {

struct DeltaTableSnapshot {
  std::int64_t version = 0;
  SchemaPtr schema;
  std::vector<std::string> files;                      // absolute; older files may lack columns: those read as NULL
  std::vector<delta::AddFile> adds;                    // the same files, in the same order, with size and statistics
  std::optional<std::int64_t> rows;                    // when all files tell
  bool is_partitioned = false;                         // then some columns stand only in `adds`
  std::map<std::string, std::int64_t> last_epochs;     // by marker: what of a stream's unflushed tail is in here
};

// The rows of some of the snapshot's files, in their order, for which `condition` (SQL, empty: all) holds.
Status read_rows(Parquet& parquet, const DeltaTableSnapshot& table, const std::vector<std::string>& files, const std::string& condition, const SchemaPtr& schema,
                 const std::function<Status(const Batch&)>& rows);

// Not thread-safe. Files that a snapshot names stay on disk for the table's retention (7 days unless set).
class DeltaTable {
 public:
  // Error: not_found where there is no table; unsupported, by name, for what Penstock cannot read.
  static Result<DeltaTable> open(std::string folder, Parquet* parquet);

  // The newest version, or one of the past. Error: not_found when the log does not hold it.
  Result<DeltaTableSnapshot> snapshot(std::optional<std::int64_t> version = {});
  // The same of the past, with all of its files still there. Error: not_found, which names the versions that are.
  Result<DeltaTableSnapshot> past(std::int64_t version);
  // The newest version that was committed by then. Error: not_found where the log does not go back so far.
  Result<std::int64_t> version_at(Timestamp time) const;

 private:
  explicit DeltaTable(delta::DeltaLog log) : log_(std::move(log)) {}
  bool is_whole(const DeltaTableSnapshot& snapshot) const;

  delta::DeltaLog log_;
};

}  // namespace penstock
