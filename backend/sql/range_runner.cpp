#include "sql/range_runner.h"

#include <algorithm>
#include <numeric>

namespace penstock {
namespace {

// `rows` rows from `first`, counted through the batches.
std::vector<Batch> slice_batches(std::span<const Batch> batches, std::int64_t first, std::int64_t rows) {
  std::vector<Batch> slices;
  for (const Batch& batch : batches) {
    const auto begin = std::min(first, batch.rows());
    const auto count = std::min(rows, batch.rows() - begin);
    if (count > 0) slices.push_back(batch.slice(begin, count));
    first -= begin;
    rows -= count;
  }
  return slices;
}

}  // namespace

std::int64_t count_rows(std::span<const Batch> batches) {
  return std::accumulate(batches.begin(), batches.end(), std::int64_t{0},
                         [](std::int64_t sum, const Batch& batch) { return sum + batch.rows(); });
}

Status RangeRunner::run(std::int64_t first, std::int64_t rows, bool may_split, std::vector<Batch>& parts, std::vector<RowError>& errors) {
  scan_.rows = slice_batches(input_, first, rows);
  scan_.first_row = first;
  const auto failed = statement_.execute(builder_);
  scan_.rows.clear();
  if (!failed) {
    if (builder_.rows() > 0) parts.push_back(builder_.finish());
    return {};
  }
  builder_ = BatchBuilder(builder_.schema());      // forgets what the failure left behind
  if (!failed->data || !may_split) return failed->to_error();
  if (rows == 1) {
    errors.push_back({first, failed->message});
    return {};
  }
  const auto half = rows / 2;
  PENSTOCK_TRY(run(first, half, may_split, parts, errors));
  return run(first + half, rows - half, may_split, parts, errors);
}

}  // namespace penstock
