#pragma once

#include <cstdint>
#include <optional>

#include "telemetry/report.h"
#include "workspace/spec.h"

namespace penstock {

// Does a running stream miss one of its objectives now? For whoever gives way to it. Not thread-safe.
class LiveObjectives {
 public:
  explicit LiveObjectives(const ObjectivesSpec& objectives) : objectives_(objectives) {}

  // Freshness as the report has it; p99 (source event → queryable here) over slices of five seconds, those without a row
  // being within it. `now` in micros.
  bool missed(const StreamReport& report, std::int64_t now);

 private:
  ObjectivesSpec objectives_;
  std::optional<LatencyHistogram> slice_begin_;
  std::int64_t slice_began_at_ = 0;
  bool slice_was_late_ = false;
};

}  // namespace penstock
