#pragma once

#include <optional>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "io/source.h"
#include "record/batch.h"

namespace penstock {

// One version of a landed table, its rows of one source in position order within each partition: what an operator's state
// is computed again from. Needs the origin columns. One owner; not thread-safe.
class TableScan {
 public:
  virtual ~TableScan() = default;

  virtual Result<std::vector<PartitionRange>> partitions() = 0;
  // What is read, before the first next(). A partition that is not named is not read.
  virtual Status assign(const std::vector<Assignment>& assignments) = 0;
  // The next rows, partitions side by side; none at the end, and when asked to stop.
  virtual Result<std::optional<Batch>> next(Cancellation cancellation) = 0;
};

}  // namespace penstock
