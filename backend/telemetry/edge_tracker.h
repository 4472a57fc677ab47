#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "telemetry/counter_window.h"
#include "telemetry/recent_latency.h"
#include "telemetry/state.h"

namespace penstock {

// The edges of one stream from report to report: sources → steps → tables and sinks, and what was rejected on the way. A step
// that reads several sources at once has the rows of all on each of these edges: a report does not tell them apart.
// Thread-compatible.
class EdgeTracker {
 public:
  explicit EdgeTracker(std::string stream) : stream_(std::move(stream)) {}

  void add(std::int64_t at, const StreamReport& report);
  std::vector<EdgeState> states(std::int64_t now);

 private:
  struct Edge {
    CounterWindow rows{5'000'000, 500'000};
    RecentLatency latency;
    std::int64_t total = 0;
    bool back_pressure = false;
  };
  Edge& add_rows(std::int64_t at, std::string from, std::string to, std::int64_t total);

  std::string stream_;
  std::map<std::pair<std::string, std::string>, Edge> edges_;      // by ids
};

}  // namespace penstock
