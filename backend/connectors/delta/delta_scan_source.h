#pragma once

// A landed bronze table as a source: the records as they once came, again in position order. Replay reads this.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "connectors/delta/position_scan.h"
#include "io/source.h"

namespace penstock {

struct DeltaScanOptions {
  std::string folder;                       // of the bronze table, absolute
  std::string source;                       // only rows whose `_source` is this; it is the source's name as well
  std::optional<Timestamp> from_time;       // only rows whose `_source_time` is not before this …
  std::optional<Timestamp> until_time;      // … and before this; a row without a time is in no range
  std::optional<std::int64_t> version;      // of the table; none: the newest when this was opened
};

// One version of the table, so that what is landed meanwhile does not come along. Finite. Errors: not_found,
// unsupported (see DeltaTable); failed_precondition for a table without bronze's columns.
class DeltaScanSource final : public Source {
 public:
  static Result<std::unique_ptr<DeltaScanSource>> open(DeltaScanOptions options, Parquet* parquet);

  std::string name() const override { return options_.source; }
  bool finite() const override { return true; }
  Result<std::vector<PartitionRange>> partitions() override;
  Status assign(const std::vector<Assignment>& assignments) override;
  Result<PollOutcome> poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) override;

 private:
  DeltaScanSource(DeltaScanOptions options, DeltaTableSnapshot table, Parquet* parquet);

  const DeltaScanOptions options_;
  PositionScan scan_;
};

}  // namespace penstock
