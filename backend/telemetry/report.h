#pragma once

// What a pod reports of its streams, as values; rpc/ carries it as penstock.pod.v1.Report. Counters are cumulative
// since the stream's state began and survive a restart of the pod; a rate is made of two reports (registry.h).

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "record/position.h"
#include "telemetry/latency_histogram.h"
#include "telemetry/state_health.h"

namespace penstock {

// semantics.md, "States". The engine alone says `stuck` and `unknown`: a pod cannot know.
enum class PipelineStatus { starting, running, catching_up, degraded, stuck, failing, paused, draining, stopped, unknown };
const char* name_of(PipelineStatus status);

enum class CircuitState { closed, open, half_open };
const char* name_of(CircuitState state);

struct ExpectationReport {
  std::string name;
  std::string sql;
  std::string on_fail;
  std::int64_t checked = 0;
  std::int64_t failed = 0;
  std::int64_t last_failed_at = 0;      // micros; 0: never
};

struct StepReport {
  std::string step;
  std::vector<std::string> from;        // names of the steps or sources before it
  std::int64_t rows_in = 0;
  std::int64_t rows_out = 0;            // handed on to the next steps, to tables and sinks
  std::int64_t landed = 0;
  std::int64_t dropped = 0;
  std::int64_t quarantined = 0;
  std::int64_t dead = 0;
  std::int64_t duplicates = 0;
  std::int64_t late = 0;
  std::int64_t filtered = 0;
  std::int64_t warned = 0;
  std::int64_t open = 0;                // rows in windows that are not closed
  std::vector<ExpectationReport> expectations;
  LatencyHistogram latency;             // source event → this step's output
};

struct SinkReport {
  std::string sink;
  std::string from;                     // step
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
  std::int64_t rejected_rows = 0;
  bool idempotent = true;
  std::int32_t failed_tries = 0;        // in a row
  std::int64_t failing_since = 0;       // of the first of them; 0: none
  std::int32_t tries_left = 0;          // until the circuit opens; 0: it is not closed
  std::int64_t changed_rows = 0;        // by key, that this process has brought into a table; 0: rows are only added
  std::int64_t written_rows = 0;        // that it wrote into files for them
  LatencyHistogram latency;             // source event → taken by the sink
};

struct DriftReport {
  std::string field;
  std::string what;
  std::int64_t rows = 0;
  std::int64_t first_seen = 0;
};

struct PartitionReport {
  std::int32_t partition = 0;
  std::int64_t position = 0;            // the next one to read
  std::int64_t head = 0;
};

struct SourceReport {
  std::string source;                   // value of `_source`
  std::vector<PartitionReport> partitions;      // by number
  std::int64_t kept_log_bytes = -1;     // io/source.h
};

// Of one shard of a stream; merged_report.h makes one of all.
struct StreamReport {
  std::string stream;
  std::int32_t shard = 0;
  PipelineStatus status = PipelineStatus::starting;
  std::string reason;
  std::int64_t version = 0;
  std::int64_t epoch = 0;               // last that closed
  std::int64_t epoch_at = 0;
  std::int64_t input_waiting_since = 0; // micros; 0: nothing waits
  std::int64_t behind_rows = 0;         // -1: unknown
  std::int64_t behind_micros = 0;       // -1: unknown
  std::int64_t watermark = 0;           // micros; 0: none
  std::int64_t outbox_bytes = 0;
  std::string held_by_sink;
  std::int64_t state_bytes = 0;
  std::int64_t rows_in = 0;
  std::int64_t dead = 0;                // undecodable rows, plus `dead` of every step, plus `rejected_rows` of every sink
  std::int64_t redriven = 0;
  std::int64_t lost_rows = 0;           // positions that the source no longer holds
  std::string lost_detail;
  bool relaxed_durability = false;
  StateHealth state = StateHealth::sound;
  Positions resumed_at;                 // committed when this life of the stream began to read
  std::int64_t rows_in_then = 0;        // `rows_in` at that moment
  std::vector<StepReport> steps;
  std::vector<SinkReport> sinks;
  std::vector<DriftReport> drift;
  std::vector<SourceReport> sources;
  Positions positions;                  // committed
  Positions heads;
  LatencyHistogram queryable;           // source event → queryable here
  LatencyHistogram visible;             // source event → visible in Delta
};

// Of one shard of the stream that is replayed.
struct ReplayReport {
  std::string id;
  std::string stream;
  std::int32_t shard = 0;
  std::int32_t shards = 1;              // of the stream: so many report
  std::string status;                   // planned, running, paused, verifying, done, failed, cancelled
  std::int64_t rows_total = 0;
  std::int64_t rows_done = 0;
  std::int64_t rows_found = 0;          // of the verified tables, where rows were replaced
  std::int64_t rows_lost = 0;
  std::int64_t rows_doubled = 0;
  std::string outcome;
};

struct PodReport {
  std::string pod;
  std::int64_t at = 0;
  std::int64_t process_id = 0;
  std::int64_t started_at = 0;
  double cpu_seconds = 0;               // of the process, since its start
  std::int64_t memory_bytes = 0;        // resident
  std::vector<StreamReport> streams;
  std::vector<ReplayReport> replays;
};

}  // namespace penstock
