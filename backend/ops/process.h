#pragma once

// Processes of this machine, the same on Linux (process_posix.cpp) and Windows (process_windows.cpp).
// A process is named by id and start: an id alone may have been given to another one since.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace penstock {

struct ProcessId {
  std::int64_t id = 0;
  std::int64_t start = 0;       // Linux: clock ticks since boot (/proc/<id>/stat, field 22); Windows: creation time
  auto operator<=>(const ProcessId&) const = default;
};

struct ProcessUse {
  double cpu_seconds = 0;
  std::int64_t memory_bytes = 0;    // resident
};

struct SpawnRequest {
  std::string program;
  std::vector<std::string> arguments;                               // without the program
  std::vector<std::pair<std::string, std::string>> environment;     // added to ours
  std::string output;                                               // stdout and stderr are appended to this file
};

// In a process group (Windows: job object that outlives us) of its own, with no other open files of ours.
Result<ProcessId> spawn(const SpawnRequest& request);
bool is_running(const ProcessId& process);              // a zombie does not run
// Verify identity first; not_found: it does not run any more.
Status ask_to_end(const ProcessId& process);            // SIGTERM; Windows: CTRL_BREAK
Status kill_group(const ProcessId& process);            // SIGKILL, with all of its group
Result<ProcessUse> use_of(const ProcessId& process);
// For a child of ours that ended: how, and lets it go. Empty while it runs.
struct ExitStatus {
  bool clean = false;
  std::string reason;           // "ended with 3", "killed by signal 9 (SIGKILL)"
};
std::optional<ExitStatus> reap(const ProcessId& child);

}  // namespace penstock
