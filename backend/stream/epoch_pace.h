#pragma once

// How long a shard rests after an epoch. An epoch costs about the same for one row as for a hundred. While its thread waits for a
// core for much of the time, a shard that rests makes fewer and larger epochs, which leaves the others the cores that all of them
// lack; where cores are free it never rests, and a row waits for nothing.

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/cpu_meter.h"

namespace penstock {

// Used by the shard's own thread only.
class EpochPace {
 public:
  static constexpr std::chrono::microseconds kLongest{25'000};
  static constexpr std::chrono::microseconds kLookEvery{100'000};
  static constexpr double kMuch = 0.2, kLittle = 0.08;  // of the time that it waited for a core: it rests longer, shorter
  static constexpr std::int64_t kManyRows = 4'096;      // from so many on, an epoch is worth what it costs

  EpochPace(const CpuMeter& cpu, const Clock& clock) : cpu_(cpu), clock_(clock) {}

  std::chrono::microseconds rest(std::int64_t rows);    // an epoch has ended that took so many

 private:
  const CpuMeter& cpu_;
  const Clock& clock_;
  std::optional<std::chrono::steady_clock::time_point> looked_at_;      // none before the first epoch, which is on the shard's thread
  std::chrono::microseconds waited_{0};                 // of the thread, by then
  std::chrono::microseconds rest_{0};
};

}  // namespace penstock
