// What is asked of a shard by other threads, done on its own between two epochs.

#include "stream/shard.h"

namespace penstock {

// Ends quiet_time(). Any thread.
void Shard::call() const {
  std::lock_guard lock(mutex_);
  if (arrivals_) arrivals_->call();
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

void Shard::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  something_changed_.notify_all();
}

bool Shard::is_closed() const {
  std::lock_guard lock(mutex_);
  return closed_;
}

void Shard::wait_begun(std::chrono::milliseconds at_most) const {
  std::unique_lock lock(mutex_);
  something_changed_.wait_for(lock, at_most, [this] { return closed_ || published_phase_ != PipelineStatus::starting || report_.status == PipelineStatus::paused; });
}

Status Shard::pause() {
  return on_shard_thread<Status>([this]() -> Status {
    stop_reading();
    paused_ = true;
    return {};
  });
}

Status Shard::resume() {
  {
    // It reads or is about to, and nobody has asked it for anything else: no need to wait for the epoch that it is in.
    std::lock_guard lock(mutex_);
    const bool reads = published_phase_ == PipelineStatus::running || published_phase_ == PipelineStatus::starting;
    if (reads && controls_.empty() && report_.status != PipelineStatus::paused) return {};
  }
  return on_shard_thread<Status>([this]() -> Status {
    if (failure_) return Error(ErrorKind::failed_precondition, "the stream has failed: " + failure_->message, "resume it once that is mended");
    paused_ = false;
    start_reading();
    return {};
  });
}

Result<FlushedShard> Shard::flush() {
  return on_shard_thread<Result<FlushedShard>>([this]() -> Result<FlushedShard> {
    if (failure_) return Error(ErrorKind::failed_precondition, "the stream has failed: " + failure_->message, "resume it once that is mended");
    PENSTOCK_TRY(deliver_all());
    FlushedShard flushed;
    for (auto& step : program_->steps())
      if (step->closes()) flushed.closed[step->spec().name] = step->closed_until();
    std::lock_guard lock(mutex_);
    for (const SourceState& source : sources_) flushed.sources.push_back({source.name, source.committed});
    return flushed;
  });
}

Status Shard::drain(bool close_windows) {
  PENSTOCK_TRY(on_shard_thread<Status>([this, close_windows]() -> Status {
    const Status status = begin_drain(close_windows);
    if (!status.ok()) fail(status.error());
    return status;
  }));
  return wait_at_rest();
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
