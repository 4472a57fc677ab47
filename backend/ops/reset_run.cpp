#include "ops/reset_run.h"

#include <algorithm>

#include "telemetry/wording.h"

namespace penstock {
namespace {

// Is everything of `epoch` in the tables by now?
bool is_delivered(std::int64_t epoch, const StreamReport& now) {
  return std::all_of(now.sinks.begin(), now.sinks.end(), [&](const SinkReport& sink) {
    return sink.kind != "delta" || sink.waiting_rows == 0 || sink.delivered_epoch >= epoch;
  });
}

}  // namespace

const char* name_of(ResetStage stage) {
  switch (stage) {
    case ResetStage::stopping: return "stopping";
    case ResetStage::starting: return "starting";
    case ResetStage::replaying: return "replaying";
    case ResetStage::done: return "done";
    case ResetStage::failed: return "failed";
  }
  return "failed";
}

ResetRun::ResetRun(Parts parts, ResetRequest request, ResetObserver observer, std::vector<std::string> streams, std::int64_t now)
    : parts_(std::move(parts)), request_(std::move(request)), observer_(std::move(observer)), streams_(std::move(streams)), began_at_(now),
      fault_since_(now) {
  for (const std::string& stream : streams_) {
    for (const StreamReport& report : parts_.registry.shards_in(request_.pod, stream)) {
      gaps_.push_back(StreamGap::of(report));
      progress_.gap_rows += gaps_.back().rows;
    }
    const auto state = parts_.registry.pipeline(stream);
    if (state && state->status != PipelineStatus::running) fault_since_ = std::min(fault_since_, state->status_since);
  }
  enter(now, ResetStage::stopping);
}

std::optional<StreamReport> ResetRun::report_of(const StreamGap& gap) const {
  for (StreamReport& report : parts_.registry.shards_in(request_.pod, gap.stream))
    if (report.shard == gap.shard) return std::move(report);
  return std::nullopt;
}

void ResetRun::process_ended(std::int64_t now) { enter(now, ResetStage::starting); }

void ResetRun::started(std::int64_t now) {
  replay_began_at_ = now;
  enter(now, ResetStage::replaying);
}

void ResetRun::failed(std::int64_t now, const std::string& reason) {
  progress_.outcome = reason;
  enter(now, ResetStage::failed);
}

void ResetRun::rebuilds(const std::string& stream) { rebuilt_.insert(stream); }

void ResetRun::count(std::int64_t now) {
  if (wants_delivered()) return;
  GapProgress sum;
  sum.is_caught_up = true;
  bool all_delivered = true;
  std::vector<Counted> counted;
  // One that had never been heard of has its gap from where it goes on.
  for (const std::string& stream : streams_) {
    if (std::any_of(gaps_.begin(), gaps_.end(), [&](const StreamGap& gap) { return gap.stream == stream; })) continue;
    const auto reports = parts_.registry.shards_in(request_.pod, stream);
    const bool started = std::none_of(reports.begin(), reports.end(), [](const StreamReport& report) { return report.status == PipelineStatus::starting; });
    if (reports.empty() || !started) sum.is_caught_up = false;
    else for (const StreamReport& report : reports) gaps_.push_back(StreamGap::of(report));
  }
  for (StreamGap& gap : gaps_) {
    const auto report = report_of(gap);
    if (!report || report->status == PipelineStatus::starting) {
      sum.is_caught_up = false;
      continue;
    }
    if (begun_.insert({gap.stream, gap.shard}).second) gap.begins(*report, rebuilt_.contains(gap.stream));
    if (report->status == PipelineStatus::failing) return failed(now, gap.stream + " is failing: " + report->reason);
    const auto state = parts_.registry.pipeline(gap.stream);
    if (state && state->status == PipelineStatus::stuck)
      return failed(now, gap.stream + " is stuck again at " + with_thousands(progress_.replayed_rows) + " of " + with_thousands(progress_.gap_rows) + " rows");
    // A paused stream does not read: its gap is replayed when it goes on.
    GapProgress part = progress_of(gap, *report);
    part.is_caught_up |= report->status == PipelineStatus::paused || report->status == PipelineStatus::stopped;
    sum += part;
    // The tables are counted up to where the stream was when it had caught up: they get there a little later.
    if (!part.is_caught_up) continue;
    const StreamReport& then = caught_up_.try_emplace({gap.stream, gap.shard}, *report).first->second;
    all_delivered = all_delivered && is_delivered(then.epoch, *report);
    counted.push_back({gap, then, {}});
  }
  progress_.gap_rows = sum.gap_rows;
  progress_.replayed_rows = sum.replayed_rows;
  progress_.lost_rows = sum.lost_rows;
  progress_.doubled_rows = sum.doubled_rows;
  const std::int64_t left = std::max<std::int64_t>(0, sum.gap_rows - sum.replayed_rows - sum.lost_rows), passed = now - replay_began_at_;
  progress_.time_left = sum.replayed_rows > 0 ? static_cast<std::int64_t>(static_cast<double>(left) * static_cast<double>(passed) / static_cast<double>(sum.replayed_rows)) : -1;
  if (!sum.is_caught_up || (parts_.counts_tables && !all_delivered)) return publish(now);
  if (!parts_.counts_tables) return end(now, sum);
  counted_ = std::move(counted);
}

void ResetRun::delivered(std::int64_t now, std::vector<Counted> counted) {
  GapProgress sum;
  for (const Counted& one : counted)
    sum += one.delivered.is_known ? counted_in_tables(one.gap, one.until, one.delivered) : progress_of(one.gap, one.until);
  end(now, sum);
}

void ResetRun::end(std::int64_t now, const GapProgress& sum) {
  progress_.gap_rows = sum.gap_rows;
  progress_.replayed_rows = sum.replayed_rows;
  progress_.lost_rows = sum.lost_rows;
  progress_.doubled_rows = sum.doubled_rows;
  progress_.time_left = 0;
  progress_.outcome = outcome_of(sum);
  enter(now, ResetStage::done);
}

std::string ResetRun::outcome_of(const GapProgress& counts) {
  std::string sentence;
  const bool is_one = std::all_of(gaps_.begin(), gaps_.end(), [&](const StreamGap& gap) { return gap.stream == gaps_.front().stream; });
  if (!gaps_.empty() && is_one) {
    Positions resumed_at;
    for (const StreamGap& gap : gaps_) resumed_at.insert(gap.from.begin(), gap.from.end());
    sentence = outcome_sentence(resumed_at, counts);
  } else {
    // Positions of several streams say nothing side by side.
    sentence = outcome_sentence({}, counts);
    sentence.replace(0, sentence.find(" · "), "resumed " + count_of(static_cast<std::int64_t>(streams_.size()), "pipeline"));
  }
  std::int64_t redrivable = 0;
  for (const std::string& stream : streams_) redrivable += parts_.redrivable_rows(stream, fault_since_);
  if (redrivable > 0) sentence += " · " + count_of(redrivable, "dead letter") + " of this time can be redriven";
  for (const std::string& stream : rebuilt_) sentence += " · the state of " + stream + " was rebuilt from its tables";
  for (const StreamGap& gap : gaps_) {
    const auto report = report_of(gap);
    if (report && report->lost_rows > gap.lost_before && !report->lost_detail.empty()) sentence += " · " + gap.stream + " lost " + report->lost_detail;
  }
  return sentence;
}

void ResetRun::enter(std::int64_t now, ResetStage stage) {
  progress_.stage = stage;
  keep(now);
  publish(now);
}

void ResetRun::keep(std::int64_t now) {
  ResetRecord record;
  record.id = request_.command_id;
  record.pod = request_.pod;
  record.at = began_at_;
  record.ended_at = is_over() ? now : 0;
  record.who = request_.who;
  record.why = request_.why;
  record.gap_rows = progress_.gap_rows;
  record.replayed_rows = progress_.replayed_rows;
  record.lost_rows = progress_.lost_rows;
  record.doubled_rows = progress_.doubled_rows;
  record.outcome = progress_.outcome;
  record.failed = progress_.stage == ResetStage::failed;
  // The reset goes on when its record cannot be written: bringing the pod back matters more, and the audit log has it too.
  (void)parts_.pods.put_reset(record);
}

void ResetRun::publish(std::int64_t now) {
  ReplayState shown;
  shown.id = request_.command_id;
  shown.pipeline = streams_.size() == 1 ? streams_.front() : request_.pod;
  shown.kind = "reset";
  shown.status = progress_.stage == ResetStage::done ? "done" : progress_.stage == ResetStage::failed ? "failed" : "running";
  shown.rows_total = progress_.gap_rows;
  shown.rows_done = progress_.replayed_rows;
  shown.started_at = began_at_;
  shown.ended_at = is_over() ? now : 0;
  shown.outcome = progress_.outcome;
  shown.who = request_.who;
  shown.why = request_.why;
  parts_.registry.set_replay(shown);
  if (observer_) observer_(progress_);
}

}  // namespace penstock
