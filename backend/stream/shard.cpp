#include "stream/shard.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "stream/back_off.h"

namespace penstock {
namespace {

constexpr std::size_t kQueuedArrivals = 64;
constexpr std::int64_t kEpochBytes = 64 << 20;
constexpr std::chrono::milliseconds kIdleWait{50};         // of a shard that does not read
constexpr std::int64_t kQuietMicros = 200'000;             // of one that reads, while nothing comes
constexpr std::int64_t kHealthMicros = 1'000'000;          // so often without an epoch, too: a source or a sink may have failed
constexpr std::int64_t kPublishMicros = 30'000;
constexpr std::int64_t kSeedsMicros = 500'000;

}  // namespace

Shard::Shard(Parts parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<Shard>> Shard::open(Parts parts) {
  std::unique_ptr<Shard> shard(new Shard(std::move(parts)));
  PENSTOCK_TRY(shard->restore());
  shard->start_deliveries();
  Shard* self = shard.get();
  shard->observer_ = std::jthread([self](std::stop_token token) { self->observe_heads(token); });
  shard->thread_ = std::jthread([self](std::stop_token token) { self->run(token); });
  return shard;
}

Shard::~Shard() {
  thread_.request_stop();
  observer_.request_stop();
  call();
  if (thread_.joinable()) thread_.join();
  if (observer_.joinable()) observer_.join();
  for (auto& delivery : deliveries_) delivery->stop();
  deliveries_.clear();
}

Status Shard::restore() {
  const StreamSpec& spec = *parts_.spec;
  folder_ = parts_.launch.state_root + "/streams/" + spec.name + "/" + std::to_string(parts_.number);
  PENSTOCK_ASSIGN(state_, StateStore::open(folder_ + "/state", {.cache_bytes = parts_.memory.state_cache}));
  PENSTOCK_ASSIGN(program_, StreamProgram::compile(*parts_.launch.workspace, spec, *parts_.catalog, parts_.memory.sql));
  outbox_ = std::make_unique<Outbox>(*state_, parts_.memory.outbox);
  for (const SinkFeed& feed : program_->sinks()) outbox_->add_sink(feed.spec.name);

  const std::int64_t now = to_micros(parts_.clock->now());
  PENSTOCK_TRY(outbox_->restore(now));
  PENSTOCK_ASSIGN(const auto epoch, state_->get("meta/epoch"));
  if (epoch) epoch_ = read_key(*epoch);
  remove_orphaned_files();
  for (auto& step : program_->steps()) PENSTOCK_TRY(step->restore(*state_, now));
  PENSTOCK_ASSIGN(const auto counters, state_->get("meta/counters"));
  if (counters) PENSTOCK_TRY(restore_counters(*counters));
  PENSTOCK_TRY(restore_recomputations());

  for (const auto& source : program_->sources()) {
    SourceState state;
    state.name = source.spec.name;
    PENSTOCK_TRY(state_->scan("position/" + source.spec.name + "/", [&](std::string_view key, std::string_view value) -> Status {
      state.committed[static_cast<std::int32_t>(read_key(key))] = read_key(value);
      return {};
    }));
    sources_.push_back(std::move(state));
  }
  ended_.assign(sources_.size(), false);
  started_.assign(sources_.size(), false);
  epoch_at_ = now;
  paused_ = parts_.launch.paused;
  publish();
  return {};
}

void Shard::start_deliveries() {
  const Workspace& workspace = *parts_.launch.workspace;
  for (const SinkFeed& feed : program_->sinks()) {
    Delivery::Parts delivery;
    delivery.spec = feed.spec;
    delivery.schema = feed.schema;
    delivery.marker = {state_->id(), feed.spec.name, parts_.number, parts_.spec->name};
    delivery.make_sink = [this, &workspace, spec = feed.spec]() -> Result<std::unique_ptr<Sink>> {
      const Connector* connector = parts_.catalog->find(spec.kind);
      if (!connector || !connector->make_sink)
        return Error(ErrorKind::unsupported, "a sink of kind '" + spec.kind + "' is not in this version", "", spec.at.to_string());
      const ConnectionSpec* connection = workspace.find_connection(spec.connection);
      return connector->make_sink(connection ? connection->settings : Settings(), spec.settings, context_for(""));
    };
    delivery.outbox = outbox_.get();
    delivery.state = state_.get();
    delivery.clock = parts_.clock;
    delivery.last_epoch = epoch_;
    delivery.refused = [this] { refused_waiting_ = true; };
    delivery.changed = parts_.changed;
    deliveries_.push_back(std::make_unique<Delivery>(std::move(delivery)));
  }
}

// ---- the shard's own thread ----

void Shard::run(Cancellation cancellation) {
  if (!paused_) start_reading();
  while (!cancellation.stop_requested()) {
    run_controls();
    const std::int64_t now = to_micros(parts_.clock->now());
    if (now - published_at_ >= (dirty_ ? kPublishMicros : kHealthMicros)) publish();
    if (failure_ || !reading_) {
      // One that stands still computes again, too, what a redrive has changed.
      if (!failure_ && !recompute_.empty()) {
        if (const auto recomputed = recompute_due_windows(); !recomputed.ok()) fail(recomputed.error());
      }
      wait_for(kIdleWait, cancellation);
      continue;
    }
    if (now - seeds_checked_at_ >= kSeedsMicros) {
      seeds_checked_at_ = now;
      if (const auto refreshed = program_->refresh_seeds(); !refreshed.ok()) spdlog::warn("stream {}: {}", parts_.spec->name, refreshed.error().to_string());
    }
    if (!outbox_->holder(parts_.spec->outbox_bytes).empty()) {
      dirty_ = true;
      wait_for(kIdleWait, cancellation);
      continue;
    }
    std::vector<Arrival> arrivals = collect();
    const bool all_ended = std::all_of(ended_.begin(), ended_.end(), [](bool ended) { return ended; });
    Status status;
    if (!arrivals.empty() || refused_waiting_ || windows_due()) status = run_epoch(std::move(arrivals), false);
    else if (all_ended && phase_ != PipelineStatus::stopped) status = drain_now(true);
    if (status.ok() && sync_due()) status = sync_now();
    if (status.ok() && !recompute_.empty()) status = recompute_due_windows();
    if (!status.ok()) fail(status.error());
  }
  stop_reading();
  std::lock_guard lock(mutex_);
  closed_ = true;
  controls_.clear();
}

void Shard::run_controls() {
  while (true) {
    std::function<void()> control;
    {
      std::lock_guard lock(mutex_);
      if (controls_.empty()) return;
      control = std::move(controls_.front());
      controls_.pop_front();
    }
    control();
  }
}

void Shard::start_reading() {
  if (reading_) return;
  {
    std::lock_guard lock(mutex_);
    arrivals_ = std::make_unique<BoundedQueue<Arrival>>(kQueuedArrivals, static_cast<std::size_t>(parts_.memory.arrivals));
  }
  for (std::size_t i = 0; i < program_->sources().size(); ++i) {
    Ingest::Parts ingest;
    ingest.index = i;
    ingest.name = program_->sources()[i].spec.name;
    ingest.make_source = [this, i] { return make_source(i); };
    ingest.make_decoder = [this, i] { return program_->make_decoder(i); };
    ingest.assign = [this, i](Source& reader) { return assignments_for(i, reader); };
    ingest.limits.rows = std::min(ingest.limits.rows, parts_.epoch_rows);
    ingest.limits.bytes = std::max<std::int64_t>(parts_.memory.arrivals / 4, 1 << 20);
    ingest.drift_is_dead = parts_.spec->drift != DriftPolicy::evolve;
    ingest.queue = arrivals_.get();
    ingest.heads = [this, i](const std::vector<PartitionRange>& ranges) {
      std::lock_guard lock(mutex_);
      for (const PartitionRange& range : ranges) sources_[i].heads[range.partition] = range.head;
    };
    ingest.clock = parts_.clock;
    ingest.changed = parts_.changed;
    ingests_.push_back(std::make_unique<Ingest>(std::move(ingest)));
  }
  reading_ = true;
  phase_ = PipelineStatus::running;
  dirty_ = true;
}

ConnectorContext Shard::context_for(const std::string& source) const {
  ConnectorContext context;
  context.clock = parts_.clock;
  context.parquet = parts_.parquet;
  context.workspace_root = parts_.launch.workspace->root;
  context.tables_root = parts_.launch.tables_root;
  context.stream = parts_.spec->name;
  context.shard = parts_.number;
  context.memory_bytes = parts_.memory.source;
  if (!source.empty()) context.state_dir = parts_.launch.state_root + "/streams/" + parts_.spec->name + "/sources/" + source;
  return context;
}

Result<std::unique_ptr<Source>> Shard::make_source(std::size_t source) const {
  const SourceSpec& spec = program_->sources()[source].spec;
  const Connector* connector = parts_.catalog->find(spec.kind);
  if (!connector || !connector->make_source)
    return Error(ErrorKind::unsupported, "a source of kind '" + spec.kind + "' is not in this version", "", spec.at.to_string());
  const ConnectionSpec* connection = parts_.launch.workspace->find_connection(spec.connection);
  return connector->make_source(connection ? connection->settings : Settings(), spec.settings, context_for(spec.name));
}

void Shard::stop_reading() {
  if (const auto synced = sync_now(); !synced.ok()) spdlog::error("stream {}: {}", parts_.spec->name, synced.error().to_string());
  if (arrivals_) arrivals_->close();
  for (auto& ingest : ingests_) ingest->stop();
  ingests_.clear();
  {
    std::lock_guard lock(mutex_);
    arrivals_.reset();
  }
  reading_ = false;
  dirty_ = true;
}

Result<std::vector<Assignment>> Shard::assignments_for(std::size_t source, Source& reader) {
  PENSTOCK_ASSIGN(const std::vector<PartitionRange> ranges, reader.partitions());
  std::vector<Assignment> assignments;
  std::lock_guard lock(mutex_);
  SourceState& state = sources_[source];
  for (const PartitionRange& range : ranges) {
    Assignment assignment{range.partition, std::nullopt, std::nullopt};
    if (const auto known = state.committed.find(range.partition); known != state.committed.end()) {
      assignment.from = known->second;
      if (range.earliest > known->second) {
        // Never a silent jump: what the source threw away is counted and named.
        state.lost_rows += range.earliest - known->second;
        state.lost_detail += (state.lost_detail.empty() ? "" : "; ") + reader.name() + "/" + std::to_string(range.partition) + " positions " +
                             std::to_string(known->second) + " to " + std::to_string(range.earliest - 1);
        assignment.from = range.earliest;
      }
    } else if (reader.starts_at_head()) {
      // A partition that has come since the first start is read from its beginning: nobody has said to skip it.
      assignment.from = state.committed.empty() ? range.head : range.earliest;
    }
    assignments.push_back(assignment);
    state.heads[range.partition] = range.head;
  }
  return assignments;
}

// A partition that has more to give is not idle, nor is one whose source does not answer: a window must not close over
// its rows because they were not read yet.
void Shard::await_what_is_behind() {
  const std::int64_t now = to_micros(parts_.clock->now());
  const bool waiting = arrivals_->items() > 0 || std::any_of(ingests_.begin(), ingests_.end(), [](const auto& ingest) { return ingest->health().failed; });
  for (auto& step : program_->steps()) {
    if (waiting) {
      step->await(std::nullopt, now);
      continue;
    }
    for (const auto& ingest : ingests_)
      for (const std::int32_t partition : ingest->behind()) step->await(PartitionKey{sources_[ingest->source()].name, partition}, now);
  }
}

std::vector<Arrival> Shard::collect() {
  await_what_is_behind();
  std::vector<Arrival> arrivals;
  std::int64_t rows = 0, bytes = 0;
  auto arrival = arrivals_->pop(quiet_time());
  while (arrival) {
    rows += arrival->records;
    bytes += arrival->bytes;
    arrivals.push_back(std::move(*arrival));
    if (rows >= parts_.epoch_rows || bytes >= kEpochBytes) break;
    arrival = arrivals_->pop(std::chrono::milliseconds(0));
  }
  return arrivals;
}

// How long the shard may wait for rows: what it has to do by the clock comes first.
std::chrono::milliseconds Shard::quiet_time() const {
  if (windows_due()) return std::chrono::milliseconds(0);
  const std::int64_t now = to_micros(parts_.clock->now());
  std::int64_t quiet = kQuietMicros;
  if (dirty_) quiet = std::min(quiet, published_at_ + kPublishMicros - now);
  if (unsynced_) quiet = std::min(quiet, kIdleWait.count() * 1000);
  return std::chrono::milliseconds(std::clamp<std::int64_t>(quiet / 1000, 1, kQuietMicros / 1000));
}

// Ends quiet_time(). Any thread.
void Shard::call() const {
  std::lock_guard lock(mutex_);
  if (arrivals_) arrivals_->call();
}

// Before, a partition that has not spoken yet could not hold a window back.
bool Shard::all_started() const {
  return std::all_of(started_.begin(), started_.end(), [](bool started) { return started; });
}

bool Shard::windows_due() const {
  if (!all_started()) return false;
  const std::int64_t now = to_micros(parts_.clock->now());
  return std::any_of(program_->steps().begin(), program_->steps().end(), [&](const auto& step) { return step->window_due(now); });
}

void Shard::fail(const Error& error) {
  spdlog::error("stream {} stops: {}", parts_.spec->name, error.to_string());
  failure_ = error;
  stop_reading();
  phase_ = PipelineStatus::failing;
  publish();
}

// ---- heads, asked aside so that a source that hangs does not hide how much waits ----

void Shard::observe_heads(Cancellation cancellation) {
  std::vector<std::unique_ptr<Source>> observers(program_->sources().size());
  while (!cancellation.stop_requested()) {
    for (std::size_t i = 0; i < observers.size() && !cancellation.stop_requested(); ++i) {
      if (!observers[i]) {
        auto made = make_source(i);
        if (!made.ok()) continue;
        observers[i] = std::move(*made);
      }
      if (!observers[i]->observable()) continue;
      const auto ranges = observers[i]->partitions();
      if (!ranges.ok()) continue;
      std::lock_guard lock(mutex_);
      for (const PartitionRange& range : *ranges) sources_[i].heads[range.partition] = range.head;
    }
    wait_for(std::chrono::seconds(1), cancellation);
  }
}

template <typename R>
R Shard::on_shard_thread(std::function<R()> work) {
  auto done = std::make_shared<std::promise<R>>();
  std::future<R> result = done->get_future();
  {
    std::lock_guard lock(mutex_);
    if (closed_) return Error(ErrorKind::unavailable, "the stream is stopping");
    controls_.push_back([this, work = std::move(work), done] {
      R result = work();
      publish();      // whoever asked finds what was done in the next report
      done->set_value(std::move(result));
    });
  }
  call();
  // A promise that is dropped unanswered (the shard stopped) breaks; the caller is told so.
  try {
    return result.get();
  } catch (const std::future_error&) {
    return Error(ErrorKind::unavailable, "the stream is stopping");
  }
}

Status Shard::pause() {
  return on_shard_thread<Status>([this]() -> Status {
    stop_reading();
    paused_ = true;
    return {};
  });
}

Status Shard::resume() {
  return on_shard_thread<Status>([this]() -> Status {
    if (failure_) return Error(ErrorKind::failed_precondition, "the stream has failed: " + failure_->message, "reset it");
    paused_ = false;
    start_reading();
    return {};
  });
}

Result<FlushedShard> Shard::flush() {
  return on_shard_thread<Result<FlushedShard>>([this]() -> Result<FlushedShard> {
    if (failure_) return Error(ErrorKind::failed_precondition, "the stream has failed: " + failure_->message, "reset it");
    PENSTOCK_TRY(deliver_all());
    FlushedShard flushed;
    const std::int64_t now = to_micros(parts_.clock->now());
    flushed.watermark = std::numeric_limits<std::int64_t>::max();
    for (auto& step : program_->steps())
      if (step->windowed()) flushed.watermark = std::min(flushed.watermark, step->watermark(now));
    std::lock_guard lock(mutex_);
    for (const SourceState& source : sources_) flushed.sources.push_back({source.name, source.committed});
    return flushed;
  });
}

Status Shard::drain(bool close_windows) {
  return on_shard_thread<Status>([this, close_windows]() -> Status {
    const Status status = drain_now(close_windows);
    if (!status.ok()) fail(status.error());
    return status;
  });
}

Result<std::vector<Batch>> Shard::step_rows(const std::string& step) {
  const auto index = program_->find_step(step);
  if (!index) return Error(ErrorKind::not_found, "stream " + parts_.spec->name + " has no step '" + step + "'");
  std::vector<Batch> rows;
  {
    std::lock_guard lock(mutex_);
    const auto found = recent_.find(step);
    if (found != recent_.end()) rows = found->second.rows();
  }
  if (!program_->steps()[*index]->windowed()) return rows;
  PENSTOCK_ASSIGN(const std::vector<Batch> open, on_shard_thread<Result<std::vector<Batch>>>([this, index] { return program_->steps()[*index]->open_windows(); }));
  rows.insert(rows.end(), open.begin(), open.end());
  return rows;
}

Result<RedriveOutcome> Shard::redrive(const std::string& command_id, const std::vector<RedriveRow>& rows) {
  return on_shard_thread<Result<RedriveOutcome>>([this, command_id, rows] { return redrive_now(command_id, rows); });
}

}  // namespace penstock
