#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "record/batch.h"
#include "record/position.h"

namespace penstock {

// "<random id of the state directory>/<sink>/<shard>": what a peer keeps beside the last epoch that it took, so
// that after a crash the same epoch is never taken twice (semantics.md, "Exactly once").
struct Marker {
  std::string state_id;
  std::string sink;
  std::int32_t shard = 0;
  std::string stream;
  bool take_over = false;           // an operator has said that this state goes on where another one of the stream ended
  // The state has opened this sink before, and has sent it an epoch of which it never learned whether it was taken: only
  // the peer's marker knows.
  bool in_doubt = false;

  std::string to_string() const { return state_id + "/" + sink + "/" + std::to_string(shard); }
};

// What a peer holds of a stream's sink and shard, and which state has put it there.
struct Holding {
  std::string state_id;
  std::int64_t epoch = 0;
  std::string progress;             // SinkEpoch::progress of that epoch; empty: it is not known any more
};

// A finished, fsynced data file that is not visible in its table yet.
struct StagedFile {
  std::string path;                 // relative to the table's folder
  std::int64_t bytes = 0;
  std::int64_t rows = 0;
  std::string statistics;           // Delta's `stats` JSON
  std::int64_t written_at = 0;      // micros
  std::string ages;                 // how old its rows were then: a LatencyHistogram (telemetry/) as bytes
};

// Rows to take away before the epoch's rows are added, in the same commit: half-open ranges over one column.
// Used by replay (origin) and by windows that were computed again (window_start).
struct Replacement {
  std::string column;               // "_offset" (then source and partition are set), or a timestamp column
  std::string source;
  std::int32_t partition = 0;
  std::int64_t from = 0;            // offset, or microseconds
  std::int64_t until = 0;
  std::int32_t shard = -1;          // of a timestamp's range: rows whose `_shard` it is; -1: all
};

struct SinkEpoch {
  std::int64_t epoch = 0;
  std::vector<Batch> rows;
  std::vector<StagedFile> files;
  std::vector<Replacement> replaces;
  std::string progress;             // of the shard after this epoch: kept beside the marker as it is, and given back by holding()
  // Rows that the peer refused when the epoch was sent before, ascending, by the places that they had among all of its rows:
  // they are not in `rows` any more.
  std::vector<std::int64_t> left_out;
};

// What a sink whose peer keeps no marker has to remember by itself: texts by key, in the stream's state, for this sink only.
class SinkNotes {
 public:
  virtual ~SinkNotes() = default;
  virtual Result<std::optional<std::string>> read(std::string_view key) const = 0;
  // Outlives this process; `synced`: the machine, too.
  virtual Status write(std::string_view key, std::string_view text, bool synced) = 0;
};

// A row that the peer refused, by its place in the delivered epochs.
struct RefusedRow {
  std::int64_t epoch = 0;
  std::int64_t row = 0;             // counted through the epoch's batches
  std::string reason;               // the peer's own message
};

struct SinkTraits {
  bool idempotent = true;                        // keeps the marker: an epoch sent twice is taken once
  bool replaces = false;                         // can carry out a Replacement, or upserts by key
  std::chrono::milliseconds flush{0};            // wait so long for more epochs before delivering; 0: at once
  std::int64_t flush_bytes = 128 << 20;          // or until so much waits
};

// What changes by key cost: the rows that share a file with a changed one are written again.
struct RowsWritten {
  std::int64_t changed = 0;         // that came
  std::int64_t written = 0;         // that were put into files for them
};

// Where rows go. Made, used and destroyed by one thread (its delivery thread); not thread-safe.
// Errors: `unavailable` and `resource_exhausted` are tried again with back-off while the outbox keeps the rows;
// `failed_precondition` (marked by another state, a feature that we do not support) stops the sink with an incident.
class Sink {
 public:
  // Records rejects durably; must be called before the commit that leaves them out. An error aborts the delivery.
  using RejectRecorder = std::function<Status(const std::vector<RefusedRow>&)>;

  virtual ~Sink() = default;
  virtual std::string name() const = 0;
  virtual SinkTraits traits() const = 0;

  // Called once, before open(). `notes` outlives the sink.
  virtual void keep_notes(SinkNotes& notes) { static_cast<void>(notes); }
  // Connects and prepares for rows of `schema`. Gives the last epoch that the peer holds under `marker`; none when
  // it has never heard of it. Error: failed_precondition when another state of the stream has written there and
  // `marker.take_over` is not set. Called again after an error.
  virtual Result<std::optional<std::int64_t>> open(const Marker& marker, const SchemaPtr& schema) = 0;
  // What the last open() found of this sink and shard, before it took anything over; also when it refused. None where
  // nothing was ever written, where the peer could not be asked, and for sinks that keep no marker.
  virtual std::optional<Holding> holding() const { return std::nullopt; }
  // Makes these epochs (ascending, none delivered before) visible in one commit, together with the marker.
  // On `unavailable` the outcome may be unknown: the caller opens again and compares.
  virtual Status deliver(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects,
                         Cancellation cancellation) = 0;
  // Of the last deliver(), also of one that failed; zeros for sinks that only write what comes.
  virtual RowsWritten rows_written() const { return {}; }
  // After an error: the next try is not to come sooner. 0: the peer has not said when.
  virtual std::chrono::milliseconds asked_to_wait() const { return std::chrono::milliseconds(0); }
};

}  // namespace penstock
