#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "telemetry/edge_tracker.h"
#include "telemetry/expectation_tracker.h"
#include "telemetry/registry.h"
#include "telemetry/slot_series.h"
#include "telemetry/stuck_detector.h"

namespace penstock {

// One pipeline: what was declared, what its pod reports, and what time makes of both. Thread-compatible.
class PipelineTracker {
 public:
  explicit PipelineTracker(PipelineDeclaration declaration);

  void declare(PipelineDeclaration declaration) { declaration_ = std::move(declaration); }
  // Another than the newest that any shard has reported.
  bool is_of_other_version(const StreamReport& report) const {
    return report_ && (declaration_.shards > 1 ? report_->version < report.version : report_->version != report.version);
  }
  // Forgets steps and edges; rows, states and history stay.
  void forget_shape();
  void set_problem(const std::string& problem) { problem_ = problem; }
  // By step and expectation: what raises no alarm.
  using Mutes = std::map<std::pair<std::string, std::string>, Mute>;
  void set_mutes(Mutes mutes) { mutes_ = std::move(mutes); }
  // One shard's report; follow() once all of a pod's are added.
  void add(std::int64_t at, const StreamReport& report, const std::string& pod, std::int64_t pod_started_at);
  void follow(std::int64_t at);
  // Brings the states up to `now`; `pods` are those that have it.
  void refresh(std::int64_t now, const std::vector<const PodState*>& pods);

  const PipelineDeclaration& declaration() const { return declaration_; }
  // Of all shards together.
  const std::optional<StreamReport>& report() const { return report_; }
  std::vector<StreamReport> shards_in(const std::string& pod) const;
  bool runs_in(const std::string& pod) const;
  std::vector<std::int32_t> shard_numbers_in(const std::string& pod) const;
  // That has the shard whose input has waited for longest, or the first one; empty before any report.
  std::string pod() const;
  const PipelineState& state() const { return state_; }
  std::vector<EdgeState> edges(std::int64_t now) { return edges_.states(now); }
  const std::vector<ExpectationState>& expectations() const { return expectation_states_; }
  // Of refresh(): expectations that fail clearly more than usual, with the time since when.
  const std::vector<std::pair<ExpectationState, std::int64_t>>& alarmed() const { return alarmed_; }
  const std::optional<std::pair<ExpectationState, std::int64_t>>& dead_letter_alarm() const { return dead_letter_alarm_; }
  // From when on no epoch of a shard was closed although its input waits; 0: nothing waits.
  std::int64_t waiting_since() const;

 private:
  struct Verdict {
    PipelineStatus status;
    std::string reason;
  };
  // What is known of one shard.
  struct Shard {
    StreamReport report;                    // its latencies are those of this and of earlier processes
    StreamReport as_told;                   // the latencies of this process
    std::int64_t at = 0;
    std::string pod;
    std::int64_t pod_started_at = 0;
    StuckDetector stuck;
  };
  Verdict judge(std::int64_t now, const std::vector<const PodState*>& pods) const;
  const Shard* stuck_shard(std::int64_t now) const;
  std::int64_t reported_at() const;         // by the shard that was silent for longest
  void forget_counts();
  void follow_partitions(std::int64_t at);
  void refresh_sources(std::int64_t now, bool is_heard);
  void refresh_expectations(std::int64_t now);
  void refresh_history(std::int64_t now);

  PipelineDeclaration declaration_;
  std::map<std::int32_t, Shard> shards_;    // by number
  bool has_new_shard_ = false;
  std::optional<StreamReport> report_;
  Mutes mutes_;
  std::string problem_;                     // why it cannot be started; empty: it can

  CounterWindow rows_{5'000'000, 500'000};
  SlotSeries rows_by_slot_{15'000'000, 60};
  SlotSeries failing_by_slot_{15'000'000, 60};
  RecentLatency queryable_, visible_;
  std::map<std::pair<std::string, std::int32_t>, CounterWindow> positions_;    // by source and partition, of those that history keeps
  EdgeTracker edges_;
  std::map<std::pair<std::string, std::string>, ExpectationTracker> expectations_;     // by step and name
  std::optional<ExpectationTracker> dead_letters_;         // rows that could not be processed, watched as an expectation is
  std::map<std::int64_t, HistoryCell> history_;     // by minute since 1970, the worst of each

  PipelineState state_;
  std::vector<ExpectationState> expectation_states_;
  std::vector<std::pair<ExpectationState, std::int64_t>> alarmed_;
  std::optional<std::pair<ExpectationState, std::int64_t>> dead_letter_alarm_;
};

}  // namespace penstock
