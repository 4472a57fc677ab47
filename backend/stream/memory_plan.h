#pragma once

#include <algorithm>
#include <cstdint>

namespace penstock {

// So many rows of a window step may wait before partial rows take their place, where the SQL allows that.
inline constexpr std::int64_t kWindowRows = 16'384;

// How a pod's `memory:` is split: the one place that decides it. Everything in bytes, per stream.
struct MemoryPlan {
  std::int64_t sql = 0;          // DuckDB's limit for the stream's steps: a ceiling that few reach, so it is not shared out
  std::int64_t state_cache = 0;  // RocksDB's block cache
  std::int64_t arrivals = 0;     // decoded rows between source and shard
  std::int64_t source = 0;       // the source's own queues (Kafka's fetches)
  std::int64_t outbox = 0;       // rows kept in memory per sink; the rest is read back from the state
  std::int64_t parquet = 0;      // DuckDB's limit for writing tables; one for the whole pod

  static MemoryPlan split(std::int64_t pod_bytes, std::int64_t streams) {
    const std::int64_t share = pod_bytes / std::max<std::int64_t>(streams, 1);
    const auto part = [&](std::int64_t of, std::int64_t least, std::int64_t most) { return std::clamp(share / of, least, most); };
    constexpr std::int64_t mib = 1 << 20;
    return {.sql = std::max(pod_bytes / 2, 64 * mib),
            .state_cache = part(32, mib, 16 * mib),
            .arrivals = part(4, 4 * mib, 64 * mib),
            .source = part(8, 2 * mib, 64 * mib),
            .outbox = part(16, mib, 32 * mib),
            .parquet = std::max(pod_bytes / 2, 96 * mib)};
  }
};

}  // namespace penstock
