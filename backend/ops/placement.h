#pragma once

// Which streams run in which pod: small ones share `shared-0`, `pods: 1` has `<stream>-0` to itself, `pods: 0` runs in
// the engine and is not placed here.

#include <cstdint>
#include <string>
#include <vector>

#include "ops/pod_link.h"
#include "workspace/spec.h"

namespace penstock {

struct DesiredPod {
  PodSpec spec;
  std::vector<StreamStart> streams;
};

// `base` is copied for each stream, with its name filled in.
std::vector<DesiredPod> place(const Workspace& workspace, const StreamStart& base, std::int64_t memory_bytes = 256 << 20);

}  // namespace penstock
