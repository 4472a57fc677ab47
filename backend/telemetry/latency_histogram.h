#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock {

// Counts of latencies in microseconds, log-linear: every power of two is split into 32 equal buckets, so that a quantile is at
// most 1/32 (3.2 %) too high, and never too low. Covers 0 to 2^36 µs (19 hours); longer ones count in the last bucket.
// Histograms of several shards add up exactly. Thread-compatible.
class LatencyHistogram {
 public:
  static constexpr int kSubBuckets = 32;
  static constexpr int kBuckets = 32 * kSubBuckets;

  void record(std::int64_t micros, std::uint64_t times = 1);
  void merge(const LatencyHistogram& other);
  // The same latencies, each longer by `micros`: at most one bucket more too high.
  LatencyHistogram later_by(std::int64_t micros) const;
  // What was recorded since `earlier` was copied from this one.
  LatencyHistogram since(const LatencyHistogram& earlier) const;

  std::uint64_t count() const { return count_; }
  // Upper edge of the bucket in which the q-th (0..1) latency lies; 0 when empty.
  std::int64_t quantile(double q) const;
  std::int64_t max() const;

  // Varint pairs (bucket gap, count) of the buckets that are not empty.
  std::string to_bytes() const;
  static Result<LatencyHistogram> from_bytes(std::string_view bytes);

 private:
  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t count_ = 0;
};

}  // namespace penstock
