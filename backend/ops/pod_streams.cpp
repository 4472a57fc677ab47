// How a pod's streams become what is desired of them.

#include <algorithm>

#include "ops/pod_supervisor_impl.h"
#include "telemetry/wording.h"

namespace penstock {

Status PodSupervisor::Impl::reconcile(const Pod& pod, const std::string& stream) {
  const std::lock_guard calls(pod->calls);
  std::shared_ptr<PodLink> link;      // goes after the lock: the last one of a link waits for reports
  Lock lock(mutex_);
  link = pod->link;
  if (!link || !pod->is_attached) return Error(ErrorKind::unavailable, "pod " + pod->desired.spec.name + " does not answer yet");
  if (pod->is_adopted && !pod->running.contains(stream) && pod->seen.contains(stream)) {
    const ManagedPod::Seen& seen = pod->seen.at(stream);
    const StreamStart* asked = pod->find(stream);
    StreamStart known = asked ? *asked : StreamStart{};
    known.stream = stream;
    known.version = seen.version;
    known.paused = seen.paused;
    if (!known.shards.empty()) known.shards.assign(seen.shards.begin(), seen.shards.end());
    pod->leased[stream] = shards_of(known);
    pod->running[stream] = known;
  }
  pod->seen.erase(stream);
  if (const auto ahead = coming(pod, stream)) PENSTOCK_TRY(prepare(lock, pod, *ahead));
  const std::optional<StreamStart> desired = due(pod, stream);
  const auto chosen = pod->choices.find(stream);
  const StateChoice choice = desired && chosen != pod->choices.end() ? chosen->second : StateChoice::none;
  const auto running = pod->running.find(stream);
  const bool runs = running != pod->running.end();
  // One that was drained does not run any more, and is its pod's all the same.
  const bool has = runs || (pod->leased.contains(stream) && !pod->held.contains(stream));
  if (desired ? runs && running->second == *desired && choice == StateChoice::none : !has) return {};

  if (!desired) {
    lock.unlock();
    const Status stopped = link->stop_stream(stream, {});
    lock.lock();
    if (stopped.ok()) {
      pod->running.erase(stream);
      pod->leased.erase(stream);
      has_moved_ = true;
    }
    return stopped;
  }
  StreamStart wanted = *desired;
  StreamStart but_paused = runs ? running->second : wanted;
  but_paused.paused = wanted.paused;
  const bool only_pauses = runs && but_paused == wanted && wanted.paused && choice == StateChoice::none;
  const bool must_stop = runs && (!but_paused.same_but_shards(wanted) || choice != StateChoice::none);
  PENSTOCK_TRY(lease(pod, wanted));
  lock.unlock();
  Status status;
  if (only_pauses) {
    StreamStop pause;
    pause.pause = true;
    status = link->stop_stream(stream, pause);
  } else {
    if (must_stop) status = link->stop_stream(stream, {});
    wanted.state_choice = choice;
    if (status.ok()) status = link->start_stream(wanted);
    wanted.state_choice = StateChoice::none;      // for that start only
  }
  lock.lock();
  if (status.ok()) {
    has_moved_ = has_moved_ || !wanted.shards.empty();
    pod->leased[stream] = shards_of(wanted);
    pod->running[stream] = wanted;
    use_prepared(pod, wanted);
  } else if (must_stop) {
    pod->running.erase(stream);
  }
  if (status.ok()) pod->choices.erase(stream);
  if (status.ok()) pod->damaged.erase(stream);
  else if (status.error().kind == ErrorKind::data_loss) pod->damaged.insert(stream);
  lock.unlock();
  if (status.ok() || !does_not_answer(status.error().kind)) parts_.registry.set_problem(stream, status.ok() ? "" : status.error().to_string());
  return status;
}

std::set<std::string> PodSupervisor::Impl::streams_of(const Pod& pod) const {
  std::set<std::string> streams;
  for (const StreamStart& start : pod->desired.streams) streams.insert(start.stream);
  for (const auto& [stream, start] : pod->running) streams.insert(stream);
  for (const auto& [stream, shards] : pod->leased) streams.insert(stream);
  if (pod->is_adopted)
    for (const auto& [stream, seen] : pod->seen) streams.insert(stream);
  return streams;
}

void PodSupervisor::Impl::reconcile_all(Lock& lock, const Pod& pod) {
  // What an adopted pod runs is known with its first report.
  if (pod->is_adopted && !pod->has_report) return;
  for (const std::string& stream : streams_of(pod)) {
    if (const auto retry = pod->retry_stream_at.find(stream); retry != pod->retry_stream_at.end() && now() < retry->second) continue;
    lock.unlock();
    const Status status = reconcile(pod, stream);
    lock.lock();
    if (status.ok()) {
      pod->retry_stream_at.erase(stream);
      continue;
    }
    pod->retry_stream_at[stream] = now() + kStreamRetry;
    if (pod->reset && pod->reset->stage() == ResetStage::starting) meet_in_reset(pod, stream, status.error());
    // Each further call would wait for its deadline too.
    if (does_not_answer(status.error().kind)) return;
  }
}

void PodSupervisor::Impl::forget_failed(const Pod& pod, const std::string& stream) {
  const auto shards = parts_.registry.shards_in(pod->desired.spec.name, stream);
  if (std::any_of(shards.begin(), shards.end(), [](const StreamReport& shard) { return shard.status == PipelineStatus::failing; })) pod->running.erase(stream);
}

StateHealth PodSupervisor::Impl::health_of(const Pod& pod, const std::string& stream) const {
  if (pod->damaged.contains(stream)) return StateHealth::damaged;
  for (const StreamReport& shard : parts_.registry.shards_in(pod->desired.spec.name, stream))
    if (shard.state != StateHealth::sound) return shard.state;
  return StateHealth::sound;
}

}  // namespace penstock
