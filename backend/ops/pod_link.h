#pragma once

// How the engine talks to one pod: over gRPC (rpc/), or straight to a PodRuntime inside the engine (`pods: 0`).
// The structs mirror stream/pod_runtime.h, which ops may not include.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ops/pod_host.h"
#include "record/batch.h"
#include "record/position.h"
#include "telemetry/report.h"
#include "telemetry/state_health.h"

namespace penstock {

struct StreamStart {
  std::string stream;
  std::string workspace_root;       // folder of the applied version
  std::string environment;
  std::int64_t version = 0;
  std::string state_root;           // absolute
  std::string tables_root;          // absolute
  bool paused = false;
  StateChoice state_choice = StateChoice::none;   // for this start only
  std::vector<std::int32_t> shards; // of the stream, that the pod runs from now on; empty: all
  std::int64_t lease = 0;           // fencing number of this assignment; the supervisor gives it

  // Whether a stream that was started with the one need not be started again with the other, but for its shards.
  bool same_but_shards(const StreamStart& other) const {
    return stream == other.stream && workspace_root == other.workspace_root && environment == other.environment && version == other.version &&
           state_root == other.state_root && tables_root == other.tables_root && paused == other.paused && state_choice == other.state_choice;
  }
  // Leases aside.
  bool operator==(const StreamStart& other) const { return same_but_shards(other) && shards == other.shards; }
};

struct StreamStop {
  bool drain = false;               // take what the sources hold now, deliver it, then stop
  bool close_windows = false;       // with drain: close open windows
  bool pause = false;               // stop reading, keep everything else
};

struct PodReplay {
  std::string id;
  std::string stream;
  std::int64_t from_time = 0;       // micros: rows from here on are emitted
  std::int64_t to_time = 0;         // exclusive
  std::int64_t warm_up_from = 0;
  double rate_limit = 0;            // rows/s; 0: half the spare capacity
  std::vector<std::string> steps;           // empty: all
  std::vector<std::string> include_sinks;
  std::map<std::string, Positions> from_positions, to_positions;     // by `_source`; empty: by time alone
};

struct PodRedriveRow {
  std::string source;
  Position position;
  std::int64_t source_time = 0;
  std::string raw, key, headers;
  std::int32_t hop = 0;             // of this attempt: 1 for the first
  std::string step;                 // where it was rejected: "decode", or a step's name
};

struct PodRedriveOutcome {
  std::int64_t accepted = 0;
  std::int64_t repeated = 0;        // the command had been carried out before
  std::int64_t rejected_again = 0;
};

struct PodTailPart {
  std::string marker;
  std::int64_t epoch = 0;
  Batch rows;
  std::vector<std::int64_t> replaced_windows;      // starts: rows of these windows that came before do not count any more
  std::int32_t shard = -1;                         // whose rows of those windows, by their `_shard`; -1: all
};

struct PodInfo {
  std::string pod;
  std::int64_t process_id = 0;
  std::int64_t started_at = 0;      // micros
  std::vector<std::string> streams; // that it runs, paused ones too
};

// Thread-safe. Every call has a deadline of its own (10 s unless said otherwise) and answers deadline_exceeded or
// unavailable when the pod does not.
class PodLink {
 public:
  virtual ~PodLink() = default;     // no report is delivered once it returns

  virtual Result<PodInfo> info() = 0;       // 1 s
  virtual Status start_stream(const StreamStart& start) = 0;
  // These shards will be started later: what can be made for them before is made now. They may still run elsewhere.
  virtual Status prepare_stream(const StreamStart& start) = 0;
  virtual Status stop_stream(const std::string& stream, const StreamStop& stop) = 0;   // drain: 10 min
  // Drains, then the process ends.
  virtual Status shut_down(bool drain) = 0;
  // Reports from now on, at most 20 a second, on a thread of the link's; a broken connection is tried again by the
  // link. Once.
  virtual void watch(std::function<void(PodReport)> reported) = 0;

  virtual Result<std::vector<PodTailPart>> table_tail(const std::string& table) = 0;
  virtual Result<std::vector<Batch>> step_rows(const std::string& stream, const std::string& step) = 0;
  virtual Status start_replay(const PodReplay& replay) = 0;
  // action: pause, resume, cancel, rate
  virtual Status control_replay(const std::string& id, const std::string& action, double rate_limit) = 0;
  virtual Result<PodRedriveOutcome> redrive(const std::string& command_id, const std::string& stream,
                                            const std::vector<PodRedriveRow>& rows) = 0;
};

// Connects to a pod that may not listen yet: calls answer unavailable until it does. Never blocks.
using PodConnector = std::function<std::shared_ptr<PodLink>(const PodProcess&)>;

}  // namespace penstock
