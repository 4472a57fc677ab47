#include "telemetry/replay_tracker.h"

#include <algorithm>

#include "telemetry/merged_report.h"
#include "telemetry/wording.h"

namespace penstock {
namespace {

bool has_ended(const std::string& status) { return status == "done" || status == "failed" || status == "cancelled"; }

std::string verb_of(const std::string& kind) { return kind == "redrive" ? "Redrive " : kind == "reset" ? "Reset " : "Replay "; }

}  // namespace

void ReplayTracker::set(std::int64_t now, const ReplayState& replay) {
  state_ = replay;
  rows_.add(now, state_.rows_done);
}

void ReplayTracker::add(std::int64_t at, const ReplayReport& of_shard) {
  shards_[of_shard.shard] = of_shard;
  std::vector<const ReplayReport*> shards;
  for (const auto& [number, shard] : shards_) shards.push_back(&shard);
  const ReplayReport report = merged(shards);
  state_.id = report.id;
  state_.pipeline = report.stream;
  if (state_.kind.empty()) state_.kind = "replay";
  state_.status = report.status;
  state_.rows_total = report.rows_total;
  state_.rows_done = report.rows_done;
  state_.outcome = report.outcome;
  if (state_.started_at == 0) state_.started_at = at;
  if (has_ended(report.status) && state_.ended_at == 0) state_.ended_at = at;
  rows_.add(at, report.rows_done);
}

BackgroundWork ReplayTracker::background() const {
  BackgroundWork work;
  work.id = state_.id;
  work.title = verb_of(state_.kind) + state_.pipeline;
  if (state_.from_time > 0 && state_.to_time > 0)
    work.title += " " + clock_time(state_.from_time).substr(0, 5) + "–" + clock_time(state_.to_time).substr(0, 5);
  work.rows_per_second = state_.rows_per_second;
  if (state_.rows_total > 0) {
    work.fraction = std::clamp(static_cast<double>(state_.rows_done) / static_cast<double>(state_.rows_total), 0.0, 1.0);
    const double left = static_cast<double>(std::max<std::int64_t>(0, state_.rows_total - state_.rows_done));
    if (state_.rows_per_second > 0) work.time_left = static_cast<std::int64_t>(left / state_.rows_per_second * 1e6);
  }
  return work;
}

}  // namespace penstock
