#include "telemetry/recent_latency.h"

namespace penstock {
namespace {
constexpr std::int64_t kMinute = 60'000'000;
constexpr std::int64_t kSpacing = 5'000'000;
constexpr std::int64_t kComputeEvery = 500'000;
}  // namespace

Latency summarize(const LatencyHistogram& histogram) {
  if (histogram.count() == 0) return {};
  return {histogram.count(), histogram.quantile(0.5), histogram.quantile(0.99), histogram.quantile(0.999), histogram.max()};
}

void RecentLatency::add(std::int64_t at, const LatencyHistogram& cumulative) {
  newest_ = cumulative;
  if (!kept_.empty() && at - kept_.back().at < kSpacing) return;
  kept_.push_back({at, cumulative.to_bytes()});
  while (kept_.size() >= 2 && kept_[1].at <= at - kMinute) kept_.pop_front();
}

Latency RecentLatency::last_minute(std::int64_t now) {
  if (computed_at_ != 0 && now >= computed_at_ && now - computed_at_ < kComputeEvery) return computed_;
  computed_at_ = now;
  computed_ = {};
  const Kept* earlier = nullptr;
  for (const Kept& kept : kept_) {
    if (earlier && kept.at > now - kMinute) break;
    earlier = &kept;
  }
  if (!earlier) return computed_;
  const auto histogram = LatencyHistogram::from_bytes(earlier->bytes);
  if (histogram.ok()) computed_ = summarize(newest_.since(*histogram));
  return computed_;
}

}  // namespace penstock
