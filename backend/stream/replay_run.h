#pragma once

// A range of a stream again, out of bronze, as a run of its own with its own state and watermark (semantics.md,
// "Replay"). Nothing is visible before everything has been computed; then each table takes the new rows for the old
// ones in one commit. A run that its pod did not survive begins anew, or goes on delivering what it had computed.

#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "stream/memory_plan.h"
#include "stream/outbox.h"
#include "stream/pod_runtime.h"
#include "stream/shard.h"

namespace penstock {

class ReplayRun {
 public:
  struct Parts {
    StreamLaunch launch;                       // of the live stream
    const StreamSpec* spec = nullptr;
    ReplayLaunch replay;
    const ConnectorCatalog* catalog = nullptr;
    Parquet* parquet = nullptr;                // thread-safe
    MemoryPlan memory;
    const Clock* clock = &Clock::system();
    // Makes the live stream deliver what it has, so that the tables hold what is to be replaced.
    std::function<Result<FlushedShard>()> flush_live;
    // True while an objective of the live stream is missed: the run waits.
    std::function<bool()> live_suffers;
    std::function<void()> changed;
  };
  explicit ReplayRun(Parts parts);
  ~ReplayRun();

  // Thread-safe.
  ReplayReport report() const;
  Status control(const std::string& action, double rate_limit);   // pause, resume, cancel, rate

  // Replays of a stream that a pod left unfinished: read from the state root.
  static std::vector<ReplayLaunch> unfinished(const std::string& state_root, const std::string& stream);

 private:
  // Offsets of one partition: rows in [from, until) are emitted, rows in [warm_up, from) only prepare.
  struct Range {
    std::int64_t warm_up = 0;
    std::int64_t from = 0;
    std::int64_t until = 0;
  };
  using Ranges = std::map<std::int32_t, Range>;

  void run(Cancellation cancellation);
  Status run_steps(Cancellation cancellation);
  Status compute(StreamProgram& program, const FlushedShard& live, Cancellation cancellation);
  Result<Ranges> find_ranges(Source& source, Cancellation cancellation);
  Status run_epoch(StreamProgram& program, std::vector<Flow> flows, EpochContext& context, bool last);
  void keep_what_is_in_range(Flow& flow, bool windowed) const;
  Result<bool> delivers(const SinkFeed& feed);
  Status deliver(StreamProgram& program, Cancellation cancellation);
  Status verify(StreamProgram& program);
  bool wait_while_held(Cancellation cancellation);
  void throttle(std::int64_t rows, std::chrono::steady_clock::time_point began, Cancellation cancellation);
  void set_status(const std::string& status, const std::string& outcome = {});
  ConnectorContext context_for() const;

  // Constant after construction.
  const Parts parts_;
  const std::string folder_;

  // The run's own thread.
  std::unique_ptr<StateStore> state_;
  std::unique_ptr<Outbox> outbox_;
  std::map<std::string, Ranges> ranges_;               // by value of `_source`
  std::int64_t windows_until_ = 0;                     // windows that end later stay as they are
  std::map<std::string, std::int64_t> delivered_;      // sinks that take rows, and how many they get
  std::int64_t epoch_ = 0;

  // Protected by mutex_.
  mutable std::mutex mutex_;
  ReplayReport report_;
  double rate_limit_ = 0;
  bool paused_ = false;
  bool cancelled_ = false;

  std::jthread thread_;
};

}  // namespace penstock
