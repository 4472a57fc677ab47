#pragma once

// A range of a stream again, out of bronze or the source itself, as a run of its own with its own state and watermark (semantics.md,
// "Replay"). Nothing is visible before everything has been computed: many rows wait in finished files beside their table.
// Then each table takes the new rows for the old ones in one commit. Where the range reaches the live stream it ends at the
// positions that that had taken when the replay began, and what comes later is the live stream's. A run that its pod did
// not survive begins anew, or goes on delivering what it had computed.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "stream/memory_plan.h"
#include "stream/outbox.h"
#include "stream/pod_runtime.h"
#include "stream/replay_pace.h"
#include "stream/shard.h"

namespace penstock {

class ReplayRun {
 public:
  struct Parts {
    StreamLaunch launch;                       // of the live stream
    const StreamSpec* spec = nullptr;
    std::int32_t shard = 0;                    // whose partitions and windows it replays
    std::int32_t runs = 1;                     // of this replay in the pod
    ReplayLaunch replay;
    const ConnectorCatalog* catalog = nullptr;
    Parquet* parquet = nullptr;                // thread-safe
    MemoryPlan memory;
    const Clock* clock = &Clock::system();
    // Makes the live stream deliver what it has, so that the tables hold what is to be replaced.
    std::function<Result<FlushedShard>()> flush_live;
    // True while an objective of the live stream is missed: the run waits.
    std::function<bool()> live_suffers;
    // True while the live stream is behind its source, or one of its sinks holds it.
    std::function<bool()> live_waits;
    const CpuMeter* cpu = &CpuMeter::system();
    std::function<void()> changed;
  };
  explicit ReplayRun(Parts parts);
  ~ReplayRun();

  // Thread-safe.
  ReplayReport report() const;
  bool is_over() const;
  Status control(const std::string& action, double rate_limit);   // pause, resume, cancel, rate

  // Replays of a shard that a pod left unfinished: read from the state root. Their rate is that of the shard.
  static std::vector<ReplayLaunch> unfinished(const std::string& state_root, const std::string& stream, std::int32_t shard);

 private:
  // Offsets of one partition: rows in [from, until) are emitted; those read before and behind prepare windows and dedupe.
  struct Range {
    std::int64_t read_from = 0;
    std::int64_t read_until = 0;
    std::int64_t from = -1;
    std::int64_t until = -1;

    bool emits() const { return from >= 0 && from < until; }
  };
  using Ranges = std::map<std::int32_t, Range>;

  // One source's records, read where the range has rows.
  struct Reader {
    std::size_t source = 0;
    std::string name;                                  // value of `_source`
    std::unique_ptr<Source> scan;
    std::unique_ptr<Decoder> decoder;
  };

  // What of a sink's rows is not in its outbox yet: put there as a finished file once there are many.
  struct Pending {
    std::vector<Batch> rows;
    std::int64_t bytes = 0;
  };

  void run(Cancellation cancellation);
  Status run_steps(Cancellation cancellation);
  Result<bool> delivers(const SinkFeed& feed);

  // replay_compute.cpp
  Status compute(StreamProgram& program, const FlushedShard& live, Cancellation cancellation);
  Status find_times(const StreamProgram& program, const FlushedShard& live, Cancellation cancellation);
  Result<std::vector<Assignment>> wished_of(Source& source, const FlushedShard::OneSource& live) const;
  Result<std::unique_ptr<Source>> open_scan(const StreamProgram& program, std::size_t source, const std::string& name) const;
  Result<std::optional<Reader>> open_reader(StreamProgram& program, std::size_t source, const FlushedShard::OneSource& live, std::int64_t now, Cancellation cancellation);
  Result<bool> read_some(StreamProgram& program, Reader& reader, std::int64_t now, Cancellation cancellation);
  Result<Ranges> find_ranges(Source& source, const FlushedShard::OneSource& live, bool landed, Cancellation cancellation);
  void place(Range& range, std::int64_t offset, std::int64_t time, const std::string& source, std::int32_t partition) const;
  Status run_epoch(StreamProgram& program, std::vector<Flow> flows, EpochContext& context, bool last);
  Status hand_over(const SinkFeed& feed, SinkEpoch epoch, bool last, StateWrite& write);
  // Of a table of windows: the starts in [from, until) of those that this replay answers for.
  struct WindowStarts {
    std::int64_t from = 0;
    std::int64_t until = 0;
  };
  std::optional<WindowStarts> windows_of(const StreamProgram& program, const SinkFeed& feed) const;
  std::int64_t joins_closed_until(const StreamProgram& program, const SinkFeed& feed) const;
  void keep_what_is_in_range(Flow& flow, const std::optional<WindowStarts>& windows, std::int64_t joins_closed) const;
  std::vector<Replacement> replaced(const SinkFeed& feed, const std::optional<WindowStarts>& windows) const;

  // replay_delivery.cpp
  Status deliver(StreamProgram& program, Cancellation cancellation);
  Status verify(StreamProgram& program);
  std::string condition_of(const StreamProgram& program, const SinkFeed& feed) const;
  std::string folder_of(const SinkFeed& feed) const;

  void remove_own_files(const StreamProgram& program) const;
  bool settle();
  bool wait_while_held(Cancellation cancellation);
  void begin_part();
  void rest(std::int64_t rows, Cancellation cancellation);
  void set_status(const std::string& status, const std::string& outcome = {});

  // Constant after construction.
  const Parts parts_;
  const StreamConnectors connectors_;
  const std::string folder_;

  // The run's own thread.
  ReplayLaunch replay_;                                // with its times, where positions were asked of a source
  std::unique_ptr<StateStore> state_;
  std::unique_ptr<Outbox> outbox_;
  std::map<std::string, Ranges> ranges_;               // by value of `_source`
  std::map<std::string, std::int64_t> closed_;         // by windowed step: windows that end later are the live stream's
  std::map<std::string, std::int64_t> delivered_;      // sinks that take rows, and how many they get
  std::map<std::string, Pending> pending_;             // by sink
  std::int64_t epoch_ = 0;
  std::optional<ReplayPace> pace_;
  std::chrono::steady_clock::time_point part_began_;

  // Protected by mutex_.
  mutable std::mutex mutex_;
  ReplayReport report_;
  double rate_limit_ = 0;
  bool paused_ = false;
  bool cancelled_ = false;
  bool settled_ = false;                               // its tables get their rows
  std::condition_variable_any steered_;

  std::jthread thread_;
};

}  // namespace penstock
