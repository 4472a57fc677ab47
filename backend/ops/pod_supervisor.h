#pragma once

// Keeps the desired pods running: starts them, gives them their streams, restarts them with back-off when they end,
// finds those that loop or are stuck, and heals as the workspace's policies say. Driven by tick(), by one thread, a few
// times a second; time is the clock's. Everything that can wait for a process is a state that tick() looks at again.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ops/placement.h"
#include "ops/pod_host.h"
#include "ops/pod_link.h"
#include "ops/reset.h"
#include "store/audit_log.h"
#include "store/pod_store.h"
#include "store/rejected_index.h"
#include "telemetry/registry.h"
#include "workspace/spec.h"

namespace penstock {

// Thread-safe. The parts outlive it.
class PodSupervisor {
 public:
  struct Parts {
    PodHost& host;
    PodConnector connect;
    TelemetryRegistry& registry;
    PodStore& pods;
    AuditLog& audit;
    RejectedIndex& rejected;
    const Clock& clock = Clock::system();
    // What a reset has really brought into the tables; asked on tick()'s thread. Empty: its outcome is counted by positions.
    CountDelivered count_delivered;
  };
  struct Options {
    Duration first_back_off{std::chrono::milliseconds(200)};      // doubled at each exit, to the longest
    Duration longest_back_off{std::chrono::seconds(30)};
    Duration start_deadline{std::chrono::seconds(30)};            // process exists → answers; else it is killed
    Duration stop_grace{std::chrono::seconds(10)};                // asked to end → killed
    Duration reset_grace{std::chrono::seconds(2)};                // the same in a reset: a stuck pod does not drain
  };

  explicit PodSupervisor(Parts parts);
  PodSupervisor(Parts parts, Options options);
  ~PodSupervisor();                 // pods go on
  PodSupervisor(const PodSupervisor&) = delete;
  PodSupervisor& operator=(const PodSupervisor&) = delete;

  // Takes over pods of an earlier engine. Call once, before desire(): pods that are not desired then are drained.
  Status adopt();
  // From now on exactly these; others give their shards to those that are to have them, or are drained, and end. A stream whose
  // StreamStart differs is stopped and started, but for its shards: those come and go one by one while the others run.
  // `keep_stopped`: streams that were stopped stay so.
  void desire(std::vector<DesiredPod> pods, bool keep_stopped = false);
  void set_policies(std::vector<HealingPolicy> policies);
  // Also told to the pod at once. not_found: no pod has this stream.
  Status set_paused(const std::string& stream, bool paused);
  // Stops one stream and keeps it stopped, until start_stream() or desire().
  Status stop_stream(const std::string& stream, const StreamStop& stop);
  Status start_stream(const std::string& stream);
  // Starts a stream whose state does not continue its tables, once, as an operator has chosen.
  Status start_with(const std::string& stream, StateChoice choice);

  void tick();

  // Of all pods that are to have the stream. unavailable: one does not answer, or there is none.
  Result<std::vector<std::shared_ptr<PodLink>>> links_of_stream(const std::string& stream) const;
  // Of all that answer and have shards of it, or are to have some.
  std::vector<std::shared_ptr<PodLink>> links_that_may_have(const std::string& stream) const;
  // Null while no pod that answers has the shard.
  std::shared_ptr<PodLink> link_of_shard(const std::string& stream, std::int32_t shard) const;
  std::shared_ptr<PodLink> link_of_pod(const std::string& pod) const;
  std::vector<std::shared_ptr<PodLink>> links() const;

  Result<ResetPreview> preview_reset(const std::string& pod) const;
  // Begins a reset that tick() carries on; `observer` hears of it on tick()'s thread (first on this one), last
  // with done or failed; it must not call the supervisor.
  // not_found; failed_precondition: one runs already. The audit log's entry is the caller's.
  Status begin_reset(const ResetRequest& request, ResetObserver observer);

  // Drains and stops all; tick() on until is_idle(). desire() starts them again.
  void stop_all();
  bool is_idle() const;             // no pod runs

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
