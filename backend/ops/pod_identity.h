#pragma once

#include <optional>
#include <string>

#include "ops/pod_host.h"

namespace penstock {

// `identity.json` in a pod's folder: who the process is, for the engine that comes next. Written whole or not at all.
Status write_identity(const std::string& folder, const PodProcess& process);
// Empty when there is none, or it is damaged (then nobody can say which process it meant).
std::optional<PodProcess> read_identity(const std::string& folder);
void remove_identity(const std::string& folder);

}  // namespace penstock
