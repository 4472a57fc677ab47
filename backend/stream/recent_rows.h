#pragma once

#include <deque>
#include <vector>

#include "record/batch_builder.h"

namespace penstock {

// The newest rows of a step, for whoever looks at it: at most 10,000, and about 1 MiB. Rows that come one by one are
// packed together, since a batch costs far more memory than a row. Not thread-safe.
class RecentRows {
 public:
  explicit RecentRows(SchemaPtr schema) : building_(std::move(schema)) {}

  void add(const Batch& rows);
  std::vector<Batch> rows() const;      // oldest first

 private:
  void seal();

  BatchBuilder building_;
  std::deque<Batch> sealed_;
  std::int64_t sealed_rows_ = 0;
  std::int64_t sealed_bytes_ = 0;
};

}  // namespace penstock
