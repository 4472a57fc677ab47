#pragma once

// A landed bronze table as a source: the records as they once came, again in position order. Replay reads this.

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "connectors/delta/delta_reader.h"
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
  struct Cursor {
    std::int32_t partition = 0;
    std::int64_t next = 0;
    std::int64_t until = 0;
  };

  DeltaScanSource(DeltaScanOptions options, DeltaTableSnapshot table, Parquet* parquet);
  // Files that can hold rows of the partition at `from` or later, below `until`; `first` becomes the lowest offset
  // that any of them can hold.
  std::vector<std::string> files_of(std::int32_t partition, std::int64_t from, std::int64_t until, std::int64_t& first) const;
  std::string condition(std::int32_t partition, std::int64_t from, std::int64_t until) const;
  std::string row_filter() const;
  Result<Positions> heads_if_needed();
  // Reads the next offsets of a partition; false when it has no more.
  Result<bool> read_some(Cursor& cursor, RawBatch& out, const PollLimits& limits);
  void adapt_span(std::int64_t rows, std::int64_t bytes, const PollLimits& limits);

  // Constant after construction.
  const DeltaScanOptions options_;
  const DeltaTableSnapshot table_;
  Parquet* const parquet_;

  std::vector<Cursor> cursors_;
  std::int64_t span_;              // offsets asked for at once
};

}  // namespace penstock
