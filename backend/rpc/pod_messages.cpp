#include "rpc/pod_messages.h"

#include "io/scalar_text.h"

namespace penstock::rpc {
namespace {

void write(const ExpectationReport& from, pod::v1::ExpectationReport& to) {
  to.set_name(from.name);
  to.set_sql(from.sql);
  to.set_on_fail(from.on_fail);
  to.set_checked(from.checked);
  to.set_failed(from.failed);
  to.set_last_failed_at(from.last_failed_at);
}

ExpectationReport read(const pod::v1::ExpectationReport& from) {
  return {.name = from.name(), .sql = from.sql(), .on_fail = from.on_fail(), .checked = from.checked(),
          .failed = from.failed(), .last_failed_at = from.last_failed_at()};
}

void write(const StepReport& from, pod::v1::StepReport& to) {
  to.set_step(from.step);
  for (const auto& name : from.from) to.add_from(name);
  to.set_rows_in(from.rows_in);
  to.set_rows_out(from.rows_out);
  to.set_landed(from.landed);
  to.set_dropped(from.dropped);
  to.set_quarantined(from.quarantined);
  to.set_dead(from.dead);
  to.set_duplicates(from.duplicates);
  to.set_late(from.late);
  to.set_filtered(from.filtered);
  to.set_warned(from.warned);
  to.set_open(from.open);
  for (const auto& expectation : from.expectations) write(expectation, *to.add_expectations());
  to.set_latency(from.latency.to_bytes());
}

Result<StepReport> read(const pod::v1::StepReport& from) {
  StepReport to{.step = from.step(), .from = {from.from().begin(), from.from().end()},
                .rows_in = from.rows_in(), .rows_out = from.rows_out(), .landed = from.landed(),
                .dropped = from.dropped(), .quarantined = from.quarantined(), .dead = from.dead(),
                .duplicates = from.duplicates(), .late = from.late(), .filtered = from.filtered(),
                .warned = from.warned(), .open = from.open()};
  for (const auto& expectation : from.expectations()) to.expectations.push_back(read(expectation));
  PENSTOCK_ASSIGN(to.latency, LatencyHistogram::from_bytes(from.latency()));
  return to;
}

void write(const SinkReport& from, pod::v1::SinkReport& to) {
  to.set_sink(from.sink);
  to.set_from(from.from);
  to.set_kind(from.kind);
  to.set_table(from.table);
  to.set_circuit(name_of(from.circuit));
  to.set_circuit_since(from.circuit_since);
  to.set_next_try(from.next_try);
  to.set_error(utf8_text(from.error));
  to.set_delivered_epoch(from.delivered_epoch);
  to.set_delivered_rows(from.delivered_rows);
  to.set_waiting_rows(from.waiting_rows);
  to.set_waiting_bytes(from.waiting_bytes);
  to.set_rejected_rows(from.rejected_rows);
  to.set_idempotent(from.idempotent);
  to.set_failed_tries(from.failed_tries);
  to.set_failing_since(from.failing_since);
  to.set_tries_left(from.tries_left);
  to.set_changed_rows(from.changed_rows);
  to.set_written_rows(from.written_rows);
  to.set_latency(from.latency.to_bytes());
}

CircuitState circuit_named(const std::string& name) {
  for (const auto state : {CircuitState::open, CircuitState::half_open})
    if (name == name_of(state)) return state;
  return CircuitState::closed;
}

Result<SinkReport> read(const pod::v1::SinkReport& from) {
  SinkReport to{.sink = from.sink(), .from = from.from(), .kind = from.kind(), .table = from.table(),
                .circuit = circuit_named(from.circuit()), .circuit_since = from.circuit_since(),
                .next_try = from.next_try(), .error = from.error(), .delivered_epoch = from.delivered_epoch(),
                .delivered_rows = from.delivered_rows(), .waiting_rows = from.waiting_rows(),
                .waiting_bytes = from.waiting_bytes(), .rejected_rows = from.rejected_rows(),
                .idempotent = from.idempotent(), .failed_tries = from.failed_tries(), .failing_since = from.failing_since(),
                .tries_left = from.tries_left(), .changed_rows = from.changed_rows(), .written_rows = from.written_rows()};
  PENSTOCK_ASSIGN(to.latency, LatencyHistogram::from_bytes(from.latency()));
  return to;
}

PipelineStatus status_named(const std::string& name) {
  for (int status = 0; status < static_cast<int>(PipelineStatus::unknown); ++status)
    if (name == name_of(static_cast<PipelineStatus>(status))) return static_cast<PipelineStatus>(status);
  return PipelineStatus::unknown;
}

void write(const SourceReport& from, pod::v1::SourceReport& to) {
  to.set_source(from.source);
  to.set_kept_log_bytes(from.kept_log_bytes);
  for (const PartitionReport& one : from.partitions) {
    auto& partition = *to.add_partitions();
    partition.set_partition(one.partition);
    partition.set_position(one.position);
    partition.set_head(one.head);
  }
}

SourceReport read(const pod::v1::SourceReport& from) {
  SourceReport to{.source = from.source(), .partitions = {}, .kept_log_bytes = from.kept_log_bytes()};
  for (const auto& one : from.partitions()) to.partitions.push_back({one.partition(), one.position(), one.head()});
  return to;
}

void write(const StreamReport& from, pod::v1::StreamReport& to) {
  to.set_stream(from.stream);
  to.set_shard(from.shard);
  to.set_state(name_of(from.status));
  to.set_reason(utf8_text(from.reason));
  to.set_version(from.version);
  to.set_epoch(from.epoch);
  to.set_epoch_at(from.epoch_at);
  to.set_input_waiting_since(from.input_waiting_since);
  to.set_behind_rows(from.behind_rows);
  to.set_behind_micros(from.behind_micros);
  to.set_watermark(from.watermark);
  to.set_outbox_bytes(from.outbox_bytes);
  to.set_held_by_sink(from.held_by_sink);
  to.set_state_bytes(from.state_bytes);
  to.set_rows_in(from.rows_in);
  to.set_dead(from.dead);
  to.set_redriven(from.redriven);
  to.set_lost_rows(from.lost_rows);
  to.set_lost_detail(utf8_text(from.lost_detail));
  to.set_relaxed_durability(from.relaxed_durability);
  to.set_state_health(name_of(from.state));
  to.mutable_resumed_at()->insert(from.resumed_at.begin(), from.resumed_at.end());
  to.set_rows_in_then(from.rows_in_then);
  for (const auto& step : from.steps) write(step, *to.add_steps());
  for (const auto& sink : from.sinks) write(sink, *to.add_sinks());
  for (const auto& drift : from.drift) {
    auto& entry = *to.add_drift();
    entry.set_field(drift.field);
    entry.set_what(drift.what);
    entry.set_rows(drift.rows);
    entry.set_first_seen(drift.first_seen);
  }
  for (const auto& source : from.sources) write(source, *to.add_sources());
  to.mutable_positions()->insert(from.positions.begin(), from.positions.end());
  to.mutable_heads()->insert(from.heads.begin(), from.heads.end());
  to.set_queryable(from.queryable.to_bytes());
  to.set_visible(from.visible.to_bytes());
}

Result<StreamReport> read(const pod::v1::StreamReport& from) {
  StreamReport to{.stream = from.stream(), .shard = from.shard(), .status = status_named(from.state()), .reason = from.reason(),
                  .version = from.version(), .epoch = from.epoch(), .epoch_at = from.epoch_at(),
                  .input_waiting_since = from.input_waiting_since(), .behind_rows = from.behind_rows(),
                  .behind_micros = from.behind_micros(), .watermark = from.watermark(),
                  .outbox_bytes = from.outbox_bytes(), .held_by_sink = from.held_by_sink(),
                  .state_bytes = from.state_bytes(), .rows_in = from.rows_in(), .dead = from.dead(),
                  .redriven = from.redriven(), .lost_rows = from.lost_rows(), .lost_detail = from.lost_detail(),
                  .relaxed_durability = from.relaxed_durability(),
                  .state = state_health_named(from.state_health()), .rows_in_then = from.rows_in_then()};
  for (const auto& message : from.steps()) {
    PENSTOCK_ASSIGN(auto step, read(message));
    to.steps.push_back(std::move(step));
  }
  for (const auto& message : from.sinks()) {
    PENSTOCK_ASSIGN(auto sink, read(message));
    to.sinks.push_back(std::move(sink));
  }
  for (const auto& drift : from.drift())
    to.drift.push_back({.field = drift.field(), .what = drift.what(), .rows = drift.rows(), .first_seen = drift.first_seen()});
  for (const auto& source : from.sources()) to.sources.push_back(read(source));
  to.positions.insert(from.positions().begin(), from.positions().end());
  to.heads.insert(from.heads().begin(), from.heads().end());
  to.resumed_at.insert(from.resumed_at().begin(), from.resumed_at().end());
  PENSTOCK_ASSIGN(to.queryable, LatencyHistogram::from_bytes(from.queryable()));
  PENSTOCK_ASSIGN(to.visible, LatencyHistogram::from_bytes(from.visible()));
  return to;
}

}  // namespace

void write_report(const PodReport& report, pod::v1::Report& message) {
  message.set_pod(report.pod);
  message.set_at(report.at);
  message.set_process_id(report.process_id);
  message.set_started_at(report.started_at);
  message.set_cpu_seconds(report.cpu_seconds);
  message.set_memory_bytes(report.memory_bytes);
  for (const auto& stream : report.streams) write(stream, *message.add_streams());
  for (const auto& replay : report.replays) {
    auto& entry = *message.add_replays();
    entry.set_id(replay.id);
    entry.set_stream(replay.stream);
    entry.set_status(replay.status);
    entry.set_rows_total(replay.rows_total);
    entry.set_rows_done(replay.rows_done);
    entry.set_outcome(utf8_text(replay.outcome));
    entry.set_shard(replay.shard);
    entry.set_shards(replay.shards);
    entry.set_rows_found(replay.rows_found);
    entry.set_rows_lost(replay.rows_lost);
    entry.set_rows_doubled(replay.rows_doubled);
  }
}

Result<PodReport> read_report(const pod::v1::Report& message) {
  PodReport report{.pod = message.pod(), .at = message.at(), .process_id = message.process_id(),
                   .started_at = message.started_at(), .cpu_seconds = message.cpu_seconds(),
                   .memory_bytes = message.memory_bytes()};
  for (const auto& stream : message.streams()) {
    PENSTOCK_ASSIGN(auto value, read(stream));
    report.streams.push_back(std::move(value));
  }
  for (const auto& replay : message.replays())
    report.replays.push_back({.id = replay.id(), .stream = replay.stream(), .shard = replay.shard(), .shards = replay.shards(),
                              .status = replay.status(), .rows_total = replay.rows_total(), .rows_done = replay.rows_done(),
                              .rows_found = replay.rows_found(), .rows_lost = replay.rows_lost(), .rows_doubled = replay.rows_doubled(),
                              .outcome = replay.outcome()});
  return report;
}

}  // namespace penstock::rpc
