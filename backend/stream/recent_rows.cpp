#include "stream/recent_rows.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr std::int64_t kRows = 10'000;
constexpr std::int64_t kBytes = 1 << 18;      // a pod keeps them of each step of each stream
constexpr std::int64_t kSealedRows = 1'000;

}  // namespace

void RecentRows::add(const Batch& rows) {
  const std::int64_t taken = std::min(rows.rows(), kRows);
  building_.append_rows(rows.slice(rows.rows() - taken, taken));
  if (building_.rows() >= kSealedRows || building_.bytes() >= kBytes / 4) seal();
}

void RecentRows::seal() {
  sealed_.push_back(building_.finish());
  sealed_rows_ += sealed_.back().rows();
  sealed_bytes_ += sealed_.back().bytes();
  while (sealed_.size() > 1 && (sealed_rows_ - sealed_.front().rows() >= kRows || sealed_bytes_ > kBytes)) {
    sealed_rows_ -= sealed_.front().rows();
    sealed_bytes_ -= sealed_.front().bytes();
    sealed_.pop_front();
  }
}

std::vector<Batch> RecentRows::rows() const {
  std::vector<Batch> rows(sealed_.begin(), sealed_.end());
  BatchBuilder newest = building_;
  if (newest.rows() > 0) rows.push_back(newest.finish());
  return rows;
}

}  // namespace penstock
