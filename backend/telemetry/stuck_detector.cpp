#include "telemetry/stuck_detector.h"

#include <algorithm>

namespace penstock {
namespace {
constexpr std::int64_t kLeast = 10'000'000;
constexpr double kSmoothing = 0.2;
}  // namespace

std::int64_t StuckDetector::limit() const { return std::max(kLeast, static_cast<std::int64_t>(5 * usual_interval_)); }

void StuckDetector::add(std::int64_t at, const StreamReport& report, std::int64_t pod_started_at) {
  const std::int64_t taken_at = report.input_waiting_since > 0 ? report.input_waiting_since : report.epoch_at;
  if (has_report_ && report.epoch > epoch_ && waiting_since_ > 0 && taken_at > waiting_since_) {
    const auto interval = static_cast<double>(taken_at - waiting_since_) / static_cast<double>(report.epoch - epoch_);
    // An interval beyond the limit is what stuck means, and says nothing about what is usual.
    if (interval <= static_cast<double>(limit()))
      usual_interval_ = usual_interval_ == 0 ? interval : usual_interval_ + kSmoothing * (interval - usual_interval_);
  }
  has_report_ = true;
  epoch_ = report.epoch;
  const PipelineStatus s = report.status;
  can_be_stuck_ = s == PipelineStatus::starting || s == PipelineStatus::running || s == PipelineStatus::catching_up ||
                  s == PipelineStatus::degraded || s == PipelineStatus::draining;
  if (report.input_waiting_since == 0 || !can_be_stuck_) idle_at_ = at;
  // Input that waited before the pod began could not be taken by it; and a pod may say "since the last epoch" for input that
  // came only now.
  waiting_since_ = report.input_waiting_since == 0 ? 0 : std::max({report.input_waiting_since, pod_started_at, idle_at_});
}

bool StuckDetector::is_stuck(std::int64_t now) const { return can_be_stuck_ && waiting_since_ > 0 && now - waiting_since_ > limit(); }

}  // namespace penstock
