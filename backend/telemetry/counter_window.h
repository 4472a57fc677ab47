#pragma once

#include <cstdint>
#include <deque>

namespace penstock {

// A cumulative counter looked at through a window of time: how fast it rises, and by how much it rose. A counter that falls
// (its state began anew) is taken to have started from zero. Thread-compatible.
class CounterWindow {
 public:
  // Samples nearer than `spacing` to the one before replace it, which bounds the memory to span / spacing samples.
  CounterWindow(std::int64_t span_micros, std::int64_t spacing_micros) : span_(span_micros), spacing_(spacing_micros) {}

  // The first value is where counting starts, not a rise.
  void add(std::int64_t at, std::int64_t cumulative);
  // By how much it rose in the last `span`.
  std::int64_t rise(std::int64_t now) const;
  // Per second, over the samples of the last `span`; 0 with fewer than two.
  double rate(std::int64_t now) const;

 private:
  struct Sample {
    std::int64_t at;
    std::int64_t total;
  };
  const Sample* baseline(std::int64_t now) const;

  std::int64_t span_;
  std::int64_t spacing_;
  std::int64_t last_value_ = 0;
  std::deque<Sample> samples_;      // the newest is always the last value added
};

}  // namespace penstock
