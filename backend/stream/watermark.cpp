#include "stream/watermark.h"

#include <algorithm>

namespace penstock {

void Watermark::add_partition(const PartitionKey& key, std::int64_t now) { partition(key, now).is_added = true; }

void Watermark::restore(const PartitionKey& key, std::int64_t max_time, std::int64_t now) { partition(key, now).max_time = max_time; }

void Watermark::await(const PartitionKey& key, std::int64_t now) {
  if (const auto found = partitions_.find(key); found != partitions_.end()) found->second.last_row_at = now;
}

void Watermark::await_all(std::int64_t now) {
  for (auto& [key, partition] : partitions_) partition.last_row_at = now;
}

Watermark::Partition& Watermark::partition(const PartitionKey& key, std::int64_t now) {
  const auto [found, added] = partitions_.try_emplace(key);
  if (added) found->second.last_row_at = now;
  return found->second;
}

std::int64_t Watermark::lowest(std::int64_t now) const {
  if (!options_.is_given) return lowest_of_partitions(now);
  const bool any_added = std::any_of(partitions_.begin(), partitions_.end(), [](const auto& entry) { return entry.second.is_added; });
  const std::int64_t given = given_ == kNone ? kNone : given_ - options_.lateness_micros;
  return any_added ? std::min(given, lowest_of_partitions(now)) : given;
}

std::int64_t Watermark::lowest_of_partitions(std::int64_t now) const {
  std::int64_t lowest = std::numeric_limits<std::int64_t>::max();
  std::int64_t newest = kNone;
  std::int64_t last_row_at = 0;
  bool all_idle = true;
  for (const auto& [key, partition] : partitions_) {
    if (options_.is_given && !partition.is_added) continue;
    newest = std::max(newest, watermark_of(partition));
    last_row_at = std::max(last_row_at, partition.last_row_at);
    if (idle(partition, now)) continue;
    all_idle = false;
    lowest = std::min(lowest, watermark_of(partition));
  }
  if (!all_idle) return lowest;
  if (newest == kNone) return kNone;
  // Nothing comes from anywhere: event time goes on as the clock does, from the newest that was seen.
  return options_.idle_advance ? newest + (now - last_row_at) : newest;
}


}  // namespace penstock
