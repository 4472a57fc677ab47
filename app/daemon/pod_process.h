#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "daemon/stop_signals.h"

namespace penstock {

struct PodProcessOptions {
  std::string name;
  std::string listen;                   // "unix:/…/pod.sock" or "127.0.0.1:40123"
  std::string token;                    // callers must show it; empty: the socket's permissions guard it
  std::string state_root;
  std::int64_t memory_bytes = 256 << 20;
  std::chrono::microseconds orphan_grace{std::chrono::minutes(15)};
};

// Runs as a pod until it is told to end, or no engine has watched it for `orphan_grace`; drains first. The exit code.
int run_as_pod(const PodProcessOptions& options, StopSignals& signals);

}  // namespace penstock
