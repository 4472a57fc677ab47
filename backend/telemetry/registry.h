#pragma once

// The engine's picture of what flows: pods report (report.h), the supervisor tells what it does with pods, and every
// reader takes what changed since it last looked. Nothing here blocks for longer than a computation; nothing is stored
// on disk (store/history.h does that). Bounded by the number of pipelines, steps and pods.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "telemetry/state.h"

namespace penstock {

// What the applied workspace says about one pipeline; ops/declarations.h makes it from workspace and lineage.
struct PipelineDeclaration {
  std::string name;
  std::string tenant;
  std::int64_t objective_p99 = 0;           // micros; 0: none
  std::int64_t objective_freshness = 0;
  double objective_availability = 0;
  std::int32_t pods_wanted = 0;
  std::int32_t shards = 1;
  std::vector<std::string> tables_held;     // what stands downstream when it stands: "gold.sales_velocity"
  std::vector<std::string> sinks_held;      // labels of sinks that are not tables
};

// What the supervisor knows about a pod; the rest of PodState comes from the pod's own reports.
struct PodFacts {
  std::string name;
  PodPhase phase = PodPhase::pending;
  std::string reason;
  std::int32_t restarts = 0;
  std::int64_t started_at = 0;
  std::int64_t process_id = 0;
  std::vector<std::string> pipelines;
  std::string host = "local";
};

// Thread-safe.
class TelemetryRegistry {
 public:
  explicit TelemetryRegistry(const Clock& clock = Clock::system());
  ~TelemetryRegistry();
  TelemetryRegistry(const TelemetryRegistry&) = delete;
  TelemetryRegistry& operator=(const TelemetryRegistry&) = delete;

  // The pipelines that exist from now on; others are removed.
  void declare(std::vector<PipelineDeclaration> pipelines);
  // A pod's report. A shard runs in one pod at a time: the newest report of a shard counts.
  void report(const PodReport& report);
  void set_pod(const PodFacts& facts);
  void remove_pod(const std::string& name);
  // Why a pipeline cannot be started: it is failing until this is empty again.
  void set_problem(const std::string& pipeline, const std::string& problem);
  // A replay, redrive or reset as its owner knows it. Progress in a pod's ReplayReport of the same id overrides
  // rows_total, rows_done, status and outcome.
  void set_replay(const ReplayState& replay);
  // Work that is no replay; a replay that runs is listed by itself.
  void set_background(const BackgroundWork& work);
  void end_background(const std::string& id);
  // An alarm of another part ("the policy gave up"); stays until cleared.
  void set_alarm(const Attention& alarm);
  void clear_alarm(const std::string& id);
  // That expectation raises no alarm until it is unmuted; it may belong to a pipeline that is not declared yet.
  void mute(const Mute& mute);
  void unmute(const std::string& pipeline, const std::string& step, const std::string& expectation);
  // Lets time pass: states age, charts move on. Call once a second.
  void tick();

  std::uint64_t sequence() const;
  // `after` 0, from the future, or older than what is remembered of removals: the full picture.
  TelemetryChanges changes_since(std::uint64_t after) const;
  TelemetryChanges full() const { return changes_since(0); }
  // Waits until sequence() > after. False when it timed out or was asked to stop.
  bool wait_for_change(std::uint64_t after, std::chrono::milliseconds timeout, std::stop_token stop = {}) const;

  std::optional<PipelineState> pipeline(const std::string& name) const;
  std::optional<PodState> pod(const std::string& name) const;
  std::optional<ReplayState> replay(const std::string& id) const;
  // The last reports of a stream's shards as one: positions, heads, sinks. Empty before the first one.
  std::optional<StreamReport> stream_report(const std::string& stream) const;
  // The last reports of those shards that a pod has told of.
  std::vector<StreamReport> shards_in(const std::string& pod, const std::string& stream) const;
  std::vector<ExpectationState> expectations() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
