#pragma once

// What the engine knows about its pipelines, edges, expectations, pods and replays, as values: the C++ side of
// penstock/v1/telemetry.proto, with the same names and units. Made by TelemetryRegistry (registry.h).
// Times and durations are microseconds; 0 is "never" or "none" unless a field says otherwise.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "telemetry/report.h"

namespace penstock {

// A latency distribution. All zero when count is 0.
struct Latency {
  std::uint64_t count = 0;
  std::int64_t p50 = 0;
  std::int64_t p99 = 0;
  std::int64_t p999 = 0;
  std::int64_t max = 0;
  bool operator==(const Latency&) const = default;
};
Latency summarize(const LatencyHistogram& histogram);

// Rows by what became of them, along the pipeline's first path from its sources to its last step (row_counts.h):
// in = landed + dead + quarantined + dropped + duplicates + late + filtered + open_rows, once it has caught up.
struct RowCounts {
  std::int64_t in = 0;
  std::int64_t landed = 0;
  std::int64_t dead = 0;
  std::int64_t quarantined = 0;
  std::int64_t dropped = 0;
  std::int64_t duplicates = 0;
  std::int64_t late = 0;
  std::int64_t filtered = 0;
  std::int64_t warned = 0;      // counted, but landed all the same
  std::int64_t redriven = 0;    // came in a second time; part of `in`
  bool operator==(const RowCounts&) const = default;
};

struct SinkState {
  std::string name;
  std::string kind;
  std::string table;
  CircuitState circuit = CircuitState::closed;
  std::int64_t circuit_since = 0;
  std::int64_t next_try = 0;
  std::string error;
  std::int64_t delivered_epoch = 0;
  std::int64_t delivered_rows = 0;
  std::int64_t waiting_rows = 0;
  std::int64_t waiting_bytes = 0;
  bool idempotent = true;
  std::int32_t failed_tries = 0;        // in a row
  std::int64_t failing_since = 0;       // of the first of them; 0: none
  std::int32_t tries_left = 0;          // until the circuit opens; 0: it is not closed
  std::int64_t changed_rows = 0;        // as in SinkReport
  std::int64_t written_rows = 0;
  bool operator==(const SinkState&) const = default;
};

struct SourceState {
  std::string name;
  std::int32_t partitions = 0;
  std::int64_t behind_rows = -1;        // of all of them; -1: unknown
  std::int64_t kept_log_bytes = -1;     // io/source.h
  bool operator==(const SourceState&) const = default;
};

// Only for history: too many to be told with each change.
struct PartitionState {
  std::string source;
  std::int32_t partition = 0;
  double rows_per_second = 0;           // positions that it goes on by
  std::int64_t behind_rows = 0;
};

// What one minute was like: the cells of PipelineState::history.
enum class HistoryCell : std::int32_t { no_data = 0, ok = 1, warning = 2, failing = 3 };

struct PipelineState {
  std::string name;
  std::string tenant;
  PipelineStatus status = PipelineStatus::starting;
  std::int64_t status_since = 0;
  std::string reason;                   // why it is not `running`: one sentence, may be empty
  double rows_per_second = 0;           // in
  std::int64_t behind_rows = -1;        // -1: unknown
  std::int64_t behind_micros = -1;      // age of the oldest row that waits; -1: unknown
  Latency queryable;                    // source event → queryable here, last minute
  Latency visible;                      // source event → visible in Delta, last minute
  std::int64_t objective_p99 = 0;
  std::int64_t objective_freshness = 0;
  double objective_availability = 0;
  std::int64_t failing_rows = 0;        // quarantined + dead, last 15 minutes
  RowCounts rows;                       // since the stream's state began
  std::int64_t open_rows = 0;           // rows in windows that are not closed
  std::int32_t pods_ready = 0;
  std::int32_t pods_wanted = 0;
  std::int64_t last_epoch = 0;
  std::int64_t last_epoch_at = 0;
  std::int64_t watermark = 0;
  std::int64_t outbox_bytes = 0;
  std::string held_by_sink;
  CircuitState circuit = CircuitState::closed;   // worst of its sinks
  std::int64_t version = 0;
  std::vector<double> sparkline;        // rows/s, 60 slots of 15 s, oldest first; NaN where nothing was reported
  std::vector<HistoryCell> history;     // 10 minutes, oldest first
  bool relaxed_durability = false;
  std::vector<SinkState> sinks;
  std::int64_t state_bytes = 0;
  std::int32_t shards = 1;
  std::vector<SourceState> sources;
  std::vector<PartitionState> partitions;       // the first 64, of a pipeline that has several; not compared
};

struct EdgeState {
  std::string pipeline;
  std::string from;                     // ids of record/node_id.h
  std::string to;
  double rows_per_second = 0;
  Latency latency;                      // source event → output of `to`, last minute; empty for rejected rows
  std::int64_t rows = 0;
  bool back_pressure = false;
  bool operator==(const EdgeState&) const = default;
};

// Somebody has decided that an expectation raises no alarm.
struct Mute {
  std::string pipeline;
  std::string step;
  std::string expectation;
  std::int64_t at = 0;
  std::string who;
  std::string why;
  bool operator==(const Mute&) const = default;
};

struct ExpectationState {
  std::string pipeline;
  std::string step;
  std::string name;                     // or "schema drift: till_version added"
  std::string sql;
  std::string on_fail;                  // warn, drop, quarantine, fail; "drift"
  std::int64_t checked = 0;
  std::int64_t failed = 0;
  std::int64_t failed_recently = 0;     // last 15 minutes
  double rate = 0;                      // failed / checked, last minute
  double usual_rate = 0;                // over the hour before
  std::int64_t last_failed_at = 0;
  std::vector<double> trend;            // failing rate, 60 minutes, oldest first; NaN where nothing was checked
  std::int64_t muted_at = 0;            // 0: it is not
  std::string muted_by;
  std::string muted_why;
};

enum class PodPhase { pending, starting, running, not_ready, stuck, crash_loop, stopping, gone, unknown };
const char* name_of(PodPhase phase);

struct PodState {
  std::string name;
  PodPhase phase = PodPhase::pending;
  std::int64_t phase_since = 0;
  std::string reason;
  std::int32_t restarts = 0;
  std::int64_t started_at = 0;
  std::vector<std::string> pipelines;
  std::int64_t behind_rows = -1;        // sum over its pipelines; -1: unknown
  double cpu_percent = 0;               // of one core
  std::int64_t memory_bytes = 0;
  std::int64_t process_id = 0;
  std::int64_t last_heartbeat = 0;
  std::string host;
  std::map<std::string, std::vector<std::int32_t>> shards;      // by pipeline, of those that are divided
  bool operator==(const PodState&) const = default;
};

struct ReplayState {
  std::string id;
  std::string pipeline;
  std::string kind;                     // "replay", "redrive", "reset"
  std::string status;                   // planned, running, paused, verifying, done, failed, cancelled
  std::int64_t rows_total = 0;
  std::int64_t rows_done = 0;
  double rows_per_second = 0;
  double rate_limit = 0;                // rows/s; 0: none
  std::int64_t started_at = 0;
  std::int64_t ended_at = 0;
  std::string outcome;                  // sentence with counts, when it ended
  std::int64_t from_time = 0;
  std::int64_t to_time = 0;
  std::string who;
  std::string why;
  bool operator==(const ReplayState&) const = default;
};

// Something that needs the operator.
struct Attention {
  std::string id;                       // stable while the same thing lasts
  std::string severity;                 // "failing", "warning"
  std::string subject;                  // "loyalty is stuck"
  std::string impact;                   // "Holds back 3 tables"
  std::string detail;                   // "No epoch closed since 14:27:55 UTC · 182,400 rows wait"
  std::int64_t since = 0;
  std::string pipeline;
  std::string pod;
  std::string expectation;
  std::string first_action;             // "reset", "show_rows", "resume", "logs": what an expert would press
  bool operator==(const Attention&) const = default;
};

struct BackgroundWork {
  std::string id;
  std::string title;                    // "Replay sales 13:50–14:05"
  double fraction = -1;                 // 0..1; -1: unknown
  double rows_per_second = 0;
  std::int64_t time_left = -1;          // micros; -1: unknown
  bool operator==(const BackgroundWork&) const = default;
};

bool operator==(const PipelineState& a, const PipelineState& b);
bool operator==(const ExpectationState& a, const ExpectationState& b);

// What changed between two sequence numbers; `full`: forget what was known.
struct TelemetryChanges {
  std::uint64_t sequence = 0;
  std::int64_t at = 0;
  bool full = false;
  std::vector<PipelineState> pipelines;
  std::vector<std::string> removed_pipelines;
  std::vector<EdgeState> edges;
  std::vector<ExpectationState> expectations;
  std::vector<PodState> pods;
  std::vector<std::string> removed_pods;
  std::vector<ReplayState> replays;
  std::vector<Attention> attention;     // the whole list, worst first; only meaningful if attention_changed
  bool attention_changed = false;
  std::vector<BackgroundWork> background;   // the whole list, always

  bool empty() const;                   // nothing changed (background is not looked at)
};

}  // namespace penstock
