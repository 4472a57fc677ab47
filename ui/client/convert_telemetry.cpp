#include "client/convert.h"

namespace penstock::ui {
namespace {

Latency latencyOf(const v1::Latency& in) {
  return {in.count(), Micros{in.p50()}, Micros{in.p99()}, Micros{in.p999()}, Micros{in.max()}};
}

RowCounts rowCountsOf(const v1::RowCounts& in) {
  return {in.in(), in.landed(), in.dead(), in.quarantined(), in.dropped(), in.duplicates(), in.late(), in.filtered(),
          in.warned(), in.redriven()};
}

SinkState sinkOf(const v1::SinkState& in) {
  return {.name = text(in.name()),
          .kind = text(in.kind()),
          .table = text(in.table()),
          .circuit = text(in.circuit()),
          .circuitSince = instantOf(in.circuit_since()),
          .nextTry = instantOf(in.next_try()),
          .error = text(in.error()),
          .deliveredEpoch = in.delivered_epoch(),
          .deliveredRows = in.delivered_rows(),
          .waitingRows = in.waiting_rows(),
          .waitingBytes = in.waiting_bytes(),
          .idempotent = in.idempotent(),
          .failedTries = in.failed_tries(),
          .failingSince = instantOf(in.failing_since()),
          .triesLeft = in.tries_left(),
          .changedRows = in.changed_rows(),
          .writtenRows = in.written_rows()};
}

SourceState sourceOf(const v1::SourceState& in) {
  return {text(in.name()), in.partitions(), knownRows(in.behind_rows()), knownRows(in.kept_log_bytes())};
}

PodShards podShardsOf(const v1::PodShards& in) { return {text(in.pipeline()), {in.shards().begin(), in.shards().end()}}; }

EdgeState edgeOf(const v1::EdgeState& in) {
  return {text(in.pipeline()), text(in.from()), text(in.to()), in.rows_per_second(), latencyOf(in.latency()), in.rows(),
          in.back_pressure()};
}

Attention attentionOf(const v1::Attention& in) {
  return {.id = text(in.id()),
          .severity = text(in.severity()),
          .subject = text(in.subject()),
          .impact = text(in.impact()),
          .detail = text(in.detail()),
          .since = instantOf(in.since()),
          .pipeline = text(in.pipeline()),
          .pod = text(in.pod()),
          .expectation = text(in.expectation()),
          .firstAction = text(in.first_action())};
}

BackgroundWork backgroundOf(const v1::BackgroundWork& in) {
  return {text(in.id()), text(in.title()), in.fraction() < 0 ? std::nullopt : std::optional(in.fraction()),
          in.rows_per_second(), knownMicros(in.time_left())};
}

Series oneSeriesOf(const v1::Series& in) {
  return {text(in.name()), text(in.unit()), {in.at().begin(), in.at().end()}, {in.value().begin(), in.value().end()}};
}

}  // namespace

EngineInfo engineInfoOf(const v1::EngineInfo& in) {
  return {.engineId = text(in.engine_id()),
          .version = text(in.version()),
          .apiVersion = in.api_version(),
          .workspace = text(in.workspace()),
          .workspaceRoot = text(in.workspace_root()),
          .environment = text(in.environment()),
          .isProtected = in.is_protected(),
          .colour = text(in.colour()),
          .stateRoot = text(in.state_root()),
          .tablesRoot = text(in.tables_root()),
          .startedAt = instantOf(in.started_at()),
          .appliedVersion = in.applied_version(),
          .processId = in.process_id(),
          .address = text(in.address())};
}

PipelineState pipelineOf(const v1::PipelineState& in) {
  return {.name = text(in.name()),
          .tenant = text(in.tenant()),
          .status = static_cast<PipelineStatus>(in.status()),
          .statusSince = instantOf(in.status_since()),
          .reason = text(in.reason()),
          .rowsPerSecond = in.rows_per_second(),
          .behindRows = knownRows(in.behind_rows()),
          .behind = knownMicros(in.behind_micros()),
          .queryable = latencyOf(in.queryable()),
          .visible = latencyOf(in.visible()),
          .objectiveP99 = Micros{in.objective_p99()},
          .objectiveFreshness = Micros{in.objective_freshness()},
          .objectiveAvailability = in.objective_availability(),
          .failingRows = in.failing_rows(),
          .rows = rowCountsOf(in.rows()),
          .openRows = in.open_rows(),
          .podsReady = in.pods_ready(),
          .podsWanted = in.pods_wanted(),
          .lastEpoch = in.last_epoch(),
          .lastEpochAt = instantOf(in.last_epoch_at()),
          .watermark = instantOf(in.watermark()),
          .outboxBytes = in.outbox_bytes(),
          .heldBySink = text(in.held_by_sink()),
          .circuit = text(in.circuit()),
          .version = in.version(),
          .sparkline = {in.sparkline().begin(), in.sparkline().end()},
          .history = {in.history().begin(), in.history().end()},
          .relaxedDurability = in.relaxed_durability(),
          .sinks = listOf(in.sinks(), sinkOf),
          .stateBytes = in.state_bytes(),
          .shards = in.shards(),
          .sources = listOf(in.sources(), sourceOf)};
}

ExpectationState expectationOf(const v1::ExpectationState& in) {
  return {.pipeline = text(in.pipeline()),
          .step = text(in.step()),
          .name = text(in.name()),
          .sql = text(in.sql()),
          .onFail = text(in.on_fail()),
          .checked = in.checked(),
          .failed = in.failed(),
          .failedRecently = in.failed_recently(),
          .rate = in.rate(),
          .usualRate = in.usual_rate(),
          .lastFailedAt = instantOf(in.last_failed_at()),
          .trend = {in.trend().begin(), in.trend().end()},
          .mutedAt = instantOf(in.muted_at()),
          .mutedBy = text(in.muted_by()),
          .mutedWhy = text(in.muted_why())};
}

PodState podOf(const v1::PodState& in) {
  return {.name = text(in.name()),
          .phase = static_cast<PodPhase>(in.phase()),
          .phaseSince = instantOf(in.phase_since()),
          .reason = text(in.reason()),
          .restarts = in.restarts(),
          .startedAt = instantOf(in.started_at()),
          .pipelines = texts(in.pipelines()),
          .behindRows = in.behind_rows(),
          .cpuPercent = in.cpu_percent(),
          .memoryBytes = in.memory_bytes(),
          .processId = in.process_id(),
          .lastHeartbeat = instantOf(in.last_heartbeat()),
          .host = text(in.host()),
          .shards = listOf(in.shards(), podShardsOf)};
}

ReplayState replayOf(const v1::ReplayState& in) {
  return {.id = text(in.id()),
          .pipeline = text(in.pipeline()),
          .kind = text(in.kind()),
          .status = text(in.status()),
          .rowsTotal = in.rows_total(),
          .rowsDone = in.rows_done(),
          .rowsPerSecond = in.rows_per_second(),
          .rateLimit = in.rate_limit(),
          .startedAt = instantOf(in.started_at()),
          .endedAt = instantOf(in.ended_at()),
          .outcome = text(in.outcome()),
          .fromTime = instantOf(in.from_time()),
          .toTime = instantOf(in.to_time()),
          .who = text(in.who()),
          .why = text(in.why())};
}

ReplayList replayListOf(const v1::ListReplaysResponse& in) { return {listOf(in.replays(), replayOf), in.total()}; }

TelemetryChanges changesOf(const v1::TelemetryUpdate& in) {
  return {.engineId = text(in.engine_id()),
          .sequence = in.sequence(),
          .at = instantOf(in.at()),
          .full = in.full(),
          .pipelines = listOf(in.pipelines(), pipelineOf),
          .removedPipelines = texts(in.removed_pipelines()),
          .edges = listOf(in.edges(), edgeOf),
          .expectations = listOf(in.expectations(), expectationOf),
          .pods = listOf(in.pods(), podOf),
          .removedPods = texts(in.removed_pods()),
          .replays = listOf(in.replays(), replayOf),
          .attention = listOf(in.attention(), attentionOf),
          .attentionChanged = in.attention_changed(),
          .background = listOf(in.background(), backgroundOf)};
}

std::vector<Series> seriesOf(const v1::GetSeriesResponse& in) { return listOf(in.series(), oneSeriesOf); }

}  // namespace penstock::ui
