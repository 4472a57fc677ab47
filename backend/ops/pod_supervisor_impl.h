#pragma once

// What pod_supervisor.cpp does behind its calls: the life of each pod, from process to link to streams to exit.
// Private to it.

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include <spdlog/spdlog.h>

#include "ops/healer.h"
#include "ops/managed_pod.h"
#include "ops/pod_supervisor.h"
#include "telemetry/wording.h"

namespace penstock {

class PodSupervisor::Impl {
 public:
  using Lock = std::unique_lock<std::mutex>;
  using Pod = std::shared_ptr<ManagedPod>;

  static constexpr std::int64_t kCrashLoopSpan = 60'000'000;
  static constexpr std::size_t kCrashLoopExits = 3;
  static constexpr std::int64_t kWellAfter = 30'000'000;      // running for so long, it is in no crash loop
  static constexpr std::int64_t kStreamRetry = 5'000'000;

  static bool is_damaged_state(ErrorKind kind) { return kind == ErrorKind::data_loss || kind == ErrorKind::failed_precondition; }
  static bool does_not_answer(ErrorKind kind) { return kind == ErrorKind::unavailable || kind == ErrorKind::deadline_exceeded; }

  Impl(Parts parts, Options options)
      : parts_(std::move(parts)), options_(options), healer_({parts_.registry, parts_.pods, parts_.audit}) {}

  ~Impl() {
    // Links deliver reports until they are gone, and those need the mutex.
    for (auto& [name, pod] : pods_) pod->link.reset();
  }

  std::int64_t now() const { return to_micros(parts_.clock.now()); }

  Pod make(const std::string& name) {
    Pod& pod = pods_[name];
    if (!pod) {
      pod = std::make_shared<ManagedPod>();
      pod->desired.spec.name = name;
      if (const auto record = parts_.pods.get(name); record.ok() && *record) pod->restarts = (*record)->restarts;
    }
    return pod;
  }

  Pod pod_with(const std::string& stream) const {
    for (const auto& [name, pod] : pods_)
      if (pod->is_wanted && pod->find(stream)) return pod;
    return nullptr;
  }

  void attach_process(const Pod& pod, const PodProcess& process) {
    pod->process = process;
    pod->phase = PodPhase::starting;
    pod->deadline = now() + options_.start_deadline.count();
    pod->is_attached = pod->has_report = false;
    pod->running.clear();
    pod->seen.clear();
    pod->reported.clear();
    pod->retry_stream_at.clear();
    pod->link = parts_.connect(process);
    const Status kept = parts_.pods.put({process.name, process.address, process.process_id, process.process_start, pod->restarts, process.started_at});
    if (!kept.ok()) spdlog::warn("pod {}: {}", process.name, kept.error().to_string());
  }

  void start_process(const Pod& pod) {
    auto started = parts_.host.start(pod->desired.spec);
    pod->is_adopted = false;
    if (started.ok()) return attach_process(pod, *started);
    pod->reason = started.error().to_string();
    spdlog::error("pod {} cannot be started: {}", pod->desired.spec.name, pod->reason);
    if (pod->reset) end_reset(pod, "the pod cannot be started: " + pod->reason);
    back_off(pod);
  }

  void back_off(const Pod& pod) {
    pod->back_off = pod->back_off.count() == 0 ? options_.first_back_off : std::min(2 * pod->back_off, options_.longest_back_off);
    pod->phase = PodPhase::pending;
    pod->retry_at = now() + pod->back_off.count();
  }

  void ask_to_end(const Pod& pod, Duration grace) {
    pod->phase = PodPhase::stopping;
    pod->deadline = now() + grace.count();
    (void)parts_.host.terminate(pod->desired.spec.name);      // gone already: exits() tells
  }

  void end_reset(const Pod& pod, const std::string& why_failed) {
    if (!pod->reset->is_over()) pod->reset->failed(now(), why_failed);
    finish_reset(pod);
  }

  void finish_reset(const Pod& pod) {
    const ResetRun& reset = *pod->reset;
    // A reset by a policy is audited here; an operator's by the service that took the command.
    if (reset.request().who.starts_with("policy "))
      (void)parts_.audit.end(reset.request().command_id, reset.outcome(), reset.stage() == ResetStage::failed, now());
    pod->reset.reset();
  }

  void on_exit(const PodExit& exit) {
    const auto found = pods_.find(exit.name);
    if (found == pods_.end() || !found->second->process || found->second->process->process_id != exit.process_id) return;
    const Pod pod = found->second;
    const bool was_asked = pod->phase == PodPhase::stopping;
    pod->process.reset();
    dropped_.push_back(std::move(pod->link));
    pod->link = nullptr;
    pod->is_attached = pod->has_report = false;
    pod->running.clear();
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
    pod->reason = exit.reason;
    if (pod->reset) end_reset(pod, "the pod ended again: " + exit.reason);
    ++pod->restarts;
    if (was_asked) {        // desired again while it was ending
      pod->phase = PodPhase::pending;
      pod->retry_at = now();
      return;
    }
    spdlog::warn("pod {} {}", exit.name, exit.reason);
    pod->exits_at.push_back(now());
    while (now() - pod->exits_at.front() > kCrashLoopSpan) pod->exits_at.pop_front();
    pod->is_in_crash_loop = pod->exits_at.size() >= kCrashLoopExits;
    back_off(pod);
  }

  void on_report(const std::weak_ptr<ManagedPod>& weak, PodReport report) {
    const Pod pod = weak.lock();
    if (!pod) return;
    {
      const std::lock_guard lock(mutex_);
      if (!pod->process) return;
      report.pod = pod->desired.spec.name;
      for (const StreamReport& stream : report.streams) {
        pod->reported.insert(stream.stream);
        if (!pod->has_report && stream.status != PipelineStatus::stopped)
          pod->seen[stream.stream] = {stream.version, stream.status == PipelineStatus::paused};
      }
    }
    parts_.registry.report(report);
    const std::lock_guard lock(mutex_);
    pod->has_report = true;
  }

  // One stream of a pod is brought to what is desired. Called without the lock.
  Status reconcile(const Pod& pod, const std::string& stream) {
    const std::lock_guard calls(pod->calls);
    std::shared_ptr<PodLink> link;      // goes after the lock: the last one of a link waits for reports
    Lock lock(mutex_);
    link = pod->link;
    if (!link || !pod->is_attached) return Error(ErrorKind::unavailable, "pod " + pod->desired.spec.name + " does not answer yet");
    const StreamStart* desired = pod->held.contains(stream) ? nullptr : pod->find(stream);
    if (pod->is_adopted && !pod->running.contains(stream) && pod->seen.contains(stream)) {
      StreamStart known = desired ? *desired : StreamStart{};
      known.stream = stream;
      known.version = pod->seen.at(stream).version;
      known.paused = pod->seen.at(stream).paused;
      pod->running[stream] = known;
    }
    pod->seen.erase(stream);
    const auto running = pod->running.find(stream);
    const bool runs = running != pod->running.end();
    if (desired ? runs && running->second == *desired : !runs) return {};

    if (!desired) {
      lock.unlock();
      const Status stopped = link->stop_stream(stream, {});
      lock.lock();
      if (stopped.ok()) pod->running.erase(stream);
      return stopped;
    }
    const StreamStart wanted = *desired;
    StreamStart but_paused = runs ? running->second : wanted;
    but_paused.paused = wanted.paused;
    const bool only_pauses = runs && but_paused == wanted && wanted.paused;
    const bool must_stop = runs && but_paused != wanted;
    lock.unlock();
    Status status;
    if (only_pauses) {
      StreamStop pause;
      pause.pause = true;
      status = link->stop_stream(stream, pause);
    } else {
      if (must_stop) status = link->stop_stream(stream, {});
      if (status.ok()) status = link->start_stream(wanted);
    }
    lock.lock();
    if (status.ok()) pod->running[stream] = wanted;
    else if (must_stop) pod->running.erase(stream);
    lock.unlock();
    if (status.ok() || !does_not_answer(status.error().kind)) parts_.registry.set_problem(stream, status.ok() ? "" : status.error().to_string());
    return status;
  }

  std::set<std::string> streams_of(const Pod& pod) const {
    std::set<std::string> streams;
    for (const StreamStart& start : pod->desired.streams) streams.insert(start.stream);
    for (const auto& [stream, start] : pod->running) streams.insert(stream);
    if (pod->is_adopted)
      for (const auto& [stream, seen] : pod->seen) streams.insert(stream);
    return streams;
  }

  void reconcile_all(Lock& lock, const Pod& pod) {
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
      if (pod->reset && pod->reset->stage() == ResetStage::starting && is_damaged_state(status.error().kind))
        end_reset(pod, stream + " cannot go on: " + status.error().to_string());
      // Each further call would wait for its deadline too.
      if (does_not_answer(status.error().kind)) return;
    }
  }

  void try_to_attach(Lock& lock, const Pod& pod) {
    const std::shared_ptr<PodLink> link = pod->link;
    lock.unlock();
    const auto info = link->info();
    lock.lock();
    if (pod->link != link || !info.ok()) return;
    pod->is_attached = true;
    pod->phase = PodPhase::running;
    pod->reason.clear();
    pod->ready_since = now();
    lock.unlock();
    link->watch([this, weak = std::weak_ptr(pod)](PodReport report) { on_report(weak, std::move(report)); });
    lock.lock();
  }

  void advance_reset(const Pod& pod) {
    ResetRun& reset = *pod->reset;
    if (reset.stage() == ResetStage::starting) {
      const bool all_started = std::all_of(pod->desired.streams.begin(), pod->desired.streams.end(), [&](const StreamStart& start) {
        return pod->held.contains(start.stream) || (pod->running.contains(start.stream) && pod->reported.contains(start.stream));
      });
      if (all_started) reset.started(now());
    } else if (reset.stage() == ResetStage::replaying) {
      reset.count(now());
    }
    if (reset.is_over()) finish_reset(pod);
  }

  void step(Lock& lock, const Pod& pod) {
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
        if (!pod->is_wanted) return ask_to_end(pod, options_.stop_grace);
        reconcile_all(lock, pod);
        if (pod->phase != PodPhase::running) return;
        if (pod->is_in_crash_loop && now() - pod->ready_since > kWellAfter) pod->is_in_crash_loop = false;
        if (now() - pod->ready_since > kCrashLoopSpan) pod->back_off = Duration{};
        if (pod->reset) advance_reset(pod);
        return;
      case PodPhase::stopping:
        if (now() <= pod->deadline) return;
        (void)parts_.host.kill(name);
        pod->deadline = now() + options_.stop_grace.count();
        return;
      default: return;
    }
  }

  void publish(const Pod& pod) {
    PodFacts facts;
    facts.name = pod->desired.spec.name;
    facts.phase = pod->is_in_crash_loop && pod->phase != PodPhase::stopping ? PodPhase::crash_loop : pod->phase;
    facts.reason = pod->reason;
    if (pod->is_in_crash_loop) facts.reason = "ended " + count_of(static_cast<std::int64_t>(pod->exits_at.size()), "time") + " in a minute, last: " + pod->reason;
    facts.restarts = pod->restarts;
    facts.host = parts_.host.kind();
    if (pod->process) {
      facts.started_at = pod->process->started_at;
      facts.process_id = pod->process->process_id;
    }
    for (const StreamStart& start : pod->desired.streams) facts.pipelines.push_back(start.stream);
    parts_.registry.set_pod(facts);
  }

  void tick() {
    const std::lock_guard one_at_a_time(ticking_);
    Lock lock(mutex_);
    for (const PodExit& exit : parts_.host.exits()) on_exit(exit);
    const auto pods = pods_;
    for (const auto& [name, pod] : pods) step(lock, pod);
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

  void heal(Lock& lock) {
    std::vector<Healer::Patient> patients;
    for (const auto& [name, pod] : pods_) {
      if (!pod->is_wanted || pod->phase == PodPhase::stopping) continue;
      Healer::Patient patient{name, {}, pod->is_in_crash_loop, pod->reset != nullptr};
      for (const StreamStart& start : pod->desired.streams) patient.pipelines.push_back(start.stream);
      patients.push_back(std::move(patient));
    }
    healer_.consider(now(), patients, [&](const ResetRequest& request) { return begin_reset(lock, request, nullptr); });
  }

  Status begin_reset(Lock&, const ResetRequest& request, ResetObserver observer) {
    const auto found = pods_.find(request.pod);
    if (found == pods_.end() || !found->second->is_wanted) return Error(ErrorKind::not_found, "no pod is called " + request.pod);
    const Pod pod = found->second;
    if (pod->reset) return Error(ErrorKind::failed_precondition, "a reset of " + request.pod + " runs already", "wait for its outcome");
    std::vector<std::string> streams;
    for (const StreamStart& start : pod->desired.streams)
      if (!pod->held.contains(start.stream)) streams.push_back(start.stream);
    const auto redrivable = [this](const std::string& stream, std::int64_t since) {
      RejectedFilter filter;
      filter.stream = stream;
      filter.table = "dead_letters";
      filter.from_time = since;
      const auto rows = parts_.rejected.count(filter);
      return rows.ok() ? *rows : 0;
    };
    pod->reset = std::make_unique<ResetRun>(ResetRun::Parts{parts_.registry, parts_.pods, redrivable}, request, std::move(observer), streams, now());
    pod->is_in_crash_loop = false;
    pod->exits_at.clear();
    pod->back_off = Duration{};
    if (pod->process) {
      ask_to_end(pod, options_.reset_grace);
    } else {
      pod->reset->process_ended(now());
      pod->retry_at = now();
    }
    return {};
  }

  Result<ResetPreview> preview(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = pods_.find(name);
    if (found == pods_.end()) return Error(ErrorKind::not_found, "no pod is called " + name);
    ResetPreview preview;
    preview.pod = name;
    for (const StreamStart& start : found->second->desired.streams) {
      preview.pipelines.push_back(start.stream);
      const auto report = parts_.registry.stream_report(start.stream);
      if (!report) continue;
      preview.gap_rows = std::max<std::int64_t>(0, preview.gap_rows) + StreamGap::of(*report).rows;
      for (const SinkReport& sink : report->sinks) {
        preview.sinks.push_back(sink.sink);
        preview.sends_twice |= !sink.idempotent && sink.waiting_rows > 0;
      }
    }
    preview.safe = !preview.sends_twice;
    return preview;
  }

  Parts parts_;
  const Options options_;
  std::mutex ticking_;

  // Protected by mutex_.
  mutable std::mutex mutex_;
  std::map<std::string, Pod> pods_;
  Healer healer_;
  std::vector<std::shared_ptr<PodLink>> dropped_;
};

}  // namespace penstock
