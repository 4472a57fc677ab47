#include "ops/placement.h"

namespace penstock {

std::vector<DesiredPod> place(const Workspace& workspace, const StreamStart& base, std::int64_t memory_bytes) {
  std::vector<DesiredPod> pods;
  DesiredPod shared{{"shared-0", memory_bytes}, {}};
  for (const StreamSpec& stream : workspace.streams) {
    if (stream.pods == 0) continue;
    StreamStart start = base;
    start.stream = stream.name;
    if (stream.pods < 0) shared.streams.push_back(std::move(start));
    else pods.push_back({{stream.name + "-0", memory_bytes}, {std::move(start)}});
  }
  if (!shared.streams.empty()) pods.insert(pods.begin(), std::move(shared));
  return pods;
}

}  // namespace penstock
