#pragma once

// One shard of a stream: reads its sources, runs the steps epoch by epoch, commits each epoch to its state, and hands
// what came out to its sinks. README.md tells the journey of a record through it.
//
// Threads: one per source (Ingest), one per sink (Delivery), one that asks for heads, and the shard's own, which alone
// runs steps and writes epochs. Everything that is asked of a shard is done there, between two epochs.

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <atomic>
#include <map>
#include <optional>
#include <set>

#include "stream/delivery.h"
#include "stream/epoch_pace.h"
#include "stream/held_rows.h"
#include "stream/ingest.h"
#include "stream/memory_plan.h"
#include "stream/pod_runtime.h"
#include "stream/progress.h"
#include "stream/recent_rows.h"
#include "stream/state_choice.h"
#include "stream/stream_connectors.h"
#include "stream/stream_program.h"

namespace penstock {

class KeyPlaces;

// A shard whose sinks have taken everything up to now.
struct FlushedShard {
  struct OneSource {
    std::string name;                        // value of `_source`
    Positions committed;
  };
  std::vector<OneSource> sources;
  std::map<std::string, std::int64_t> closed;      // by windowed or joining step: what ends at or before this is closed
};

// Keys of the state, beside those that Outbox and the steps have.
inline const std::string kFingerprintKey = "fingerprint/", kSourceKey = "source/";      // then a step's, a source's name

// How long a shard that does not read waits before it looks around, and how often it reports at most.
inline constexpr std::chrono::milliseconds kIdleWait{50};
inline constexpr std::int64_t kPublishMicros = 30'000;

class Shard {
 public:
  struct Parts {
    StreamLaunch launch;
    const StreamSpec* spec = nullptr;        // in launch.workspace
    const ConnectorCatalog* catalog = nullptr;
    Parquet* parquet = nullptr;              // thread-safe; outlives the shard
    MemoryPlan memory;
    std::int64_t epoch_rows = 0;             // an epoch takes nothing more once it has so many
    std::int64_t window_rows = kWindowRows;
    const Clock* clock = &Clock::system();
    const CpuMeter* cpu = &CpuMeter::system();
    std::function<void()> changed;
    std::function<void(const Error&)> state_failed;      // the disk refuses the state; any thread
    // Adds fields to a source's contract, by the sample's records; true: this shard is about to be replaced by one that
    // decodes with it. Empty: contracts stay as they are.
    std::function<Result<bool>(const SourceSpec& source, const RawBatch& sample, const std::vector<std::string>& fields)> evolve;
    std::int32_t number = 0;                 // of the stream's shards
    std::shared_ptr<KeyPlaces> key_places;   // of the stream's shards here; null: it has one shard
  };
  // Opens the state and compiles the stream. Error: failed_precondition when another process holds the state, it was opened
  // under a greater lease, or another number of shards has written it; data_loss when it is damaged, until the launch chooses
  // to rebuild it.
  // `program`: compile(parts) of before, where that was done.
  static Result<std::unique_ptr<Shard>> open(Parts parts, std::unique_ptr<StreamProgram> program = nullptr);
  static Result<std::unique_ptr<StreamProgram>> compile(const Parts& parts);
  ~Shard();

  // Thread-safe; each returns when it has happened.
  Status pause();
  Status resume();
  Status drain(bool close_windows);        // failed_precondition when a sink refuses; what waits for it stays in the outbox
  Result<FlushedShard> flush();
  StreamReport report() const;
  bool failed() const;
  // Until it reads or says why not, for so long at most.
  void wait_begun(std::chrono::milliseconds at_most) const;
  // Nothing more is asked of it: who waits for a sink is told that it stops.
  void close();
  // It does nothing any more, and its state is free; after that it may only go.
  void end();
  std::vector<TailPart> table_tail(const std::string& table) const;
  Result<std::vector<Batch>> step_rows(const std::string& step);
  Result<RedriveOutcome> redrive(const std::string& command_id, const std::vector<RedriveRow>& rows);

 private:
  // A source as the shard sees it: what was committed, and what is there.
  struct SourceState {
    std::string name;                        // value of `_source`
    Positions committed;
    Positions heads;
    std::int32_t partitions = 0;             // of all shards, when it was assigned; 0: not yet
    Positions passed;                        // what its reader was behind when nothing was in the queue: positions without a record count
    std::int64_t lost_rows = 0;
    std::string lost_detail;
    bool begun = false;                      // it was read before: a partition that comes later is read from its beginning
    bool asked = false;                      // its reader has asked what there is:
    std::set<std::int32_t> assigned;         // these partitions of the shard
    bool grown = false;                      // there are others now
    std::string gone, missing;               // partitions that it has not any more; that it had not at the last look; empty: none
    Anchors anchors;                         // of what was committed
    Anchors first_anchors;                   // since they were checked
  };
  struct Counters {
    std::int64_t rows_in = 0;
    std::int64_t dead = 0;
    std::int64_t redriven = 0;
  };

  explicit Shard(Parts parts);
  Status open_state();
  Status take_lease();
  bool is_own(std::int32_t partition) const { return shard_of(partition, parts_.spec->shards) == parts_.number; }
  void state_failed(const Error& error);
  Status restore();
  Status restore_held();
  Marker marker_of(const std::string& sink) const;
  void start_deliveries();

  // The shard's own thread.
  void run(Cancellation cancellation);

  // shard_begin.cpp
  Status begin(Cancellation cancellation);
  bool wait_for_answers(bool of_all, Cancellation cancellation);
  std::string stranger() const;
  Status refuse_strangers();
  Status go_on_from_tables(StateChoice choice, Cancellation cancellation);
  bool continues_holdings(const std::map<std::string, Mark>& held) const;
  Result<Mark> mark_of_table(const SinkFeed& feed);
  Mark closed_windows(const std::map<std::string, Mark>& held, const Mark& passed) const;
  Status take_positions(const Mark& passed, StateWrite& write);
  Status leave_lineage();
  Status remember_passed();
  Status name_source(std::size_t source);
  void remove_files_of(const Holding& holding) const;
  std::string closing_step_of(const SinkFeed& feed) const;
  void tell(const std::string& what_happens);

  // shard_steps.cpp
  Status restore_steps(Cancellation cancellation);
  Result<bool> is_as_it_was(std::size_t index, StateWrite& write) const;
  Result<bool> steps_are_as_they_were() const;
  Result<std::optional<std::int64_t>> keep_closed(const std::string& step) const;
  Status rebuild(const std::vector<std::size_t>& steps, const Mark& until, Cancellation cancellation);

  void run_controls();
  void mind_the_clock();
  void call() const;
  void await_what_is_behind();
  bool all_started() const;
  bool windows_due() const;
  std::optional<Error> failure_of_others() const;
  void fail(const Error& error);
  std::int64_t watermark_of_steps(std::int64_t now) const;
  void publish_if_others_changed();
  void publish();

  // shard_reading.cpp
  void start_reading();
  void stop_reading();
  Status take(std::vector<Arrival> arrivals);
  std::vector<Arrival> collect();
  std::chrono::milliseconds quiet_time() const;
  Result<bool> evolves(const std::vector<Arrival>& arrivals);
  Result<std::unique_ptr<Source>> make_source(std::size_t source) const;
  void observe_heads(Cancellation cancellation);
  void note_partitions(std::size_t source, const Source& observer, const std::vector<PartitionRange>& ranges);
  void check_records(std::size_t source, Source& observer, Anchors& before);
  bool take_grown(std::size_t source);
  Result<std::vector<PartitionRange>> own_partitions(Source& source) const;
  void leave_own(std::vector<PartitionRange>& ranges) const;
  Status check_that_keys_meet() const;      // with mutex_
  Result<std::vector<Assignment>> assignments_for(std::size_t source, Source& reader);

  // shard_drain.cpp
  Status begin_drain(bool close_windows);
  Status go_on_draining();
  Status wait_at_rest();
  Status take_what_is_there();
  Result<std::optional<Positions>> heads_now(std::size_t source, std::int64_t question);
  bool taken(std::size_t source, const Positions& heads) const;
  Status deliver_all();
  Status wait_delivered(const std::vector<std::string>& sinks, std::int64_t epoch);
  std::vector<std::string> sink_names() const;
  std::optional<Error> refusal(const std::vector<std::string>& sinks) const;
  bool is_closed() const;
  std::string reason_now(PipelineStatus& status) const;
  std::vector<SourceReport> source_reports() const;

  // shard_epoch.cpp
  Status run_epoch(std::vector<Arrival> arrivals, bool close_windows);
  Status add_refused(EpochContext& context, StateWrite& write);
  Status commit(EpochContext& context, std::vector<Flow>& flows, StateWrite& write);
  bool sync_due() const;
  Status sync_now();
  Status feed_sinks(EpochContext& context, std::vector<Flow>& flows, StateWrite& write);
  static bool brings_new_keys(const SinkFeed& feed, const SinkEpoch& epoch, const EpochContext& context);
  std::int32_t shard_told_by(const SinkFeed& feed) const;
  std::string folder_of(const SinkFeed& feed) const;
  static bool is_large(const SinkFeed& feed, const SinkEpoch& epoch);
  Status stage(const SinkFeed& feed, bool new_keys, SinkEpoch& epoch) const;
  void remove_orphaned_files() const;
  void record_latencies(const std::vector<Flow>& flows, std::int64_t now);
  void remember(const std::vector<Flow>& flows);
  std::string progress_now(std::int64_t epoch);
  void forget_held(StateWrite& write);
  static std::string position_key(const std::string& source, std::int32_t partition);
  static std::string position_value(std::int64_t offset);
  static std::string anchor_key(const std::string& source, std::int32_t partition);
  Status check_key_places(std::size_t step, const std::vector<const Flow*>& flows) const;      // shard_keys.cpp
  std::string counters_bytes() const;
  Status restore_counters(std::string_view bytes);

  // shard_redrive.cpp
  Result<RedriveOutcome> redrive_now(const std::string& command_id, const std::vector<RedriveRow>& rows);
  Status redrive_step(const std::string& command_id, const std::vector<const RedriveRow*>& rows, RedriveOutcome& outcome);
  // Whether closed windows of the step can be computed again, from a table.
  bool can_recompute(std::size_t step) const;
  // Those that the step says are due after this epoch.
  void recompute_later(std::size_t step, std::int64_t epoch, StateWrite& write);
  Status restore_recomputations();
  Status recompute_due_windows();

  template <typename R>
  R on_shard_thread(std::function<R()> work);

  // Constant after construction.
  const Parts parts_;
  const StreamConnectors connectors_;
  std::string folder_;                       // of the state
  std::unique_ptr<StateStore> state_;
  std::unique_ptr<StreamProgram> program_;
  std::unique_ptr<Outbox> outbox_;

  // The shard's own thread.
  Cancellation cancellation_;                // of run()
  EpochPace pace_;
  std::int64_t epoch_ = 0;
  std::int64_t epoch_at_ = 0;                // when it closed; before the first, when the shard was opened
  Counters counters_;
  bool paused_ = false;
  bool reading_ = false;
  std::optional<Error> failure_;
  StateHealth health_ = StateHealth::sound;
  std::string doing_;                        // while it starts
  std::int64_t opened_epoch_ = 0;            // epoch_ when the state was opened
  std::atomic<bool> takes_over_ = false;     // also read by table_tail(): this state was chosen to go on from the tables
  Progress progress_;
  PassedMarks passed_;
  std::map<std::string, HeldRows> held_;     // by sink
  std::vector<bool> allowed_;                // per delivery
  bool answers_wait_ = true;                 // some delivery has not been allowed yet
  Positions resumed_at_;
  std::int64_t rows_in_then_ = 0;
  PipelineStatus phase_ = PipelineStatus::starting;
  std::vector<bool> ended_;                  // per source
  std::vector<bool> started_;                // per source: its partitions are known
  std::map<std::string, DriftReport> drift_;
  std::set<std::string> cannot_evolve_;      // fields that could not be added to the contract
  LatencyHistogram queryable_;
  std::int64_t clock_ahead_ = 0;             // how far the wall clock is ahead of the steady one
  std::int64_t published_at_ = 0;
  std::int64_t looked_at_ = 0;               // when it was last looked whether there is something to publish
  std::int64_t state_bytes_ = 0;             // on disk, at sized_at_
  std::int64_t sized_at_ = 0;
  std::int64_t synced_at_ = 0;
  bool unsynced_ = false;                    // `durability: relaxed`: the last epochs are not on disk yet
  std::int64_t seeds_checked_at_ = 0;
  bool dirty_ = true;
  std::map<std::pair<std::string, std::int64_t>, std::int64_t> recompute_;   // step, window → epoch that asked
  std::atomic<bool> refused_waiting_ = true;

  // Protected by mutex_.
  mutable std::mutex mutex_;
  std::vector<SourceState> sources_;
  std::map<std::string, RecentRows> recent_;             // by step
  std::deque<std::function<void()>> controls_;
  bool closed_ = false;                      // no control is taken any more
  StreamReport report_;
  PipelineStatus published_phase_ = PipelineStatus::starting;      // phase_, for others
  std::optional<Error> state_failure_;
  std::optional<Error> source_failure_;      // a source's positions mean other records now
  std::int64_t newest_source_time_ = 0;      // of what was committed
  std::int64_t took_input_at_ = 0;           // when the last epoch closed that took any: one that only closes windows does not count

  mutable std::condition_variable_any something_changed_;        // a delivery has something to say, or a report is new

  std::unique_ptr<BoundedQueue<Arrival>> arrivals_;     // made and ended by the shard's own thread, under mutex_
  std::vector<std::unique_ptr<Ingest>> ingests_;        // the shard's own thread
  std::vector<std::unique_ptr<Delivery>> deliveries_;
  std::jthread observer_;
  std::jthread thread_;
};

}  // namespace penstock
