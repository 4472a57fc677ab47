#pragma once

// Runs streams in this process: in `penstockd --pod`, or inside the engine for `pods: 0`. The same object behind
// both, so that there is one way a stream runs.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/cpu_meter.h"
#include "io/connector.h"
#include "stream/memory_plan.h"
#include "telemetry/report.h"
#include "telemetry/state_health.h"
#include "workspace/spec.h"

namespace penstock {

struct StreamLaunch {
  std::shared_ptr<const Workspace> workspace;   // the applied version; holds the stream's spec
  std::string stream;
  std::int64_t version = 0;
  std::string state_root;                       // absolute; the stream's state is below <state_root>/streams/<name>/
  std::string tables_root;                      // absolute
  bool paused = false;
  StateChoice state_choice = StateChoice::none;   // for this start only: what to do with a state that does not continue its tables
  std::vector<std::int32_t> shards;             // that run here; empty: all of the stream's
  std::int64_t lease = 0;                       // fencing number: a state that was opened under a greater one refuses it
};

struct StopRequest {
  bool drain = false;          // take what the sources hold now, deliver it, then stop
  bool close_windows = false;  // with drain: close open windows
  bool pause = false;          // stop reading, keep everything else; start() again goes on
};

struct ReplayLaunch {
  std::string id;
  std::string stream;
  std::int64_t from_time = 0;      // micros of `_source_time`: rows from here on are emitted
  std::int64_t to_time = 0;        // exclusive
  std::int64_t warm_up_from = 0;   // rows from here on are read
  double rate_limit = 0;           // rows/s; 0: half the spare capacity
  std::vector<std::string> steps;          // empty: all
  std::vector<std::string> include_sinks;  // sinks that cannot replace but shall get the rows again
  // A replay by positions, per `_source`: only these are emitted where a table keeps them; its times are those of the rows
  // there, widened to windows; both 0: the run finds them in the source. Empty: all of the time range. A partition without an end goes up to the live stream.
  std::map<std::string, Positions> from_positions, to_positions;
};

struct RedriveRow {
  std::string source;              // value of `_source`
  Position position;
  std::int64_t source_time = 0;
  std::string raw, key, headers;
  std::int32_t hop = 0;            // of this attempt: 1 for the first
  std::string step;                // where it was rejected: "decode", or a step's name
};

struct RedriveOutcome {
  std::int64_t accepted = 0;
  std::int64_t repeated = 0;           // the command had been carried out before
  std::int64_t rejected_again = 0;
};

// Rows of a table that are not in its Delta log yet.
struct TailPart {
  std::string marker;              // Marker::to_string() of the shard's sink
  std::int64_t epoch = 0;
  Batch rows;
  std::vector<std::int64_t> replaced_windows;      // starts: rows of these windows that came before do not count any more
  std::int32_t shard = -1;                         // whose rows of those windows, by their `_shard`; -1: all
};

// Thread-safe. Calls return when what they ask for has happened; status and numbers come by report().
class PodRuntime {
 public:
  struct Options {
    std::string pod;                               // its name
    std::int64_t memory_bytes = 256 << 20;         // split over DuckDB, state cache, sources and batches
    std::int64_t epoch_rows = 262'144;             // an epoch under load: larger ones are not begun
    std::int64_t window_rows = kWindowRows;
    const Clock* clock = &Clock::system();
    const CpuMeter* cpu = &CpuMeter::system();     // by which replays take what is spare
    // The disk refuses a stream's state: this process is to end, because it must not go on with it. Any thread.
    std::function<void(const std::string& stream, const Error&)> state_failed;
  };

  PodRuntime(const ConnectorCatalog& catalog, Options options);
  ~PodRuntime();                                   // stops every stream after its current epoch
  PodRuntime(const PodRuntime&) = delete;
  PodRuntime& operator=(const PodRuntime&) = delete;

  Status start(const StreamLaunch& launch);        // failed_precondition when its state is held by another process
  // These shards are to come: what can be made before they do is made now, and nothing of theirs is opened.
  Status prepare(const StreamLaunch& launch);
  Status stop(const std::string& stream, const StopRequest& request);
  PodReport report() const;
  // Called (from a stream's thread, briefly) when a report would differ: an epoch closed, a state changed.
  void on_change(std::function<void()> changed);

  // Unflushed rows of a Delta table that one of these streams writes.
  Result<std::vector<TailPart>> table_tail(const std::string& table) const;
  // The newest rows (at most 10,000) of a step, and the rows of its open windows' current result.
  Result<std::vector<Batch>> step_rows(const std::string& stream, const std::string& step) const;

  Status start_replay(const ReplayLaunch& launch);
  Status control_replay(const std::string& id, const std::string& action, double rate_limit);   // pause, resume, cancel, rate
  Result<RedriveOutcome> redrive(const std::string& command_id, const std::string& stream, const std::vector<RedriveRow>& rows);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
