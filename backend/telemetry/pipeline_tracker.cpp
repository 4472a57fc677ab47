#include "telemetry/pipeline_tracker.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "telemetry/merged_report.h"
#include "telemetry/row_counts.h"
#include "telemetry/wording.h"

namespace penstock {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kSilence = 5 * kSecond;        // semantics.md: unknown
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHistoryMinutes = 10;
constexpr std::size_t kMostPartitions = 64;           // telemetry.proto: series of a partition

std::int64_t rise_of(std::int64_t before, std::int64_t now) { return now >= before ? now - before : now; }

// `known` goes on by what a process has counted between `before` and `now`.
LatencyHistogram continued(LatencyHistogram known, const LatencyHistogram& before, const LatencyHistogram& now) {
  known.merge(now.since(before));
  return known;
}

template <typename Named>
const Named* find_named(const std::vector<Named>& all, const std::string& name, std::string Named::* of) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Named& one) { return one.*of == name; });
  return found == all.end() ? nullptr : &*found;
}

template <typename Named>
void continue_each(std::vector<Named>& next, const std::vector<Named>& known, const std::vector<Named>& told, std::string Named::* name) {
  for (Named& one : next) {
    const Named* before = find_named(known, one.*name, name);
    const Named* of_process = find_named(told, one.*name, name);
    if (before) one.latency = continued(before->latency, of_process ? of_process->latency : LatencyHistogram(), one.latency);
  }
}

std::int64_t quarantined_of(const StreamReport& report) {
  std::int64_t rows = 0;
  for (const StepReport& step : report.steps) rows += step.quarantined;
  return rows;
}

SinkState sink_state(const SinkReport& sink) {
  return {sink.sink, sink.kind, sink.table, sink.circuit, sink.circuit_since, sink.next_try, sink.error, sink.delivered_epoch,
          sink.delivered_rows, sink.waiting_rows, sink.waiting_bytes, sink.idempotent, sink.failed_tries, sink.failing_since,
          sink.tries_left, sink.changed_rows, sink.written_rows};
}

}  // namespace

PipelineTracker::PipelineTracker(PipelineDeclaration declaration)
    : declaration_(std::move(declaration)), edges_(declaration_.name), dead_letters_(std::in_place, declaration_.name, "", "dead letters") {}

void PipelineTracker::add(std::int64_t at, const StreamReport& report, const std::string& pod, std::int64_t pod_started_at) {
  const auto [found, is_new] = shards_.try_emplace(report.shard);
  Shard& shard = found->second;
  has_new_shard_ |= is_new && report_.has_value();
  if (!is_new && (shard.pod != pod || shard.pod_started_at != pod_started_at)) shard.as_told = {};
  StreamReport next = report;
  // A process counts its latencies from nothing: what came since its last report goes on top of what was known.
  if (!is_new) {
    next.queryable = continued(shard.report.queryable, shard.as_told.queryable, report.queryable);
    next.visible = continued(shard.report.visible, shard.as_told.visible, report.visible);
    continue_each(next.steps, shard.report.steps, shard.as_told.steps, &StepReport::step);
    continue_each(next.sinks, shard.report.sinks, shard.as_told.sinks, &SinkReport::sink);
  }
  shard.report = std::move(next);
  shard.as_told = report;
  shard.at = at;
  shard.pod = pod;
  shard.pod_started_at = pod_started_at;
  shard.stuck.add(at, report, pod_started_at);
}

void PipelineTracker::follow(std::int64_t at) {
  std::vector<const StreamReport*> reports;
  for (const auto& [number, shard] : shards_) reports.push_back(&shard.report);
  const StreamReport report = merged(reports);
  // What a shard had counted before it was heard of has not come in just now.
  if (std::exchange(has_new_shard_, false)) forget_counts();
  if (report_) {
    rows_by_slot_.add(at, static_cast<double>(rise_of(report_->rows_in, report.rows_in)));
    failing_by_slot_.add(at, static_cast<double>(rise_of(report_->dead, report.dead) + rise_of(quarantined_of(*report_), quarantined_of(report))));
  }
  rows_.add(at, report.rows_in);
  queryable_.add(at, report.queryable);
  visible_.add(at, report.visible);
  edges_.add(at, report);
  for (const StepReport& step : report.steps)
    for (const ExpectationReport& expectation : step.expectations)
      expectations_.try_emplace({step.step, expectation.name}, declaration_.name, step.step, expectation.name).first->second.add(at, expectation);
  ExpectationReport dead;
  dead.name = "dead letters";
  dead.checked = report.rows_in;
  dead.failed = report.dead;
  dead_letters_->add(at, dead);
  report_ = report;
  follow_partitions(at);
}

void PipelineTracker::follow_partitions(std::int64_t at) {
  std::size_t all = 0;
  for (const SourceReport& source : report_->sources) all += source.partitions.size();
  if (all < 2) return positions_.clear();
  std::size_t kept = 0;
  for (const SourceReport& source : report_->sources)
    for (const PartitionReport& partition : source.partitions)
      if (kept++ < kMostPartitions) positions_.try_emplace({source.source, partition.partition}, 10 * kSecond, kSecond).first->second.add(at, partition.position);
}

void PipelineTracker::refresh_sources(std::int64_t now, bool is_heard) {
  state_.sources.clear();
  state_.partitions.clear();
  for (const SourceReport& source : report_->sources) {
    SourceState& told = state_.sources.emplace_back(SourceState{source.source, static_cast<std::int32_t>(source.partitions.size()), is_heard ? 0 : -1, is_heard ? source.kept_log_bytes : -1});
    if (!is_heard) continue;
    for (const PartitionReport& partition : source.partitions) {
      const std::int64_t behind = std::max<std::int64_t>(0, partition.head - partition.position);
      told.behind_rows += behind;
      if (const auto found = positions_.find({source.source, partition.partition}); found != positions_.end())
        state_.partitions.push_back({source.source, partition.partition, found->second.rate(now), behind});
    }
  }
}

void PipelineTracker::forget_counts() {
  report_.reset();
  positions_.clear();
  rows_ = CounterWindow(5'000'000, 500'000);
  queryable_ = visible_ = {};
  forget_shape();
  dead_letters_.emplace(declaration_.name, "", "dead letters");
}

std::vector<StreamReport> PipelineTracker::shards_in(const std::string& pod) const {
  std::vector<StreamReport> reports;
  for (const auto& [number, shard] : shards_)
    if (shard.pod == pod) reports.push_back(shard.report);
  return reports;
}

std::vector<std::int32_t> PipelineTracker::shard_numbers_in(const std::string& pod) const {
  std::vector<std::int32_t> numbers;
  for (const auto& [number, shard] : shards_)
    if (shard.pod == pod) numbers.push_back(number);
  return numbers;
}

bool PipelineTracker::runs_in(const std::string& pod) const {
  return std::any_of(shards_.begin(), shards_.end(), [&](const auto& entry) { return entry.second.pod == pod; });
}

std::string PipelineTracker::pod() const {
  for (const auto& [number, shard] : shards_)
    if (waiting_since() != 0 && shard.stuck.waiting_since() == waiting_since()) return shard.pod;
  return shards_.empty() ? "" : shards_.begin()->second.pod;
}

std::int64_t PipelineTracker::waiting_since() const {
  std::int64_t since = 0;
  for (const auto& [number, shard] : shards_)
    if (const std::int64_t waits = shard.stuck.waiting_since(); waits != 0 && (since == 0 || waits < since)) since = waits;
  return since;
}

const PipelineTracker::Shard* PipelineTracker::stuck_shard(std::int64_t now) const {
  const auto found = std::find_if(shards_.begin(), shards_.end(), [&](const auto& entry) { return entry.second.stuck.is_stuck(now); });
  return found == shards_.end() ? nullptr : &found->second;
}

std::int64_t PipelineTracker::reported_at() const {
  std::int64_t at = std::numeric_limits<std::int64_t>::max();
  for (const auto& [number, shard] : shards_) at = std::min(at, shard.at);
  return at;
}

void PipelineTracker::forget_shape() {
  edges_ = EdgeTracker(declaration_.name);
  expectations_.clear();
}

PipelineTracker::Verdict PipelineTracker::judge(std::int64_t now, const std::vector<const PodState*>& pods) const {
  for (const PodState* pod : pods)
    if (pod->phase == PodPhase::crash_loop) return {PipelineStatus::failing, "Pod " + pod->name + " is in a crash loop: " + pod->reason};
  if (!problem_.empty()) return {PipelineStatus::failing, problem_};
  if (!report_) return {PipelineStatus::starting, ""};
  if (report_->status == PipelineStatus::stopped) return {PipelineStatus::stopped, report_->reason};
  if (now - reported_at() > kSilence) return {PipelineStatus::unknown, "No report since " + clock_time(reported_at())};
  if (const Shard* shard = stuck_shard(now)) {
    const StreamReport& report = shard->report;
    std::string reason = "No epoch closed since " + clock_time(shard->stuck.waiting_since());
    if (declaration_.shards > 1) reason += " in shard " + std::to_string(report.shard);
    if (report.behind_rows > 0) reason += " · " + count_of(report.behind_rows, "row") + (report.behind_rows == 1 ? " waits" : " wait");
    return {PipelineStatus::stuck, reason};
  }
  if (const auto heard = static_cast<std::int32_t>(shards_.size()); heard < declaration_.shards && report_->status != PipelineStatus::failing)
    return {PipelineStatus::starting, report_->reason.empty() ? std::to_string(heard) + " of " + std::to_string(declaration_.shards) + " shards have reported" : report_->reason};
  if (report_->status != PipelineStatus::running) return {report_->status, report_->reason};
  for (const SinkReport& sink : report_->sinks)
    if (sink.circuit != CircuitState::closed) return {PipelineStatus::degraded, sink.sink + " does not take rows: " + sink.error};
  if (!alarmed_.empty()) return {PipelineStatus::degraded, alarmed_.front().first.name + " fails " + percent_of(alarmed_.front().first.rate) + " of its rows"};
  if (dead_letter_alarm_) return {PipelineStatus::degraded, percent_of(dead_letter_alarm_->first.rate) + " of its rows end in dead letters"};
  return {PipelineStatus::running, report_->reason};
}

void PipelineTracker::refresh_expectations(std::int64_t now) {
  expectation_states_.clear();
  alarmed_.clear();
  dead_letter_alarm_.reset();
  for (auto& [key, tracker] : expectations_) {
    expectation_states_.push_back(tracker.state(now));
    const std::int64_t since = tracker.alarmed_since(now);
    if (const auto muted = mutes_.find(key); muted != mutes_.end()) {
      expectation_states_.back().muted_at = muted->second.at;
      expectation_states_.back().muted_by = muted->second.who;
      expectation_states_.back().muted_why = muted->second.why;
      continue;
    }
    // `warn` only counts: it needs nobody.
    if (since > 0 && expectation_states_.back().on_fail != "warn") alarmed_.emplace_back(expectation_states_.back(), since);
  }
  if (const std::int64_t since = dead_letters_->alarmed_since(now); since > 0) dead_letter_alarm_.emplace(dead_letters_->state(now), since);
  if (!report_) return;
  for (const DriftReport& drift : report_->drift) {
    ExpectationState state;
    state.pipeline = declaration_.name;
    state.name = "schema drift: " + drift.field + " " + drift.what;
    state.on_fail = "drift";
    state.checked = report_->rows_in;
    state.failed = drift.rows;
    state.last_failed_at = drift.first_seen;
    expectation_states_.push_back(std::move(state));
  }
}

void PipelineTracker::refresh_history(std::int64_t now) {
  HistoryCell cell = HistoryCell::ok;
  switch (state_.status) {
    case PipelineStatus::stuck:
    case PipelineStatus::failing: cell = HistoryCell::failing; break;
    case PipelineStatus::degraded: cell = HistoryCell::warning; break;
    case PipelineStatus::unknown: cell = HistoryCell::no_data; break;
    case PipelineStatus::starting: cell = report_ ? HistoryCell::ok : HistoryCell::no_data; break;
    default: break;
  }
  const bool misses_objective = state_.objective_p99 > 0 && state_.queryable.p99 > state_.objective_p99;
  if (cell == HistoryCell::ok && misses_objective) cell = HistoryCell::warning;
  const std::int64_t minute = now / kMinute;
  HistoryCell& worst = history_[minute];
  worst = std::max(worst, cell);
  history_.erase(history_.begin(), history_.lower_bound(minute - kHistoryMinutes + 1));
  state_.history.clear();
  for (std::int64_t m = minute - kHistoryMinutes + 1; m <= minute; ++m) {
    const auto found = history_.find(m);
    state_.history.push_back(found == history_.end() ? HistoryCell::no_data : found->second);
  }
}

void PipelineTracker::refresh(std::int64_t now, const std::vector<const PodState*>& pods) {
  refresh_expectations(now);
  const Verdict verdict = judge(now, pods);
  if (verdict.status != state_.status || state_.status_since == 0) state_.status_since = now;
  state_.status = verdict.status;
  state_.reason = verdict.reason;

  state_.name = declaration_.name;
  state_.tenant = declaration_.tenant;
  state_.objective_p99 = declaration_.objective_p99;
  state_.objective_freshness = declaration_.objective_freshness;
  state_.objective_availability = declaration_.objective_availability;
  state_.pods_wanted = declaration_.pods_wanted;
  state_.shards = declaration_.shards;
  const bool is_heard = report_ && now - reported_at() <= kSilence;
  state_.pods_ready = static_cast<std::int32_t>(std::count_if(pods.begin(), pods.end(), [&](const PodState* pod) { return pod->phase == PodPhase::running && runs_in(pod->name); }));
  state_.rows_per_second = is_heard ? rows_.rate(now) : 0;
  state_.queryable = queryable_.last_minute(now);
  state_.visible = visible_.last_minute(now);
  state_.failing_rows = static_cast<std::int64_t>(failing_by_slot_.total(now, 60));

  state_.sparkline = rows_by_slot_.sums(now);
  const double slot_seconds = static_cast<double>(rows_by_slot_.width()) / 1e6;
  for (double& rows : state_.sparkline) rows /= slot_seconds;
  // The slot that is not over: its rows came in the part of it that has passed.
  const double passed = static_cast<double>(now % rows_by_slot_.width()) / 1e6;
  if (passed >= 1) state_.sparkline.back() *= slot_seconds / passed;

  if (report_) {
    const PathCounts counts = count_path(*report_);
    state_.rows = counts.rows;
    state_.open_rows = counts.open_rows;
    state_.behind_rows = is_heard ? report_->behind_rows : -1;
    state_.behind_micros = is_heard ? report_->behind_micros : -1;
    state_.last_epoch = report_->epoch;
    state_.last_epoch_at = report_->epoch_at;
    state_.watermark = report_->watermark;
    state_.outbox_bytes = report_->outbox_bytes;
    state_.held_by_sink = report_->held_by_sink;
    state_.version = report_->version;
    state_.relaxed_durability = report_->relaxed_durability;
    state_.state_bytes = report_->state_bytes;
    refresh_sources(now, is_heard);
    state_.circuit = CircuitState::closed;
    state_.sinks.clear();
    for (const SinkReport& sink : report_->sinks) {
      state_.sinks.push_back(sink_state(sink));
      if (sink.circuit == CircuitState::open || state_.circuit == CircuitState::closed) state_.circuit = sink.circuit;
    }
  }
  refresh_history(now);
}

}  // namespace penstock
