#pragma once

#include <cstdint>

#include "telemetry/report.h"

namespace penstock {

// semantics.md, "States": stuck is when input waits and no epoch was closed for max(10 s, 5 × the usual time between epochs).
// Thread-compatible.
class StuckDetector {
 public:
  void add(std::int64_t at, const StreamReport& report, std::int64_t pod_started_at);
  bool is_stuck(std::int64_t now) const;
  // From when on no epoch was closed although input waits; 0: nothing waits.
  std::int64_t waiting_since() const { return waiting_since_; }
  std::int64_t limit() const;                       // micros

 private:
  bool has_report_ = false;
  bool can_be_stuck_ = false;
  std::int64_t epoch_ = 0;
  std::int64_t waiting_since_ = 0;
  std::int64_t idle_at_ = 0;                        // last report in which nothing waited, or nothing was to be taken
  double usual_interval_ = 0;                       // micros, between epochs while input waits; 0: not known yet
};

}  // namespace penstock
