// How a shard comes to rest: it takes what its sources hold at that moment, and its sinks take everything.

#include <algorithm>

#include "stream/shard.h"

namespace penstock {

Status Shard::drain_now(bool close_windows) {
  if (failure_) return *failure_;
  phase_ = PipelineStatus::draining;
  publish();
  const bool finite = reading_ && std::all_of(ended_.begin(), ended_.end(), [](bool ended) { return ended; });
  if (reading_) PENSTOCK_TRY(take_what_is_there());
  stop_reading();
  PENSTOCK_TRY(run_epoch({}, close_windows || finite));
  PENSTOCK_TRY(deliver_all());
  if (!recompute_.empty()) {
    PENSTOCK_TRY(recompute_due_windows());
    PENSTOCK_TRY(deliver_all());
  }
  phase_ = PipelineStatus::stopped;
  publish();
  return {};
}

// Reads up to where the sources stood when this was called.
Status Shard::take_what_is_there() {
  std::vector<std::optional<Positions>> targets(sources_.size());
  const auto done = [&]() -> Result<bool> {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      if (ended_[i]) continue;
      if (!started_[i]) return false;
      if (!targets[i]) {
        PENSTOCK_ASSIGN(targets[i], heads_now(i));
      }
      if (!taken(i, *targets[i])) return false;
    }
    return true;
  };
  while (!thread_.get_stop_token().stop_requested()) {
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

Result<Positions> Shard::heads_now(std::size_t source) {
  PENSTOCK_ASSIGN(const std::unique_ptr<Source> observer, make_source(source));
  Positions heads;
  if (observer->observable()) {
    PENSTOCK_ASSIGN(const auto ranges, observer->partitions());
    for (const PartitionRange& range : ranges)
      if (range.head > range.earliest) heads[range.partition] = range.head;
    return heads;
  }
  std::lock_guard lock(mutex_);
  for (const auto& [partition, head] : sources_[source].heads)
    if (head > 0) heads[partition] = head;
  return heads;
}

// A source may end a partition with positions that hold no record (Kafka's transaction marks): one that has been silent
// with nothing left in the queue has been read whole.
bool Shard::taken(std::size_t source, const Positions& heads) const {
  bool all = true;
  std::lock_guard lock(mutex_);
  for (const auto& [partition, head] : heads) {
    const auto committed = sources_[source].committed.find(partition);
    if (committed == sources_[source].committed.end() || committed->second < head) all = false;
  }
  return all || (arrivals_->items() == 0 && ingests_[source]->silent());
}

Status Shard::deliver_all() {
  std::vector<std::string> sinks;
  for (const SinkFeed& feed : program_->sinks()) sinks.push_back(feed.spec.name);
  do {
    if (refused_waiting_) PENSTOCK_TRY(run_epoch({}, false));
    PENSTOCK_TRY(sync_now());
    outbox_->flush_now(true);
    const bool all = outbox_->wait_empty(sinks, epoch_, thread_.get_stop_token());
    outbox_->flush_now(false);
    if (!all) return Error(ErrorKind::cancelled, "the stream was stopped before its sinks had taken everything");
  } while (refused_waiting_);
  return {};
}

}  // namespace penstock
