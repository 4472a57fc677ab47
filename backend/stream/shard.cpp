#include "stream/shard.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/log.h"
#include "base/this_thread.h"
#include "stream/back_off.h"

namespace penstock {
namespace {

constexpr std::int64_t kHealthMicros = 1'000'000;          // so often it looks without an epoch, too: a source or a sink may have failed
constexpr std::int64_t kSeedsMicros = 500'000;
constexpr std::int64_t kClockIsSetMicros = 1'000'000;      // less is its being kept right

std::int64_t ahead_of_steady(const Clock& clock) {
  return to_micros(clock.now()) - std::chrono::duration_cast<std::chrono::microseconds>(clock.steady().time_since_epoch()).count();
}

// The newest of them is kept for whoever wants to know what happened to it.
Status set_aside(const std::string& path) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) return {};
  std::filesystem::remove_all(path + ".aside", failed);
  std::filesystem::rename(path, path + ".aside", failed);
  if (failed) return Error(ErrorKind::io, "the old state cannot be set aside: " + failed.message(), "", path);
  return {};
}

StreamConnectors connectors_of(const Shard::Parts& parts) { return {parts.catalog, &parts.launch, parts.parquet, parts.clock, parts.number, parts.memory.source}; }

}  // namespace

Shard::Shard(Parts parts)
    : parts_(std::move(parts)),
      connectors_(connectors_of(parts_)),
      pace_(*parts_.cpu, *parts_.clock) {}

Result<std::unique_ptr<StreamProgram>> Shard::compile(const Parts& parts) { return StreamProgram::compile(*parts.spec, connectors_of(parts), parts.memory.sql); }

Result<std::unique_ptr<Shard>> Shard::open(Parts parts, std::unique_ptr<StreamProgram> program) {
  std::unique_ptr<Shard> shard(new Shard(std::move(parts)));
  shard->program_ = std::move(program);
  PENSTOCK_TRY(shard->restore());
  shard->start_deliveries();
  Shard* self = shard.get();
  shard->observer_ = std::jthread([self](std::stop_token token) { self->observe_heads(token); });
  shard->thread_ = std::jthread([self](std::stop_token token) { self->run(token); });
  return shard;
}

Shard::~Shard() { end(); }

void Shard::end() {
  thread_.request_stop();
  observer_.request_stop();
  call();
  if (thread_.joinable()) thread_.join();
  if (observer_.joinable()) observer_.join();
  for (auto& delivery : deliveries_) delivery->stop();
  deliveries_.clear();
  outbox_.reset();
  state_.reset();
}

// What was chosen is kept until it is done, whatever happens to this process meanwhile.
Status Shard::open_state() {
  const StateChoice choice = parts_.launch.state_choice;
  StateStore::Options options{.cache_bytes = parts_.memory.state_cache};
  options.failed = [this](const Error& error) { state_failed(error); };
  const std::string path = folder_ + "/state";
  if (choice == StateChoice::rebuild) PENSTOCK_TRY(set_aside(path));
  auto opened = StateStore::open(path, options);
  if (!opened.ok() && opened.error().kind == ErrorKind::data_loss && choice == StateChoice::take_over) {
    PENSTOCK_TRY(set_aside(path));
    opened = StateStore::open(path, options);
  }
  PENSTOCK_ASSIGN(state_, std::move(opened));
  return choice == StateChoice::none ? Status() : note_choice(*state_, choice);
}

// Whoever opens the state from now on under a smaller number is late: its assignment was taken back meanwhile.
Status Shard::take_lease() {
  PENSTOCK_ASSIGN(const auto held, state_->get("meta/lease"));
  if (held && read_key(*held) > parts_.launch.lease)
    return Error(ErrorKind::failed_precondition, "shard " + std::to_string(parts_.number) + " of " + parts_.spec->name + " was given to another pod: lease " +
                                                     std::to_string(parts_.launch.lease) + " is older than " + std::to_string(read_key(*held)));
  PENSTOCK_ASSIGN(const auto shards, state_->get("meta/shards"));
  const std::int64_t before = shards ? read_key(*shards) : parts_.spec->shards;
  if (before != parts_.spec->shards)
    return Error(ErrorKind::failed_precondition,
                 "the state of " + parts_.spec->name + " is divided into " + std::to_string(before) + " shards, and the workspace says " + std::to_string(parts_.spec->shards),
                 "say `shards: " + std::to_string(before) + "` again, or give the stream another name");
  StateWrite write;
  std::string lease, number;
  append_key(parts_.launch.lease, lease);
  append_key(parts_.spec->shards, number);
  write.put("meta/lease", lease);
  write.put("meta/shards", number);
  return state_->write(write, true);
}

// Whoever met it: a delivery may have, and the shard tells it in its next report.
void Shard::state_failed(const Error& error) {
  {
    std::lock_guard lock(mutex_);
    state_failure_ = error;
  }
  if (parts_.state_failed) parts_.state_failed(error);
}

Status Shard::restore() {
  const StreamSpec& spec = *parts_.spec;
  folder_ = parts_.launch.state_root + "/streams/" + spec.name + "/" + std::to_string(parts_.number);
  PENSTOCK_TRY(open_state());
  PENSTOCK_TRY(take_lease());
  if (!program_) {
    PENSTOCK_ASSIGN(program_, compile(parts_));
  }
  for (auto& step : program_->steps()) step->set_window_rows(parts_.window_rows);
  outbox_ = std::make_unique<Outbox>(*state_, parts_.memory.outbox);
  for (const SinkFeed& feed : program_->sinks()) outbox_->add_sink(feed.spec.name);

  const std::int64_t now = to_micros(parts_.clock->now());
  PENSTOCK_TRY(outbox_->restore(now));
  PENSTOCK_ASSIGN(const auto epoch, state_->get("meta/epoch"));
  if (epoch) epoch_ = read_key(*epoch);
  remove_orphaned_files();
  opened_epoch_ = epoch_;
  PENSTOCK_ASSIGN(const auto took_over, state_->get(kTookOverKey));
  takes_over_ = took_over.has_value();
  PENSTOCK_ASSIGN(const auto counters, state_->get("meta/counters"));
  if (counters) PENSTOCK_TRY(restore_counters(*counters));
  PENSTOCK_TRY(restore_recomputations());

  for (const auto& source : program_->sources()) {
    SourceState state;
    PENSTOCK_ASSIGN(const auto name, state_->get(kSourceKey + source.spec.name));
    state.name = name.value_or(source.spec.name);
    state.begun = name.has_value();
    PENSTOCK_TRY(state_->scan("position/" + source.spec.name + "/", [&](std::string_view key, std::string_view value) -> Status {
      state.committed[static_cast<std::int32_t>(read_key(key))] = read_key(value);
      return {};
    }));
    PENSTOCK_TRY(state_->scan("anchor/" + source.spec.name + "/", [&](std::string_view key, std::string_view value) -> Status {
      state.anchors[static_cast<std::int32_t>(read_key(key))] = value;
      return {};
    }));
    sources_.push_back(std::move(state));
  }
  PENSTOCK_TRY(restore_held());
  ended_.assign(sources_.size(), false);
  started_.assign(sources_.size(), false);
  epoch_at_ = now;
  took_input_at_ = now;
  paused_ = parts_.launch.paused;
  publish();
  return {};
}

Marker Shard::marker_of(const std::string& sink) const { return {state_->id(), sink, parts_.number, parts_.spec->name, takes_over_}; }

void Shard::start_deliveries() {
  for (const SinkFeed& feed : program_->sinks()) {
    Delivery::Parts delivery;
    delivery.spec = feed.spec;
    delivery.schema = feed.schema;
    delivery.marker = marker_of(feed.spec.name);
    delivery.make_sink = [this, spec = feed.spec] { return connectors_.make_sink(spec); };
    delivery.outbox = outbox_.get();
    delivery.state = state_.get();
    delivery.clock = parts_.clock;
    delivery.asks_first = true;
    delivery.refused = [this] {
      refused_waiting_ = true;
      call();
    };
    delivery.changed = [this] {
      something_changed_.notify_all();
      parts_.changed();
    };
    deliveries_.push_back(std::make_unique<Delivery>(std::move(delivery)));
  }
  allowed_.assign(deliveries_.size(), false);
}

// ---- the shard's own thread ----

void Shard::run(Cancellation cancellation) {
  name_this_thread("shard " + parts_.spec->name);
  cancellation_ = cancellation;
  clock_ahead_ = ahead_of_steady(*parts_.clock);
  if (const auto begun = begin(cancellation); !begun.ok() && !cancellation.stop_requested()) fail(begun.error());
  if (!failure_ && !paused_ && !cancellation.stop_requested()) start_reading();
  publish();
  log_info("stream {}: shard {} goes on behind epoch {}", parts_.spec->name, parts_.number, epoch_);
  while (!cancellation.stop_requested()) {
    run_controls();
    mind_the_clock();
    const std::int64_t now = to_micros(parts_.clock->now());
    if (dirty_ && now - published_at_ >= kPublishMicros) publish();
    else if (!dirty_ && now - looked_at_ >= kHealthMicros) publish_if_others_changed();
    if (!failure_)
      if (const auto refused = failure_of_others(); refused) fail(*refused);
    if (!failure_ && answers_wait_)
      if (const auto allowed = refuse_strangers(); !allowed.ok()) fail(allowed.error());
    if (failure_ || !reading_) {
      // One that stands still computes again, too, what a redrive has changed.
      const bool drains = !failure_ && phase_ == PipelineStatus::draining;
      Status status;
      if (drains) status = go_on_draining();
      else if (!failure_ && !recompute_.empty()) status = recompute_due_windows();
      if (!status.ok()) fail(status.error());
      if (!drains) wait_for(kIdleWait, cancellation);
      continue;
    }
    if (now - seeds_checked_at_ >= kSeedsMicros) {
      seeds_checked_at_ = now;
      if (const auto refreshed = program_->refresh_tables(); !refreshed.ok()) log_warn("stream {}: {}", parts_.spec->name, refreshed.error().to_string());
    }
    if (!outbox_->holder(parts_.spec->outbox_bytes).empty()) {
      dirty_ = true;
      wait_for(kIdleWait, cancellation);
      continue;
    }
    std::vector<Arrival> arrivals = collect();
    const auto evolved = evolves(arrivals);
    if (!evolved.ok()) {
      fail(evolved.error());
      continue;
    }
    if (*evolved) {      // nothing of these was taken: they come again, with all of their fields
      stop_reading();
      phase_ = PipelineStatus::starting;
      tell("fields are added to its contract");
      continue;
    }
    const bool all_ended = std::all_of(ended_.begin(), ended_.end(), [](bool ended) { return ended; });
    Status status;
    if (!arrivals.empty() || refused_waiting_ || windows_due()) status = take(std::move(arrivals));
    else if (all_ended && phase_ != PipelineStatus::stopped) status = begin_drain(true);
    if (status.ok() && sync_due()) status = sync_now();
    if (status.ok() && !recompute_.empty()) status = recompute_due_windows();
    if (!status.ok()) fail(status.error());
  }
  stop_reading();
  std::lock_guard lock(mutex_);
  closed_ = true;
  controls_.clear();
  something_changed_.notify_all();
}

// What is measured between two looks at the wall clock does not get longer or shorter where it is set.
void Shard::mind_the_clock() {
  const std::int64_t ahead = ahead_of_steady(*parts_.clock);
  const std::int64_t by = ahead - std::exchange(clock_ahead_, ahead);
  if (std::abs(by) < kClockIsSetMicros) return;
  log_warn("stream {}: the clock of this machine was set {} by {} s", parts_.spec->name, by > 0 ? "forward" : "back", std::abs(by) / 1'000'000);
  for (std::int64_t* at : {&published_at_, &looked_at_, &sized_at_, &synced_at_, &seeds_checked_at_}) *at += by;
  for (auto& step : program_->steps()) step->clock_was_set(by);
  std::lock_guard lock(mutex_);
  took_input_at_ += by;
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

// Before, a partition that has not spoken yet could not hold a window back.
bool Shard::all_started() const {
  return std::all_of(started_.begin(), started_.end(), [](bool started) { return started; });
}

bool Shard::windows_due() const {
  if (!all_started()) return false;
  const std::int64_t now = to_micros(parts_.clock->now());
  return std::any_of(program_->steps().begin(), program_->steps().end(), [&](const auto& step) { return step->window_due(now); });
}

std::optional<Error> Shard::failure_of_others() const {
  std::lock_guard lock(mutex_);
  return state_failure_ ? state_failure_ : source_failure_;
}

void Shard::fail(const Error& error) {
  log_error("stream {} stops: {}", parts_.spec->name, error.to_string());
  failure_ = error;
  if (error.kind == ErrorKind::data_loss && health_ == StateHealth::sound) health_ = StateHealth::damaged;
  stop_reading();
  phase_ = PipelineStatus::failing;
  publish();
}

}  // namespace penstock
