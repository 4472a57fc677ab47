#pragma once

// The rows of a landed table in the order of their positions, though its files hold them in the order of epochs: spans of
// offsets, each of as many rows as one step may take, with the files that can hold them.

#include <string>
#include <vector>

#include "connectors/delta/delta_reader.h"
#include "io/table_scan.h"

namespace penstock {

class PositionScan final : public TableScan {
 public:
  struct Options {
    std::string source;                // only rows whose `_source` is this
    std::string filter;                // SQL; empty: all of them
    SchemaPtr columns;                 // that are read; with the origin's source, partition and offset
    PollLimits limits;                 // rows and bytes of one step
  };
  PositionScan(DeltaTableSnapshot table, Options options, Parquet* parquet);

  Result<std::vector<PartitionRange>> partitions() override;
  Status assign(const std::vector<Assignment>& assignments) override;
  Result<std::optional<Batch>> next(Cancellation cancellation) override;
  // The same for other limits from now on.
  void set_limits(const PollLimits& limits) { options_.limits = limits; }

 private:
  struct Cursor {
    std::int32_t partition = 0;
    std::int64_t next = 0;
    std::int64_t until = 0;
  };
  // Files that can hold rows of the partition at `from` or later, below `until`; `first` becomes the lowest offset
  // that any of them can hold.
  std::vector<std::string> files_of(std::int32_t partition, std::int64_t from, std::int64_t until, std::int64_t& first) const;
  std::string row_filter() const;
  Result<Positions> heads_if_needed();
  // The next offsets of a partition; `more` becomes false when it has no more.
  Result<Batch> read_some(Cursor& cursor, bool& more);
  void adapt_span(std::int64_t rows, std::int64_t bytes);

  // Constant after construction.
  const DeltaTableSnapshot table_;
  Parquet* const parquet_;

  Options options_;
  std::vector<Cursor> cursors_;
  std::int64_t span_;                  // offsets asked for at once
};

}  // namespace penstock
