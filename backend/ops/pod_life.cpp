// How a pod lives: from process to link to exit, with back-off between.

#include <algorithm>

#include "base/log.h"
#include "ops/pod_supervisor_impl.h"
#include "telemetry/wording.h"

namespace penstock {

PodSupervisor::Impl::Pod PodSupervisor::Impl::make(const std::string& name) {
  Pod& pod = pods_[name];
  if (!pod) {
    pod = std::make_shared<ManagedPod>();
    pod->desired.spec.name = name;
    if (const auto record = parts_.pods.get(name); record.ok() && *record) pod->restarts = (*record)->restarts;
  }
  return pod;
}

void PodSupervisor::Impl::attach_process(const Pod& pod, const PodProcess& process) {
  pod->process = process;
  pod->phase = PodPhase::starting;
  pod->deadline = now() + options_.start_deadline.count();
  pod->is_attached = pod->has_report = false;
  pod->running.clear();
  pod->prepared.clear();
  pod->leased.clear();
  pod->seen.clear();
  pod->reported.clear();
  pod->retry_stream_at.clear();
  pod->link = parts_.connect(process);
  const Status kept = parts_.pods.put({process.name, process.address, process.process_id, process.process_start, pod->restarts, process.started_at});
  if (!kept.ok()) log_warn("pod {}: {}", process.name, kept.error().to_string());
}

void PodSupervisor::Impl::start_process(const Pod& pod) {
  auto started = parts_.host.start(pod->desired.spec);
  pod->is_adopted = false;
  if (started.ok()) return attach_process(pod, *started);
  pod->reason = started.error().to_string();
  log_error("pod {} cannot be started: {}", pod->desired.spec.name, pod->reason);
  if (pod->reset) end_reset(pod, "the pod cannot be started: " + pod->reason);
  back_off(pod);
}

void PodSupervisor::Impl::back_off(const Pod& pod) {
  pod->back_off = pod->back_off.count() == 0 ? options_.first_back_off : std::min(2 * pod->back_off, options_.longest_back_off);
  pod->phase = PodPhase::pending;
  pod->retry_at = now() + pod->back_off.count();
}

void PodSupervisor::Impl::ask_to_end(const Pod& pod, Duration grace) {
  pod->phase = PodPhase::stopping;
  pod->deadline = now() + grace.count();
  (void)parts_.host.terminate(pod->desired.spec.name);      // gone already: exits() tells
}

// Why it ended by itself, as far as it could tell: what its streams failed with.
std::string PodSupervisor::Impl::last_words(const Pod& pod) const {
  std::string words;
  for (const std::string& stream : pod->reported) {
    for (const StreamReport& report : parts_.registry.shards_in(pod->desired.spec.name, stream))
      if (report.status == PipelineStatus::failing) words += " · " + stream + ": " + report.reason;
  }
  return words;
}

void PodSupervisor::Impl::on_exit(const PodExit& exit) {
  const auto found = pods_.find(exit.name);
  if (found == pods_.end() || !found->second->process || found->second->process->process_id != exit.process_id) return;
  const Pod pod = found->second;
  const bool was_asked = pod->phase == PodPhase::stopping;
  pod->process.reset();
  dropped_.push_back(std::move(pod->link));
  pod->link = nullptr;
  pod->is_attached = pod->has_report = false;
  pod->running.clear();
  pod->leased.clear();
  if (!pod->is_wanted) {
    pod->phase = PodPhase::gone;
    return;
  }
  if (pod->reset && pod->reset->stage() == ResetStage::stopping) {
    pod->reset->process_ended(now());
    pod->phase = PodPhase::pending;
    pod->retry_at = now();
    ++pod->restarts;
    return;
  }
  pod->reason = exit.clean ? exit.reason : exit.reason + last_words(pod);
  pod->last_exit = pod->reason;
  if (pod->reset) end_reset(pod, "the pod ended again: " + pod->reason);
  ++pod->restarts;
  if (was_asked) {        // desired again while it was ending
    pod->phase = PodPhase::pending;
    pod->retry_at = now();
    return;
  }
  log_warn("pod {} {}", exit.name, pod->reason);
  pod->exits_at.push_back(now());
  while (now() - pod->exits_at.front() > kCrashLoopSpan) pod->exits_at.pop_front();
  pod->is_in_crash_loop = pod->exits_at.size() >= kCrashLoopExits;
  back_off(pod);
}

void PodSupervisor::Impl::on_report(const std::weak_ptr<ManagedPod>& weak, PodReport report) {
  const Pod pod = weak.lock();
  if (!pod) return;
  {
    const std::lock_guard lock(mutex_);
    if (!pod->process) return;
    report.pod = pod->desired.spec.name;
    for (const StreamReport& stream : report.streams) {
      pod->reported.insert(stream.stream);
      if (pod->has_report || stream.status == PipelineStatus::stopped) continue;
      ManagedPod::Seen& seen = pod->seen[stream.stream];
      seen.version = stream.version;
      seen.paused = stream.status == PipelineStatus::paused;
      seen.shards.insert(stream.shard);
    }
  }
  parts_.registry.report(report);
  const std::lock_guard lock(mutex_);
  pod->has_report = true;
}

void PodSupervisor::Impl::try_to_attach(Lock& lock, const Pod& pod) {
  const std::shared_ptr<PodLink> link = pod->link;
  lock.unlock();
  const auto info = link->info();
  lock.lock();
  if (pod->link != link || !info.ok()) return;
  pod->is_attached = true;
  has_moved_ = true;          // others may give it shards now
  pod->phase = PodPhase::running;
  pod->reason.clear();
  pod->ready_since = now();
  lock.unlock();
  link->watch([this, weak = std::weak_ptr(pod)](PodReport report) { on_report(weak, std::move(report)); });
  lock.lock();
}

void PodSupervisor::Impl::step(Lock& lock, const Pod& pod) {
  const std::string& name = pod->desired.spec.name;
  switch (pod->phase) {
    case PodPhase::pending:
      if (!pod->is_wanted) pod->phase = PodPhase::gone;
      else if (now() >= pod->retry_at) start_process(pod);
      return;
    case PodPhase::starting:
      if (!pod->is_wanted) return ask_to_end(pod, options_.stop_grace);
      if (now() > pod->deadline) {
        pod->reason = "it did not answer in time";
        (void)parts_.host.kill(name);
        pod->deadline = now() + options_.start_deadline.count();
        return;
      }
      try_to_attach(lock, pod);
      if (pod->phase != PodPhase::running) return;
      [[fallthrough]];
    case PodPhase::running:
      // What others are to have they take from it, before it ends.
      if (!pod->is_wanted && !has_taker(pod)) return ask_to_end(pod, options_.stop_grace);
      reconcile_all(lock, pod);
      if (pod->phase != PodPhase::running || !pod->is_wanted) return;
      if (pod->is_in_crash_loop && now() - pod->ready_since > kWellAfter) pod->is_in_crash_loop = false;
      if (now() - pod->ready_since > kCrashLoopSpan) pod->back_off = Duration{};
      if (pod->reset) advance_reset(pod);
      if (pod->reset) count_delivered(lock, pod);
      return;
    case PodPhase::stopping:
      if (now() <= pod->deadline) return;
      (void)parts_.host.kill(name);
      pod->deadline = now() + options_.stop_grace.count();
      return;
    default: return;
  }
}

void PodSupervisor::Impl::publish(const Pod& pod) {
  PodFacts facts;
  facts.name = pod->desired.spec.name;
  facts.phase = pod->is_in_crash_loop && pod->phase != PodPhase::stopping ? PodPhase::crash_loop : pod->phase;
  facts.reason = pod->reason;
  if (pod->is_in_crash_loop) facts.reason = "ended " + count_of(static_cast<std::int64_t>(pod->exits_at.size()), "time") + " in a minute, last: " + pod->last_exit;
  facts.restarts = pod->restarts;
  facts.host = parts_.host.kind();
  if (pod->process) {
    facts.started_at = pod->process->started_at;
    facts.process_id = pod->process->process_id;
  }
  for (const StreamStart& start : pod->desired.streams) facts.pipelines.push_back(start.stream);
  parts_.registry.set_pod(facts);
}

void PodSupervisor::Impl::tick() {
  const std::lock_guard one_at_a_time(ticking_);
  Lock lock(mutex_);
  for (const PodExit& exit : parts_.host.exits()) on_exit(exit);
  const auto pods = pods_;
  std::size_t rounds = 0;
  do {
    has_moved_ = false;
    for (const auto& [name, pod] : pods) step(lock, pod);
  } while (has_moved_ && ++rounds < kRoundsInOneTick);
  heal(lock);
  for (const auto& [name, pod] : pods) {
    if (pod->phase == PodPhase::gone && pod->is_wanted) pod->phase = PodPhase::pending;     // desired again meanwhile
    if (pod->phase != PodPhase::gone) {
      publish(pod);
      continue;
    }
    if (pod->reset) end_reset(pod, "the pod is not wanted any more");
    parts_.registry.remove_pod(name);
    (void)parts_.pods.remove(name);
    pods_.erase(name);
  }
  const auto dropped = std::exchange(dropped_, {});
  lock.unlock();      // then `dropped` goes: a link waits for its last report, which needs the mutex
}

void PodSupervisor::Impl::heal(Lock& lock) {
  std::vector<Healer::Patient> patients;
  for (const auto& [name, pod] : pods_) {
    if (!pod->is_wanted || pod->phase == PodPhase::stopping) continue;
    Healer::Patient patient{name, {}, pod->is_in_crash_loop, pod->reset != nullptr};
    for (const StreamStart& start : pod->desired.streams) patient.pipelines.push_back(start.stream);
    patients.push_back(std::move(patient));
  }
  healer_.consider(now(), patients, [&](const ResetRequest& request) { return begin_reset(lock, request, nullptr); });
}

}  // namespace penstock
