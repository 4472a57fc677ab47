#include "rpc/telemetry_messages.h"

namespace penstock::rpc {
namespace {

// Both enums list the states of semantics.md in one order; the message's has UNSPECIFIED before them.
v1::PipelineStatus message_of(PipelineStatus status) { return static_cast<v1::PipelineStatus>(static_cast<int>(status) + 1); }
static_assert(static_cast<int>(PipelineStatus::unknown) + 1 == v1::PIPELINE_STATUS_UNKNOWN);
static_assert(static_cast<int>(PipelineStatus::stuck) + 1 == v1::PIPELINE_STATUS_STUCK);
v1::PodPhase message_of(PodPhase phase) { return static_cast<v1::PodPhase>(static_cast<int>(phase) + 1); }
static_assert(static_cast<int>(PodPhase::unknown) + 1 == v1::POD_PHASE_UNKNOWN);
static_assert(static_cast<int>(PodPhase::stuck) + 1 == v1::POD_PHASE_STUCK);

void write(const Latency& latency, v1::Latency& message) {
  message.set_count(latency.count);
  message.set_p50(latency.p50);
  message.set_p99(latency.p99);
  message.set_p999(latency.p999);
  message.set_max(latency.max);
}

void write(const RowCounts& rows, v1::RowCounts& message) {
  message.set_in(rows.in);
  message.set_landed(rows.landed);
  message.set_dead(rows.dead);
  message.set_quarantined(rows.quarantined);
  message.set_dropped(rows.dropped);
  message.set_duplicates(rows.duplicates);
  message.set_late(rows.late);
  message.set_filtered(rows.filtered);
  message.set_warned(rows.warned);
  message.set_redriven(rows.redriven);
}

void write(const SinkState& sink, v1::SinkState& message) {
  message.set_name(sink.name);
  message.set_kind(sink.kind);
  message.set_table(sink.table);
  message.set_circuit(name_of(sink.circuit));
  message.set_circuit_since(sink.circuit_since);
  message.set_next_try(sink.next_try);
  message.set_error(sink.error);
  message.set_delivered_epoch(sink.delivered_epoch);
  message.set_delivered_rows(sink.delivered_rows);
  message.set_waiting_rows(sink.waiting_rows);
  message.set_waiting_bytes(sink.waiting_bytes);
  message.set_idempotent(sink.idempotent);
  message.set_failed_tries(sink.failed_tries);
  message.set_failing_since(sink.failing_since);
  message.set_tries_left(sink.tries_left);
  message.set_changed_rows(sink.changed_rows);
  message.set_written_rows(sink.written_rows);
}

}  // namespace

void write(const PipelineState& state, v1::PipelineState& message) {
  message.set_name(state.name);
  message.set_tenant(state.tenant);
  message.set_status(message_of(state.status));
  message.set_status_since(state.status_since);
  message.set_reason(state.reason);
  message.set_rows_per_second(state.rows_per_second);
  message.set_behind_rows(state.behind_rows);
  message.set_behind_micros(state.behind_micros);
  write(state.queryable, *message.mutable_queryable());
  write(state.visible, *message.mutable_visible());
  message.set_objective_p99(state.objective_p99);
  message.set_objective_freshness(state.objective_freshness);
  message.set_objective_availability(state.objective_availability);
  message.set_failing_rows(state.failing_rows);
  write(state.rows, *message.mutable_rows());
  message.set_open_rows(state.open_rows);
  message.set_pods_ready(state.pods_ready);
  message.set_pods_wanted(state.pods_wanted);
  message.set_last_epoch(state.last_epoch);
  message.set_last_epoch_at(state.last_epoch_at);
  message.set_watermark(state.watermark);
  message.set_outbox_bytes(state.outbox_bytes);
  message.set_held_by_sink(state.held_by_sink);
  message.set_circuit(name_of(state.circuit));
  message.set_version(state.version);
  message.mutable_sparkline()->Add(state.sparkline.begin(), state.sparkline.end());
  for (const auto cell : state.history) message.add_history(static_cast<std::int32_t>(cell));
  message.set_relaxed_durability(state.relaxed_durability);
  for (const auto& sink : state.sinks) write(sink, *message.add_sinks());
  message.set_state_bytes(state.state_bytes);
  message.set_shards(state.shards);
  for (const auto& source : state.sources) {
    auto& entry = *message.add_sources();
    entry.set_name(source.name);
    entry.set_partitions(source.partitions);
    entry.set_behind_rows(source.behind_rows);
    entry.set_kept_log_bytes(source.kept_log_bytes);
  }
}

void write(const EdgeState& state, v1::EdgeState& message) {
  message.set_pipeline(state.pipeline);
  message.set_from(state.from);
  message.set_to(state.to);
  message.set_rows_per_second(state.rows_per_second);
  write(state.latency, *message.mutable_latency());
  message.set_rows(state.rows);
  message.set_back_pressure(state.back_pressure);
}

void write(const ExpectationState& state, v1::ExpectationState& message) {
  message.set_pipeline(state.pipeline);
  message.set_step(state.step);
  message.set_name(state.name);
  message.set_sql(state.sql);
  message.set_on_fail(state.on_fail);
  message.set_checked(state.checked);
  message.set_failed(state.failed);
  message.set_failed_recently(state.failed_recently);
  message.set_rate(state.rate);
  message.set_usual_rate(state.usual_rate);
  message.set_last_failed_at(state.last_failed_at);
  message.mutable_trend()->Add(state.trend.begin(), state.trend.end());
  message.set_muted_at(state.muted_at);
  message.set_muted_by(state.muted_by);
  message.set_muted_why(state.muted_why);
}

void write(const PodState& state, v1::PodState& message) {
  message.set_name(state.name);
  message.set_phase(message_of(state.phase));
  message.set_phase_since(state.phase_since);
  message.set_reason(state.reason);
  message.set_restarts(state.restarts);
  message.set_started_at(state.started_at);
  for (const auto& pipeline : state.pipelines) message.add_pipelines(pipeline);
  message.set_behind_rows(state.behind_rows);
  message.set_cpu_percent(state.cpu_percent);
  message.set_memory_bytes(state.memory_bytes);
  message.set_process_id(state.process_id);
  message.set_last_heartbeat(state.last_heartbeat);
  message.set_host(state.host);
  for (const auto& [pipeline, shards] : state.shards) {
    auto& entry = *message.add_shards();
    entry.set_pipeline(pipeline);
    entry.mutable_shards()->Add(shards.begin(), shards.end());
  }
}

void write(const ReplayState& state, v1::ReplayState& message) {
  message.set_id(state.id);
  message.set_pipeline(state.pipeline);
  message.set_kind(state.kind);
  message.set_status(state.status);
  message.set_rows_total(state.rows_total);
  message.set_rows_done(state.rows_done);
  message.set_rows_per_second(state.rows_per_second);
  message.set_rate_limit(state.rate_limit);
  message.set_started_at(state.started_at);
  message.set_ended_at(state.ended_at);
  message.set_outcome(state.outcome);
  message.set_from_time(state.from_time);
  message.set_to_time(state.to_time);
  message.set_who(state.who);
  message.set_why(state.why);
}

void write(const Attention& attention, v1::Attention& message) {
  message.set_id(attention.id);
  message.set_severity(attention.severity);
  message.set_subject(attention.subject);
  message.set_impact(attention.impact);
  message.set_detail(attention.detail);
  message.set_since(attention.since);
  message.set_pipeline(attention.pipeline);
  message.set_pod(attention.pod);
  message.set_expectation(attention.expectation);
  message.set_first_action(attention.first_action);
}

void write(const BackgroundWork& work, v1::BackgroundWork& message) {
  message.set_id(work.id);
  message.set_title(work.title);
  message.set_fraction(work.fraction);
  message.set_rows_per_second(work.rows_per_second);
  message.set_time_left(work.time_left);
}

void write(const TelemetryChanges& changes, v1::TelemetryUpdate& message) {
  message.set_sequence(changes.sequence);
  message.set_at(changes.at);
  message.set_full(changes.full);
  for (const auto& state : changes.pipelines) write(state, *message.add_pipelines());
  for (const auto& name : changes.removed_pipelines) message.add_removed_pipelines(name);
  for (const auto& state : changes.edges) write(state, *message.add_edges());
  for (const auto& state : changes.expectations) write(state, *message.add_expectations());
  for (const auto& state : changes.pods) write(state, *message.add_pods());
  for (const auto& name : changes.removed_pods) message.add_removed_pods(name);
  for (const auto& state : changes.replays) write(state, *message.add_replays());
  for (const auto& attention : changes.attention) write(attention, *message.add_attention());
  message.set_attention_changed(changes.attention_changed);
  for (const auto& work : changes.background) write(work, *message.add_background());
}

}  // namespace penstock::rpc
