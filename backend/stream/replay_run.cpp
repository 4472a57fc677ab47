#include "stream/replay_run.h"

#include <algorithm>
#include <filesystem>

#include "base/crash_point.h"
#include "base/log.h"
#include "base/this_thread.h"
#include "stream/back_off.h"
#include "stream/replay_state.h"
#include "stream/staged_files.h"
#include "workspace/rows_of_steps.h"

namespace penstock {
namespace {

// A range is computed with all its rows there: a window is given once, with those that would have changed it later.
StreamSpec each_window_once(StreamSpec spec) {
  for (StepSpec& step : spec.steps) {
    if (!step.window || !step.window->replaces()) continue;
    step.window->updates = Duration::zero();
    step.window->lateness += std::exchange(step.window->update_late, Duration::zero());
    if (step.window->late == LatePolicy::update) step.window->late = LatePolicy::drop;
  }
  return spec;
}

std::string replays_of(const std::string& state_root, const std::string& stream, std::int32_t shard) {
  return state_root + "/streams/" + stream + "/" + std::to_string(shard) + "/replays";
}

bool is_ended(const std::string& status) { return status == "done" || status == "failed" || status == "cancelled"; }

}  // namespace

ReplayRun::ReplayRun(Parts parts)
    : parts_(std::move(parts)),
      connectors_{parts_.catalog, &parts_.launch, parts_.parquet, parts_.clock, parts_.shard},
      folder_(replays_of(parts_.launch.state_root, parts_.spec->name, parts_.shard) + "/" + parts_.replay.id),
      replay_(parts_.replay),
      rate_limit_(parts_.replay.rate_limit) {
  report_.id = parts_.replay.id;
  report_.stream = parts_.replay.stream;
  report_.shard = parts_.shard;
  report_.shards = parts_.spec->shards;
  report_.status = "running";
  thread_ = std::jthread([this](std::stop_token token) { run(token); });
}

ReplayRun::~ReplayRun() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

ReplayReport ReplayRun::report() const {
  std::lock_guard lock(mutex_);
  return report_;
}

bool ReplayRun::is_over() const { return is_ended(report().status); }

std::vector<ReplayLaunch> ReplayRun::unfinished(const std::string& state_root, const std::string& stream, std::int32_t shard) {
  return unfinished_replays(replays_of(state_root, stream, shard));
}

Status ReplayRun::control(const std::string& action, double rate_limit) {
  std::lock_guard lock(mutex_);
  if (is_ended(report_.status)) return Error(ErrorKind::failed_precondition, "the replay is " + report_.status);
  if (settled_ && action != "rate")
    return Error(ErrorKind::failed_precondition, "the replay can no longer be paused or cancelled: some of its tables may have taken their rows",
                 "wait for its end; a replay of the same range puts the tables right again");
  if (action == "pause" || action == "resume") {
    paused_ = action == "pause";
    report_.status = paused_ ? "paused" : "running";
  } else if (action == "cancel") {
    cancelled_ = true;
  } else if (action == "rate") {
    rate_limit_ = rate_limit;
  } else {
    return Error(ErrorKind::invalid_argument, "a replay cannot '" + action + "'", "use pause, resume, cancel or rate");
  }
  steered_.notify_all();
  return {};
}

void ReplayRun::set_status(const std::string& status, const std::string& outcome) {
  {
    std::lock_guard lock(mutex_);
    report_.status = status;
    if (!outcome.empty()) report_.outcome = outcome;
  }
  parts_.changed();
}

void ReplayRun::run(Cancellation cancellation) {
  name_this_thread("replay " + parts_.replay.stream);
  const Status status = run_steps(cancellation);
  if (cancellation.stop_requested()) return;      // the pod stops; the next one begins anew
  state_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
  if (status.ok()) return set_status("done");
  if (status.error().kind == ErrorKind::cancelled) return set_status("cancelled", "cancelled; nothing was changed");
  log_error("replay {} of {}: {}", parts_.replay.id, parts_.spec->name, status.error().to_string());
  set_status("failed", status.error().to_string());
}

Status ReplayRun::run_steps(Cancellation cancellation) {
  pace_.emplace(*parts_.cpu, *parts_.clock, parts_.runs);
  PENSTOCK_TRY(save_replay(folder_, parts_.replay));
  PENSTOCK_ASSIGN(state_, StateStore::open(folder_ + "/state", {.cache_bytes = parts_.memory.state_cache}));
  PENSTOCK_ASSIGN(const auto program, StreamProgram::compile(each_window_once(*parts_.spec), connectors_, parts_.memory.sql));
  outbox_ = std::make_unique<Outbox>(*state_, parts_.memory.outbox);
  for (const SinkFeed& feed : program->sinks()) {
    PENSTOCK_ASSIGN(const bool delivers_rows, delivers(feed));
    if (!delivers_rows) continue;
    outbox_->add_sink(feed.spec.name);
    delivered_[feed.spec.name] = 0;
  }
  PENSTOCK_ASSIGN(const auto computed, state_->get("replay/computed"));
  if (computed) {
    settle();
    PENSTOCK_TRY(outbox_->restore(to_micros(parts_.clock->now())));
    for (auto& [sink, rows] : delivered_) rows = outbox_->waiting(sink).rows;
  } else {
    PENSTOCK_TRY(forget_partial_run(*state_));
    remove_own_files(*program);
    PENSTOCK_ASSIGN(const FlushedShard live, parts_.flush_live());
    Status computed_now = compute(*program, live, cancellation);
    if (computed_now.ok() && !settle()) computed_now = Error(ErrorKind::cancelled, "cancelled");
    if (!computed_now.ok()) {
      remove_own_files(*program);
      return computed_now;
    }
    StateWrite write;
    write.put("replay/computed", "1");
    crash_point("replay.before_computed");
    PENSTOCK_TRY(state_->write(write, true));
  }
  crash_point("replay.before_delivery");
  PENSTOCK_TRY(deliver(*program, cancellation));
  set_status("verifying");
  return verify(*program);
}

// Files that no table knows yet.
void ReplayRun::remove_own_files(const StreamProgram& program) const {
  for (const SinkFeed& feed : program.sinks())
    if (delivered_.contains(feed.spec.name)) remove_staged_files(folder_of(feed), state_->id(), 0);
}

// From here on it cannot be cancelled: some tables may have taken their rows. False: it has been cancelled just now.
bool ReplayRun::settle() {
  std::lock_guard lock(mutex_);
  if (!cancelled_) settled_ = true;
  return settled_;
}

// Sinks that replace, or that were asked for by name. Bronze is where the rows come from; rejected rows are known.
Result<bool> ReplayRun::delivers(const SinkFeed& feed) {
  if (feed.what != SinkFeed::What::rows && feed.what != SinkFeed::What::late) return false;
  const std::string step = feed.spec.from;
  if (!parts_.replay.steps.empty() && std::find(parts_.replay.steps.begin(), parts_.replay.steps.end(), step) == parts_.replay.steps.end()) return false;
  if (feed.spec.table.starts_with("bronze.")) return false;
  // Aggregates and sessions are over more than the range.
  if (feed.schema->find(change::op) || session_above(*parts_.spec, step)) return false;
  const auto& included = parts_.replay.include_sinks;
  if (std::find(included.begin(), included.end(), feed.spec.name) != included.end()) return true;
  const Connector* connector = parts_.catalog->find(feed.spec.kind);
  if (!connector || !connector->make_sink) return false;
  PENSTOCK_ASSIGN(const auto sink, connectors_.make_sink(feed.spec));
  return sink->traits().replaces;
}

// While an objective of the live stream is missed it holds by itself, and says so.
bool ReplayRun::wait_while_held(Cancellation cancellation) {
  while (!cancellation.stop_requested()) {
    const bool suffers = parts_.live_suffers();
    bool changed = false;
    {
      std::lock_guard lock(mutex_);
      if (cancelled_) return false;
      const std::string status = paused_ || suffers ? "paused" : "running";
      changed = std::exchange(report_.status, status) != status;
      report_.outcome = paused_ ? "" : suffers ? "held while " + parts_.spec->name + " misses an objective" : rate_limit_ > 0 ? "" : pace_->sentence();
      if (status == "running") {
        if (!changed) return true;
      }
    }
    if (changed) parts_.changed();
    else wait_for(std::chrono::milliseconds(50), cancellation);
  }
  return false;
}

void ReplayRun::begin_part() {
  part_began_ = parts_.clock->steady();
  pace_->begin();
}

// With a limit, no faster than that; without, as the spare cores allow.
void ReplayRun::rest(std::int64_t rows, Cancellation cancellation) {
  const auto paced = pace_->due(parts_.live_waits);
  std::unique_lock lock(mutex_);
  while (!cancelled_ && !cancellation.stop_requested()) {
    const double limit = rate_limit_;
    const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(parts_.clock->steady() - part_began_);
    const auto due = limit > 0 ? std::chrono::microseconds(static_cast<std::int64_t>(static_cast<double>(rows) * 1e6 / limit)) : paced;
    if (passed >= due) break;
    steered_.wait_for(lock, cancellation, due - passed, [&] { return cancelled_ || rate_limit_ != limit; });
  }
}

}  // namespace penstock
