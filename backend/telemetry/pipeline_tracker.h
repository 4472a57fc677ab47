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
  bool is_of_other_version(const StreamReport& report) const { return report_ && report_->version != report.version; }
  // Forgets steps and edges; rows, states and history stay.
  void forget_shape();
  void set_problem(const std::string& problem) { problem_ = problem; }
  // By step and expectation: what raises no alarm.
  using Mutes = std::map<std::pair<std::string, std::string>, Mute>;
  void set_mutes(Mutes mutes) { mutes_ = std::move(mutes); }
  void add(std::int64_t at, const StreamReport& report, const std::string& pod, std::int64_t pod_started_at);
  // Brings the states up to `now`; `pod` is that of its pod, null when no pod has it.
  void refresh(std::int64_t now, const PodState* pod);

  const PipelineDeclaration& declaration() const { return declaration_; }
  const std::string& pod() const { return pod_; }
  const std::optional<StreamReport>& report() const { return report_; }
  const PipelineState& state() const { return state_; }
  std::vector<EdgeState> edges(std::int64_t now) { return edges_.states(now); }
  const std::vector<ExpectationState>& expectations() const { return expectation_states_; }
  // Of refresh(): expectations that fail clearly more than usual, with the time since when.
  const std::vector<std::pair<ExpectationState, std::int64_t>>& alarmed() const { return alarmed_; }
  const std::optional<std::pair<ExpectationState, std::int64_t>>& dead_letter_alarm() const { return dead_letter_alarm_; }
  std::int64_t waiting_since() const { return stuck_.waiting_since(); }

 private:
  struct Verdict {
    PipelineStatus status;
    std::string reason;
  };
  Verdict judge(std::int64_t now, const PodState* pod) const;
  void refresh_expectations(std::int64_t now);
  void refresh_history(std::int64_t now);

  PipelineDeclaration declaration_;
  std::optional<StreamReport> report_;
  std::int64_t reported_at_ = 0;
  std::string pod_;
  Mutes mutes_;
  std::string problem_;                     // why it cannot be started; empty: it can

  CounterWindow rows_{5'000'000, 500'000};
  SlotSeries rows_by_slot_{15'000'000, 60};
  SlotSeries failing_by_slot_{15'000'000, 60};
  RecentLatency queryable_, visible_;
  StuckDetector stuck_;
  EdgeTracker edges_;
  std::map<std::pair<std::string, std::string>, ExpectationTracker> expectations_;     // by step and name
  ExpectationTracker dead_letters_;         // rows that could not be processed, watched as an expectation is
  std::map<std::int64_t, HistoryCell> history_;     // by minute since 1970, the worst of each

  PipelineState state_;
  std::vector<ExpectationState> expectation_states_;
  std::vector<std::pair<ExpectationState, std::int64_t>> alarmed_;
  std::optional<std::pair<ExpectationState, std::int64_t>> dead_letter_alarm_;
};

}  // namespace penstock
