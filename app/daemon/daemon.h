#pragma once

#include <string>

#include "daemon/stop_signals.h"

namespace penstock {

struct DaemonOptions {
  std::string workspace;
  std::string environment;
  std::string listen = "127.0.0.1:0";
  std::string token_file;               // empty: a token of this run, in the workspace's lock
  int http_port = -1;                   // -1: none; 0: any free one
  bool detach_pods = false;             // on SIGTERM leave the pods running, for the next engine to adopt
};

// Runs an engine until SIGTERM; then drains, or leaves its pods. The exit code: as penstockctl's.
int run_daemon(const DaemonOptions& options, StopSignals& signals);

}  // namespace penstock
