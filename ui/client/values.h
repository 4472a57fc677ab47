#pragma once

// What an engine reports about what runs, as plain Qt values: the shapes of penstock.v1 telemetry without protobuf.
// Names and meanings are those of telemetry.proto; what the API writes as -1 ("unknown") is an empty optional here.

#include <optional>
#include <QString>
#include <QStringList>
#include <vector>

#include "client/time.h"

namespace penstock::ui {

struct EngineInfo {
  QString engineId;             // random, of this run
  QString version;
  int apiVersion = 0;
  QString workspace;
  QString workspaceRoot;
  QString environment;
  bool isProtected = false;
  QString colour;               // "#rrggbb"; may be empty
  QString stateRoot;
  QString tablesRoot;
  Instant startedAt;
  qint64 appliedVersion = 0;
  qint64 processId = 0;
  QString address;              // empty when only in-process
};

// All zero when count is 0.
struct Latency {
  quint64 count = 0;
  Micros p50{};
  Micros p99{};
  Micros p999{};
  Micros max{};
};

struct RowCounts {
  qint64 in = 0, landed = 0, dead = 0, quarantined = 0, dropped = 0, duplicates = 0, late = 0, filtered = 0;
  qint64 warned = 0;            // landed all the same
  qint64 redriven = 0;          // came in a second time
};

// Numbered as in the API.
enum class PipelineStatus { Unspecified, Starting, Running, CatchingUp, Degraded, Stuck, Failing, Paused, Draining, Stopped, Unknown };
enum class PodPhase { Unspecified, Pending, Starting, Running, NotReady, Stuck, CrashLoop, Stopping, Gone, Unknown };

struct SinkState {
  QString name;
  QString kind;
  QString table;
  QString circuit;              // closed, open, half_open
  Instant circuitSince;
  Instant nextTry;
  QString error;                // the peer's last message
  qint64 deliveredEpoch = 0;
  qint64 deliveredRows = 0;
  qint64 waitingRows = 0;
  qint64 waitingBytes = 0;
  bool idempotent = false;
  int failedTries = 0;          // in a row
  Instant failingSince;         // of the first of them
  int triesLeft = 0;            // until its circuit opens; 0: it is not closed
  qint64 changedRows = 0;       // by key, that were brought into a table; 0: rows are only added
  qint64 writtenRows = 0;       // that were put into files for them
};

struct SourceState {
  QString name;
  int partitions = 0;
  std::optional<qint64> behindRows;
  std::optional<qint64> keptLogBytes;   // of its log that the peer keeps for us: the lag of a replication slot
};

struct PipelineState {
  QString name;
  QString tenant;
  PipelineStatus status = PipelineStatus::Unspecified;
  Instant statusSince;
  QString reason;
  double rowsPerSecond = 0;
  std::optional<qint64> behindRows;
  std::optional<Micros> behind;
  Latency queryable;
  Latency visible;
  Micros objectiveP99{};        // 0: none
  Micros objectiveFreshness{};
  double objectiveAvailability = 0;
  qint64 failingRows = 0;       // last 15 minutes
  RowCounts rows;
  qint64 openRows = 0;
  int podsReady = 0;
  int podsWanted = 0;
  qint64 lastEpoch = 0;
  Instant lastEpochAt;
  Instant watermark;
  qint64 outboxBytes = 0;
  QString heldBySink;
  QString circuit;
  qint64 version = 0;
  std::vector<double> sparkline;    // rows/s, one a 15 s, oldest first
  std::vector<int> history;         // one a minute: 0 no data, 1 ok, 2 warning, 3 failing
  bool relaxedDurability = false;
  std::vector<SinkState> sinks;
  qint64 stateBytes = 0;
  int shards = 0;
  std::vector<SourceState> sources;
};

struct EdgeState {
  QString pipeline;
  QString from;
  QString to;
  double rowsPerSecond = 0;
  Latency latency;
  qint64 rows = 0;
  bool backPressure = false;
};

struct ExpectationState {
  QString pipeline;
  QString step;
  QString name;
  QString sql;
  QString onFail;               // warn, drop, quarantine, fail, drift, contract
  qint64 checked = 0;
  qint64 failed = 0;
  qint64 failedRecently = 0;    // last 15 minutes
  double rate = 0;              // 0..1, last minute
  double usualRate = 0;         // 0..1, over the hour before
  Instant lastFailedAt;
  std::vector<double> trend;    // failing rate, one a minute, oldest first
  Instant mutedAt;              // it raises no alarm since then; unknown: it is not muted
  QString mutedBy;
  QString mutedWhy;
};

struct PodShards {
  QString pipeline;
  std::vector<int> shards;      // ascending
};

struct PodState {
  QString name;
  PodPhase phase = PodPhase::Unspecified;
  Instant phaseSince;
  QString reason;
  int restarts = 0;
  Instant startedAt;
  QStringList pipelines;
  qint64 behindRows = 0;
  double cpuPercent = 0;        // of one core
  qint64 memoryBytes = 0;
  qint64 processId = 0;
  Instant lastHeartbeat;
  QString host;
  std::vector<PodShards> shards;        // of those pipelines that are divided
};

struct ReplayState {
  QString id;
  QString pipeline;
  QString kind;                 // replay, redrive, reset
  QString status;               // planned, running, paused, verifying, done, failed, cancelled
  qint64 rowsTotal = 0;
  qint64 rowsDone = 0;
  double rowsPerSecond = 0;
  double rateLimit = 0;         // rows/s; 0: none
  Instant startedAt;
  Instant endedAt;
  QString outcome;
  Instant fromTime;
  Instant toTime;
  QString who;
  QString why;
};

struct ReplayList {
  std::vector<ReplayState> replays;     // newest first
  qint64 total = 0;
};

struct Attention {
  QString id;
  QString severity;             // failing, warning
  QString subject;
  QString impact;
  QString detail;
  Instant since;
  QString pipeline;
  QString pod;
  QString expectation;
  QString firstAction;          // reset, show_rows, resume, logs
};

struct BackgroundWork {
  QString id;
  QString title;
  std::optional<double> fraction;   // 0..1
  double rowsPerSecond = 0;
  std::optional<Micros> timeLeft;
};

// One update, or several merged into one where the UI thread was busy.
struct TelemetryChanges {
  QString engineId;
  quint64 sequence = 0;
  Instant at;
  bool full = false;            // forget what was known, then take these
  std::vector<PipelineState> pipelines;
  QStringList removedPipelines;
  std::vector<EdgeState> edges;
  std::vector<ExpectationState> expectations;
  std::vector<PodState> pods;
  QStringList removedPods;
  std::vector<ReplayState> replays;
  std::vector<Attention> attention;     // only meaningful if attentionChanged
  bool attentionChanged = false;
  std::vector<BackgroundWork> background;
};

struct Series {
  QString name;
  QString unit;                 // rows/s, us, rows, percent, bytes, share
  std::vector<qint64> at;       // micros since 1970, ascending
  std::vector<double> value;    // as many; NaN where nothing was reported
};

}  // namespace penstock::ui
