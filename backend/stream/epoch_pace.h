#pragma once

// How long a shard rests after an epoch. An epoch costs about the same for one row as for a hundred. While its thread has to
// wait for a core, a shard that rests makes fewer and larger epochs, which leaves the others the cores that all of them lack;
// where cores are free it never rests, and a row waits for nothing.

#include <chrono>
#include <cstdint>

#include "base/cpu_meter.h"

namespace penstock {

// Used by the shard's own thread only.
class EpochPace {
 public:
  static constexpr std::chrono::microseconds kLongest{25'000};
  static constexpr std::int64_t kManyRows = 4'096;      // from so many on, an epoch is worth what it costs

  explicit EpochPace(const CpuMeter& cpu);

  void begin();                                         // an epoch begins
  std::chrono::microseconds rest(std::int64_t rows);    // it has ended, and took so many

 private:
  const CpuMeter& cpu_;
  std::chrono::microseconds used_{0}, waited_{0};       // of the thread, when the epoch began
  std::chrono::microseconds rest_{0};
};

}  // namespace penstock
