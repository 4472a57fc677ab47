#include "stream/live_objectives.h"

namespace penstock {
namespace {

constexpr std::int64_t kSliceMicros = 5'000'000;

}  // namespace

bool LiveObjectives::missed(const StreamReport& report, std::int64_t now) {
  if (objectives_.freshness && report.behind_micros > objectives_.freshness->count()) return true;
  if (!objectives_.p99) return false;
  if (!slice_begin_ || now - slice_began_at_ >= kSliceMicros) {
    if (slice_begin_) {
      const LatencyHistogram slice = report.queryable.since(*slice_begin_);
      slice_was_late_ = slice.count() > 0 && slice.quantile(0.99) > objectives_.p99->count();
    }
    slice_begin_ = report.queryable;
    slice_began_at_ = now;
  }
  return slice_was_late_;
}

}  // namespace penstock
