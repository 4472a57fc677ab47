#pragma once

// Event time of one windowed step (semantics.md, "Event time"). Pure: the clock is handed in. Not thread-safe.

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>


namespace penstock {

// A partition of a source: `_source` and `_partition`.
using PartitionKey = std::pair<std::string, std::int32_t>;

class Watermark {
 public:
  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::min();

  struct Options {
    std::int64_t lateness_micros = 0;
    std::int64_t idle_timeout_micros = 10'000'000;
    bool idle_advance = true;      // when all are idle, follow the clock
    bool is_given = false;         // give() says it: partitions count only where they were added, beside it
  };
  explicit Watermark(Options options) : options_(options) {}

  // Makes a partition count before its first row. `now` is the wall clock: its silence is counted from there.
  void add_partition(const PartitionKey& partition, std::int64_t now);
  // The running maximum as it was stored.
  void restore(const PartitionKey& partition, std::int64_t max_time, std::int64_t now);

  // Where it is_given: no row to come has a time before this.
  void give(std::int64_t watermark) { given_ = watermark; }

  // More is to come of this partition, or of each: its silence counts from now.
  void await(const PartitionKey& partition, std::int64_t now);
  void await_all(std::int64_t now);

  // The wall clock was set forward by so much, or back: silence is not longer or shorter for it.
  void clock_was_set(std::int64_t by) {
    for (auto& [key, partition] : partitions_) partition.last_row_at += by;
  }

  // The watermark of one partition; kNone before its first row. Stable reference for observing row after row.
  struct Partition {
    std::int64_t max_time = kNone;
    std::int64_t last_row_at = 0;  // wall clock
    bool changed = false;          // since take_changes()
    bool is_added = false;         // by add_partition()
  };
  Partition& partition(const PartitionKey& key, std::int64_t now);
  std::int64_t watermark_of(const Partition& partition) const {
    const std::int64_t reached = options_.is_given && !partition.is_added ? given_ : partition.max_time;
    return reached == kNone ? kNone : reached - options_.lateness_micros;
  }
  void observe(Partition& partition, std::int64_t time, std::int64_t now) const {
    partition.last_row_at = now;
    if (partition.max_time >= time) return;
    partition.max_time = time;
    partition.changed = true;
  }

  // Lowest of the partitions that are not idle. Never goes back while partitions stay the same.
  std::int64_t lowest(std::int64_t now) const;

  template <typename Visit>
  void take_changes(Visit visit) {
    for (auto& [key, partition] : partitions_)
      if (std::exchange(partition.changed, false)) visit(key, partition.max_time);
  }

 private:
  bool idle(const Partition& partition, std::int64_t now) const {
    return now - partition.last_row_at >= options_.idle_timeout_micros;
  }

  std::int64_t lowest_of_partitions(std::int64_t now) const;

  Options options_;
  std::int64_t given_ = kNone;
  std::map<PartitionKey, Partition> partitions_;
};

}  // namespace penstock
