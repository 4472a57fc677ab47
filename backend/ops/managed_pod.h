#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "ops/placement.h"
#include "ops/pod_host.h"
#include "ops/pod_link.h"
#include "ops/reset_run.h"
#include "telemetry/state.h"

namespace penstock {

// What the supervisor knows about one pod. Private to pod_supervisor.cpp, whose mutex protects all but `calls`.
struct ManagedPod {
  // As a report tells it of a pod that was adopted.
  struct Seen {
    std::int64_t version = 0;
    bool paused = false;
    std::set<std::int32_t> shards;
  };

  DesiredPod desired;
  bool is_wanted = true;
  std::set<std::string> held;               // streams that stay stopped although they are desired
  std::map<std::string, StateChoice> choices;     // of streams, for their next start only
  std::set<std::string> damaged;            // streams whose state could not be read at their last start

  PodPhase phase = PodPhase::pending;       // pending, starting, running, stopping, gone
  std::string reason;
  std::string last_exit;                    // why the process ended the last time
  std::optional<PodProcess> process;
  std::shared_ptr<PodLink> link;            // while there is a process
  bool is_adopted = false;
  bool is_attached = false;                 // it answered, and is watched
  bool has_report = false;                  // of this process
  std::map<std::string, StreamStart> running;
  std::map<std::string, StreamStart> prepared;     // what it is ready to take over from other pods
  std::map<std::string, std::set<std::int32_t>> leased;     // shards that the process has, or may have: nobody else gets them
  std::map<std::string, Seen> seen;         // in the first report of this process
  std::set<std::string> reported;           // streams that this process has reported
  std::map<std::string, std::int64_t> retry_stream_at;

  std::int32_t restarts = 0;
  std::deque<std::int64_t> exits_at;        // of the last minute, by itself
  bool is_in_crash_loop = false;
  Duration back_off{};                      // of the next exit; 0: the first
  std::int64_t retry_at = 0;                // pending: when it is started
  std::int64_t deadline = 0;                // starting, stopping: when it is killed
  std::int64_t ready_since = 0;

  std::unique_ptr<ResetRun> reset;          // the one that runs

  std::mutex calls;                         // one call at a time changes its streams

  const StreamStart* find(const std::string& stream) const {
    for (const StreamStart& start : desired.streams)
      if (start.stream == stream) return &start;
    return nullptr;
  }
  StreamStart* find(const std::string& stream) { return const_cast<StreamStart*>(std::as_const(*this).find(stream)); }
};

}  // namespace penstock
