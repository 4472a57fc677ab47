#pragma once

// How fast a replay without a rate limit goes: on half of the cores that its pod leaves free (semantics.md, "Replay"). About
// once a second it looks what all else in the pod has used since, and rests after each part of its work accordingly.

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/cpu_meter.h"

namespace penstock {

// Used by the replay's own thread only, whose processor time counts as the replay's.
class ReplayPace {
 public:
  // Cores that it gets where nothing is spare, so that it comes to its end.
  static constexpr double kLeast = 0.05;

  // `runs`: of the same replay in this pod, one for each shard; together they take half of what is spare.
  ReplayPace(const CpuMeter& cpu, const Clock& clock, std::int32_t runs = 1);

  void begin();        // a part of the work begins
  // It has ended: how long after its begin the next one may begin. `waits`: does the live stream wait for its sinks, or is
  // it behind its source? Then nothing is spare, however little its pod computes. Asked where it is looked anew.
  std::chrono::microseconds due(const std::function<bool()>& waits);

  double cores() const { return share_; }       // that it may use now
  std::string sentence() const;                 // "on 0.62 of 2 cores, half of what is spare"

 private:
  void look(std::chrono::steady_clock::time_point now, bool waits);

  const CpuMeter& cpu_;
  const Clock& clock_;
  const std::int32_t runs_;
  std::chrono::steady_clock::time_point looked_at_;
  std::chrono::microseconds process_then_, own_then_;       // at looked_at_
  std::chrono::microseconds own_at_begin_{0};               // of the part
  double share_;
};

}  // namespace penstock
