// How a shard comes to rest: it takes what its sources hold at that moment, and its sinks take everything. While they do it
// answers as ever.

#include <algorithm>
#include <limits>

#include "stream/shard.h"

namespace penstock {

Status Shard::begin_drain(bool close_windows) {
  if (failure_) return *failure_;
  phase_ = PipelineStatus::draining;
  publish();
  const bool finite = reading_ && std::all_of(ended_.begin(), ended_.end(), [](bool ended) { return ended; });
  if (reading_) PENSTOCK_TRY(take_what_is_there());
  stop_reading();
  return run_epoch({}, close_windows || finite);
}

// One look at the sinks.
Status Shard::go_on_draining() {
  if (refused_waiting_) PENSTOCK_TRY(run_epoch({}, false));
  PENSTOCK_TRY(sync_now());
  outbox_->flush_now(true);
  if (!outbox_->wait_empty(sink_names(), epoch_, kIdleWait, cancellation_) || refused_waiting_) return {};
  if (const std::size_t due = recompute_.size(); due > 0) {
    PENSTOCK_TRY(recompute_due_windows());
    if (recompute_.size() < due) return {};
  }
  outbox_->flush_now(false);
  phase_ = PipelineStatus::stopped;
  publish();
  return {};
}

// On the thread of whoever asked.
Status Shard::wait_at_rest() {
  std::unique_lock lock(mutex_);
  std::optional<Error> refused;
  something_changed_.wait(lock, [&] {
    if (closed_ || published_phase_ != PipelineStatus::draining) return true;
    refused = refusal(sink_names());
    return refused.has_value();
  });
  if (published_phase_ == PipelineStatus::stopped) return {};
  if (refused) return *refused;
  if (published_phase_ == PipelineStatus::failing) return Error(ErrorKind::failed_precondition, "the stream has failed: " + report_.reason);
  return Error(ErrorKind::cancelled, "the stream was stopped or resumed before its sinks had taken everything");
}

// Reads up to where the sources stood when this was called.
Status Shard::take_what_is_there() {
  std::vector<std::optional<Positions>> targets(sources_.size());
  std::vector<std::int64_t> questions;
  for (const auto& ingest : ingests_) questions.push_back(ingest->ask_heads());
  const auto done = [&]() -> Result<bool> {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      if (ended_[i]) continue;
      if (!started_[i]) return false;
      if (!targets[i]) {
        PENSTOCK_ASSIGN(targets[i], heads_now(i, questions[i]));
        if (!targets[i]) return false;
      }
      if (!taken(i, *targets[i])) return false;
    }
    return true;
  };
  while (!cancellation_.stop_requested()) {
    PENSTOCK_ASSIGN(const bool all, done());
    if (all) return {};
    std::vector<Arrival> arrivals = collect();
    if (!arrivals.empty()) PENSTOCK_TRY(run_epoch(std::move(arrivals), false));
    for (auto& ingest : ingests_)
      if (const auto health = ingest->health(); health.failed && !health.reading) return health.error;
    if (dirty_) publish();
  }
  return {};
}

// Of a source that only its reader may ask: none until it has answered this question, and then came to have nothing behind it. It may
// not know how many records are there before it has read them.
Result<std::optional<Positions>> Shard::heads_now(std::size_t source, std::int64_t question) {
  PENSTOCK_ASSIGN(const std::unique_ptr<Source> observer, make_source(source));
  Positions heads;
  if (observer->observable()) {
    PENSTOCK_ASSIGN(const auto ranges, own_partitions(*observer));
    for (const PartitionRange& range : ranges)
      if (range.head > range.earliest) heads[range.partition] = range.head;
    return std::optional(heads);
  }
  const Ingest::Level level = ingests_[source]->level();
  if (level.answered < question) return std::optional<Positions>();
  std::lock_guard lock(mutex_);
  for (const auto& [partition, head] : sources_[source].heads)
    if (head > 0) heads[partition] = head;
  for (const auto& [partition, reached] : level.reached)
    if (reached < std::numeric_limits<std::int64_t>::max()) heads[partition] = std::max(heads[partition], reached);
  return std::optional(heads);
}

// A source may end a partition with positions that hold no record (Kafka's marks of transactions): it has been read whole
// once it was passed, or was silent for a while, and nothing is left in the queue.
bool Shard::taken(std::size_t source, const Positions& heads) const {
  const auto holds = [&](const Positions& positions) {
    return std::all_of(heads.begin(), heads.end(), [&](const auto& head) {
      const auto at = positions.find(head.first);
      return at != positions.end() && at->second >= head.second;
    });
  };
  std::lock_guard lock(mutex_);
  if (holds(sources_[source].committed)) return true;
  const bool passed = holds(ingests_[source]->reached()) || ingests_[source]->silent();
  return passed && arrivals_->items() == 0;
}

Status Shard::deliver_all() {
  do {
    if (refused_waiting_) PENSTOCK_TRY(run_epoch({}, false));
    PENSTOCK_TRY(sync_now());
    PENSTOCK_TRY(wait_delivered(sink_names(), epoch_));
  } while (refused_waiting_);
  return {};
}

// `cancelled` when the shard is to stop; a sink that refuses is not waited for.
Status Shard::wait_delivered(const std::vector<std::string>& sinks, std::int64_t epoch) {
  Status status;
  outbox_->flush_now(true);
  while (status.ok()) {
    if (auto refused = refusal(sinks)) status = std::move(*refused);
    else if (outbox_->wait_empty(sinks, epoch, kIdleWait, cancellation_)) break;
    else if (is_closed() || cancellation_.stop_requested()) status = Error(ErrorKind::cancelled, "the stream was stopped before its sinks had taken everything");
  }
  outbox_->flush_now(false);
  return status;
}

std::vector<std::string> Shard::sink_names() const {
  std::vector<std::string> names;
  for (const SinkFeed& feed : program_->sinks()) names.push_back(feed.spec.name);
  return names;
}

// Of what waits.
std::optional<Error> Shard::refusal(const std::vector<std::string>& sinks) const {
  for (const auto& delivery : deliveries_) {
    const std::string& name = delivery->spec().name;
    if (std::find(sinks.begin(), sinks.end(), name) == sinks.end() || outbox_->waiting(name).oldest_at == 0) continue;
    if (auto refused = delivery->refusal()) return refused;
  }
  return std::nullopt;
}

}  // namespace penstock
