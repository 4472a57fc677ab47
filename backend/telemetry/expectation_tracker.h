#pragma once

#include <cstdint>

#include "telemetry/counter_window.h"
#include "telemetry/slot_series.h"
#include "telemetry/state.h"

namespace penstock {

// One expectation from report to report. Thread-compatible.
class ExpectationTracker {
 public:
  ExpectationTracker(std::string pipeline, std::string step, std::string name);

  void add(std::int64_t at, const ExpectationReport& report);
  ExpectationState state(std::int64_t now) const;
  // Since when it fails clearly more rows than usual; 0: it does not. Call once per report or tick.
  std::int64_t alarmed_since(std::int64_t now);

 private:
  const std::string pipeline_, step_;
  ExpectationReport last_;
  CounterWindow checked_, failed_;          // last minute
  SlotSeries recently_;                     // failed, 15 minutes
  SlotSeries checked_by_minute_, failed_by_minute_;
  std::int64_t alarmed_since_ = 0;
  double usual_when_alarmed_ = 0;
  bool has_report_ = false;
};

}  // namespace penstock
