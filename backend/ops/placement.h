#pragma once

// Which streams run in which pod: small ones share `shared-0`, `pods: n` has `<stream>-0` to `<stream>-<n-1>` to itself, with
// its shards dealt out over them, `pods: 0` runs in the engine and is not placed here.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ops/pod_link.h"
#include "workspace/spec.h"

namespace penstock {

struct DesiredPod {
  PodSpec spec;
  std::vector<StreamStart> streams;
};

// How many pods a stream has, where that is not what the workspace says.
using Scales = std::map<std::string, std::int32_t>;

// `base` is copied for each stream, with its name filled in.
std::vector<DesiredPod> place(const Workspace& workspace, const StreamStart& base, std::int64_t memory_bytes = 256 << 20, const Scales& scales = {});

// A shard that changes its pod when a stream has another number of them.
struct ShardMove {
  std::int32_t shard = 0;
  std::string from, to;
};
std::vector<ShardMove> moves_between(const StreamSpec& stream, std::int32_t pods, std::int32_t wanted);

// How many pods of its own the stream has: 0 where it shares one, or runs in the engine.
std::int32_t pods_of(const StreamSpec& stream, const Scales& scales);

}  // namespace penstock
