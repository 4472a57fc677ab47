#include "telemetry/merged_report.h"

#include <algorithm>
#include <array>

namespace penstock {
namespace {

// The first that any shard is in says what the stream is in.
constexpr std::array kByWeight{PipelineStatus::failing,  PipelineStatus::degraded, PipelineStatus::starting, PipelineStatus::draining,
                               PipelineStatus::catching_up, PipelineStatus::paused, PipelineStatus::running, PipelineStatus::stopped};

std::size_t weight_of(PipelineStatus status) { return static_cast<std::size_t>(std::find(kByWeight.begin(), kByWeight.end(), status) - kByWeight.begin()); }

// The earlier of two moments, where 0 is none.
std::int64_t earlier(std::int64_t one, std::int64_t other) { return one == 0 ? other : other == 0 ? one : std::min(one, other); }

// -1 is unknown.
std::int64_t sum_if_known(std::int64_t one, std::int64_t other) { return one < 0 || other < 0 ? -1 : one + other; }

void add(StepReport& to, const StepReport& step) {
  to.rows_in += step.rows_in;
  to.rows_out += step.rows_out;
  to.landed += step.landed;
  to.dropped += step.dropped;
  to.quarantined += step.quarantined;
  to.dead += step.dead;
  to.duplicates += step.duplicates;
  to.late += step.late;
  to.filtered += step.filtered;
  to.warned += step.warned;
  to.open += step.open;
  to.latency.merge(step.latency);
  for (const ExpectationReport& expectation : step.expectations) {
    const auto found = std::find_if(to.expectations.begin(), to.expectations.end(), [&](const auto& one) { return one.name == expectation.name; });
    if (found == to.expectations.end()) {
      to.expectations.push_back(expectation);
      continue;
    }
    found->checked += expectation.checked;
    found->failed += expectation.failed;
    found->last_failed_at = std::max(found->last_failed_at, expectation.last_failed_at);
  }
}

void add(SinkReport& to, const SinkReport& sink) {
  if (to.circuit == CircuitState::closed || sink.circuit == CircuitState::open) {
    to.circuit = sink.circuit;
    to.circuit_since = sink.circuit_since;
    to.next_try = sink.next_try;
  }
  if (to.error.empty()) to.error = sink.error;
  to.failed_tries = std::max(to.failed_tries, sink.failed_tries);
  to.tries_left = std::min(to.tries_left, sink.tries_left);
  to.changed_rows += sink.changed_rows;
  to.written_rows += sink.written_rows;
  to.failing_since = earlier(to.failing_since, sink.failing_since);
  to.delivered_epoch = std::min(to.delivered_epoch, sink.delivered_epoch);
  to.delivered_rows += sink.delivered_rows;
  to.waiting_rows += sink.waiting_rows;
  to.waiting_bytes += sink.waiting_bytes;
  to.rejected_rows += sink.rejected_rows;
  to.idempotent = to.idempotent && sink.idempotent;
  to.latency.merge(sink.latency);
}

void add(SourceReport& to, const SourceReport& source) {
  to.partitions.insert(to.partitions.end(), source.partitions.begin(), source.partitions.end());
  std::sort(to.partitions.begin(), to.partitions.end(), [](const auto& a, const auto& b) { return a.partition < b.partition; });
  to.kept_log_bytes = std::max(to.kept_log_bytes, source.kept_log_bytes);
}

void add(std::vector<DriftReport>& to, const DriftReport& drift) {
  const auto found = std::find_if(to.begin(), to.end(), [&](const DriftReport& one) { return one.field == drift.field; });
  if (found == to.end()) return to.push_back(drift);
  found->rows += drift.rows;
  found->first_seen = earlier(found->first_seen, drift.first_seen);
}

template <typename Named>
void add_named(std::vector<Named>& to, const Named& one, std::string Named::* name) {
  const auto found = std::find_if(to.begin(), to.end(), [&](const Named& known) { return known.*name == one.*name; });
  if (found == to.end()) to.push_back(one);
  else add(*found, one);
}

bool is_over(const ReplayReport& replay) { return replay.status == "done" || replay.status == "failed" || replay.status == "cancelled"; }

}  // namespace

StreamReport merged(std::span<const StreamReport* const> shards) {
  StreamReport all = *shards.front();
  for (const StreamReport* shard : shards.subspan(1)) {
    if (weight_of(shard->status) < weight_of(all.status)) {
      all.status = shard->status;
      all.reason = shard->reason;
    }
    all.version = std::max(all.version, shard->version);
    all.epoch = std::max(all.epoch, shard->epoch);
    all.epoch_at = std::max(all.epoch_at, shard->epoch_at);
    all.input_waiting_since = earlier(all.input_waiting_since, shard->input_waiting_since);
    all.behind_rows = sum_if_known(all.behind_rows, shard->behind_rows);
    all.behind_micros = all.behind_micros < 0 || shard->behind_micros < 0 ? -1 : std::max(all.behind_micros, shard->behind_micros);
    all.watermark = earlier(all.watermark, shard->watermark);
    all.outbox_bytes += shard->outbox_bytes;
    if (all.held_by_sink.empty()) all.held_by_sink = shard->held_by_sink;
    all.state_bytes += shard->state_bytes;
    all.rows_in += shard->rows_in;
    all.dead += shard->dead;
    all.redriven += shard->redriven;
    all.lost_rows += shard->lost_rows;
    if (!shard->lost_detail.empty()) all.lost_detail += (all.lost_detail.empty() ? "" : "; ") + shard->lost_detail;
    all.relaxed_durability = all.relaxed_durability || shard->relaxed_durability;
    if (all.state == StateHealth::sound) all.state = shard->state;
    all.resumed_at.insert(shard->resumed_at.begin(), shard->resumed_at.end());
    all.rows_in_then += shard->rows_in_then;
    for (const StepReport& step : shard->steps) add_named(all.steps, step, &StepReport::step);
    for (const SinkReport& sink : shard->sinks) add_named(all.sinks, sink, &SinkReport::sink);
    for (const DriftReport& drift : shard->drift) add(all.drift, drift);
    for (const SourceReport& source : shard->sources) add_named(all.sources, source, &SourceReport::source);
    all.positions.insert(shard->positions.begin(), shard->positions.end());
    all.heads.insert(shard->heads.begin(), shard->heads.end());
    all.queryable.merge(shard->queryable);
    all.visible.merge(shard->visible);
  }
  return all;
}

std::string outcome_of(const ReplayReport& replay) {
  const std::int64_t computed = replay.rows_found + replay.rows_lost - replay.rows_doubled;
  return std::to_string(replay.rows_found) + " of " + std::to_string(computed) + " rows · " + std::to_string(replay.rows_lost) + " lost · " +
         std::to_string(replay.rows_doubled) + " doubled";
}

ReplayReport merged(std::span<const ReplayReport* const> shards) {
  ReplayReport all = *shards.front();
  if (all.shards <= 1) return all;
  bool is_whole = static_cast<std::int32_t>(shards.size()) >= all.shards;
  std::string running, ended = "done", why;
  all.rows_total = all.rows_done = all.rows_found = all.rows_lost = all.rows_doubled = 0;
  for (const ReplayReport* shard : shards) {
    all.rows_total += shard->rows_total;
    all.rows_done += shard->rows_done;
    all.rows_found += shard->rows_found;
    all.rows_lost += shard->rows_lost;
    all.rows_doubled += shard->rows_doubled;
    if (!is_over(*shard)) {
      is_whole = false;
      if (running.empty() || shard->status == "running") running = shard->status;
      if (why.empty()) why = shard->outcome;
    } else if (shard->status == "failed" || (shard->status == "cancelled" && ended == "done")) {
      ended = shard->status;
      why = shard->outcome;
    }
  }
  all.status = is_whole ? ended : running.empty() ? "running" : running;
  all.outcome = is_whole && ended == "done" ? outcome_of(all) : why;
  return all;
}

}  // namespace penstock
