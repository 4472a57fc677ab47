#pragma once

// What an operator sends, what the engine says it would do, and what came of it.

#include <optional>
#include <QString>
#include <QStringList>
#include <vector>

#include "client/rows.h"
#include "client/time.h"

namespace penstock::ui {

// In every request that changes something. The same id sent twice runs once.
struct Command {
  QString id;
  QString why;
  quint64 decidedOn = 0;        // TelemetryChanges::sequence that the operator looked at; 0: not checked
  QString expectedState;        // the state the operator saw; empty: not checked. Changed: refused
};

// Which expectation a command is about.
struct ExpectationName {
  QString pipeline;
  QString step;
  QString name;
};

struct CommandOutcome {
  QString commandId;
  QString outcome;
  bool repeated = false;        // this id had run before
};

struct ShardMove {
  int shard = 0;
  QString from;                 // pod
  QString to;
};

struct ScalePreview {
  QString pipeline;
  int pods = 0;                 // that it has now
  int wanted = 0;
  int shards = 0;
  std::vector<ShardMove> moves;
};

// A copy of a pipeline's state, by name.
struct Savepoint {
  QString pipeline;
  QString name;
  Instant madeAt;
  qint64 version = 0;           // of the workspace that was applied then
  qint64 rowsIn = 0;            // how many the pipeline had taken
  int shards = 0;
  qint64 bytes = 0;             // as it would be alone
};

struct ResetPreview {
  QString pod;
  QStringList pipelines;
  std::optional<qint64> gapRows;
  QString state;                // sound, damaged, lost
  QStringList sinks;
  bool sendsTwice = false;
  bool safe = false;            // needs no confirmation
};

struct ResetProgress {
  QString stage;                // stopping, starting, replaying, done, failed
  qint64 gapRows = 0;
  qint64 replayedRows = 0;
  qint64 lostRows = 0;
  qint64 doubledRows = 0;
  std::optional<Micros> timeLeft;
  QString outcome;              // set at the end
};

struct ReplayRequest {
  QString pipeline;
  Instant fromTime;             // of the source events; or positions:
  Instant toTime;
  std::vector<Position> fromPositions;
  std::vector<Position> toPositions;
  QStringList steps;            // empty: all
  double rateLimit = 0;         // rows/s; 0: half the spare capacity
  QStringList includeSinks;
  qint64 confirmedRows = 0;     // must equal the preview's sendsAgain where that is not 0
};

struct RedriveRequest {
  RejectedFilter filter;        // must name a stream
  double rateLimit = 0;
};

struct SinkEffect {
  QString sink;
  QString effect;               // "replaces", "idempotent", "sends again", "off"
  qint64 rows = 0;
};

struct ReplayPreview {
  QString pipeline;
  Instant fromTime;             // widened to whole windows
  Instant toTime;
  Instant warmUpFrom;
  qint64 rows = 0;
  Micros estimated{};
  std::vector<SinkEffect> sinks;
  QStringList tables;           // that are replaced
  qint64 windows = 0;           // computed again
  QStringList warnings;
  qint64 sendsAgain = 0;
  bool safe = false;
  qint64 refusedRows = 0;       // redrive: rows at the hop limit
};

}  // namespace penstock::ui
