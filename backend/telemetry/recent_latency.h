#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "telemetry/latency_histogram.h"
#include "telemetry/state.h"

namespace penstock {

// The last minute of a cumulative histogram: the newest one less the one of a minute ago. Thread-compatible.
class RecentLatency {
 public:
  // The first histogram is where counting starts.
  void add(std::int64_t at, const LatencyHistogram& cumulative);
  // Computed at most twice a second.
  Latency last_minute(std::int64_t now);

 private:
  struct Kept {
    std::int64_t at;
    std::string bytes;      // some hundred bytes, where a histogram takes 8 KiB
  };
  LatencyHistogram newest_;
  std::deque<Kept> kept_;   // at least 5 s apart
  Latency computed_;
  std::int64_t computed_at_ = 0;
};

}  // namespace penstock
