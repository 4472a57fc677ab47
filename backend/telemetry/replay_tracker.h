#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "telemetry/counter_window.h"
#include "telemetry/state.h"

namespace penstock {

// A replay as its owner knows it, with the progress that its pod reports. Thread-compatible.
class ReplayTracker {
 public:
  void set(std::int64_t now, const ReplayState& replay);
  void add(std::int64_t at, const ReplayReport& report);
  void refresh(std::int64_t now) { state_.rows_per_second = is_active() ? rows_.rate(now) : 0; }

  const ReplayState& state() const { return state_; }
  bool is_active() const { return state_.status == "running" || state_.status == "verifying" || state_.status == "paused"; }
  BackgroundWork background() const;

 private:
  std::map<std::int32_t, ReplayReport> shards_;
  CounterWindow rows_{5'000'000, 500'000};
  ReplayState state_;
};

}  // namespace penstock
