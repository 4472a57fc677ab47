#include "ops/placement.h"

#include <algorithm>

namespace penstock {

std::int32_t pods_of(const StreamSpec& stream, const Scales& scales) {
  if (stream.pods <= 0) return 0;
  const auto scaled = scales.find(stream.name);
  return std::clamp(scaled == scales.end() ? stream.pods : scaled->second, 1, std::max(stream.shards, 1));
}

namespace {

// Shards are dealt out in turn.
std::string pod_of(const StreamSpec& stream, std::int32_t pod) { return stream.name + "-" + std::to_string(pod); }

}  // namespace

std::vector<ShardMove> moves_between(const StreamSpec& stream, std::int32_t pods, std::int32_t wanted) {
  std::vector<ShardMove> moves;
  for (std::int32_t shard = 0; shard < stream.shards && pods > 0 && wanted > 0; ++shard)
    if (shard % pods != shard % wanted) moves.push_back({shard, pod_of(stream, shard % pods), pod_of(stream, shard % wanted)});
  return moves;
}

std::vector<DesiredPod> place(const Workspace& workspace, const StreamStart& base, std::int64_t memory_bytes, const Scales& scales) {
  std::vector<DesiredPod> pods;
  DesiredPod shared{{"shared-0", memory_bytes}, {}};
  for (const StreamSpec& stream : workspace.streams) {
    if (stream.pods == 0) continue;
    StreamStart start = base;
    start.stream = stream.name;
    if (stream.pods < 0) {
      shared.streams.push_back(std::move(start));
      continue;
    }
    const std::int32_t own = pods_of(stream, scales);
    for (std::int32_t pod = 0; pod < own; ++pod) {
      StreamStart part = start;
      for (std::int32_t shard = pod; shard < stream.shards && stream.shards > 1; shard += own) part.shards.push_back(shard);
      pods.push_back({{pod_of(stream, pod), memory_bytes}, {std::move(part)}});
    }
  }
  if (!shared.streams.empty()) pods.insert(pods.begin(), std::move(shared));
  return pods;
}

}  // namespace penstock
