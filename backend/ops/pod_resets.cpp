// How a pod is reset: stopped, started, and watched until its gap is replayed.

#include <algorithm>

#include "base/log.h"
#include "ops/pod_supervisor_impl.h"
#include "telemetry/wording.h"

namespace penstock {

void PodSupervisor::Impl::end_reset(const Pod& pod, const std::string& why_failed) {
  if (!pod->reset->is_over()) pod->reset->failed(now(), why_failed);
  finish_reset(pod);
}

void PodSupervisor::Impl::finish_reset(const Pod& pod) {
  const ResetRun& reset = *pod->reset;
  // A reset by a policy is audited here; an operator's by the service that took the command.
  if (reset.request().who.starts_with("policy "))
    (void)parts_.audit.end(reset.request().command_id, reset.outcome(), reset.stage() == ResetStage::failed, now());
  pod->reset.reset();
}

void PodSupervisor::Impl::meet_in_reset(const Pod& pod, const std::string& stream, const Error& error) {
  if (error.kind == ErrorKind::data_loss && pod->choices.try_emplace(stream, StateChoice::rebuild).second) {
    pod->reset->rebuilds(stream);
    pod->retry_stream_at.erase(stream);
  } else if (error.kind == ErrorKind::data_loss || error.kind == ErrorKind::failed_precondition) {
    end_reset(pod, stream + " cannot go on: " + error.to_string());
  }
}

void PodSupervisor::Impl::advance_reset(const Pod& pod) {
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

void PodSupervisor::Impl::count_delivered(Lock& lock, const Pod& pod) {
  if (!pod->reset || !pod->reset->wants_delivered() || !parts_.count_delivered) return;
  std::vector<ResetRun::Counted> counted = pod->reset->counted();
  lock.unlock();
  for (ResetRun::Counted& one : counted) {
    const auto delivered = parts_.count_delivered(one.gap, one.until.positions);
    if (delivered.ok()) one.delivered = *delivered;
    else log_warn("what a reset of {} has delivered cannot be counted in its tables: {}", one.gap.stream, delivered.error().to_string());
  }
  lock.lock();
  if (!pod->reset || !pod->reset->wants_delivered()) return;
  pod->reset->delivered(now(), std::move(counted));
  if (pod->reset->is_over()) finish_reset(pod);
}

Status PodSupervisor::Impl::begin_reset(Lock&, const ResetRequest& request, ResetObserver observer) {
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
  const bool counts = static_cast<bool>(parts_.count_delivered);
  pod->reset = std::make_unique<ResetRun>(ResetRun::Parts{parts_.registry, parts_.pods, redrivable, counts}, request, std::move(observer), streams, now());
  for (const std::string& stream : streams) {
    if (health_of(pod, stream) == StateHealth::sound) continue;
    pod->choices[stream] = StateChoice::rebuild;
    pod->reset->rebuilds(stream);
  }
  pod->retry_stream_at.clear();
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

Result<ResetPreview> PodSupervisor::Impl::preview(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = pods_.find(name);
  if (found == pods_.end()) return Error(ErrorKind::not_found, "no pod is called " + name);
  ResetPreview preview;
  preview.pod = name;
  for (const StreamStart& start : found->second->desired.streams) {
    preview.pipelines.push_back(start.stream);
    if (preview.state == StateHealth::sound) preview.state = health_of(found->second, start.stream);
    for (const StreamReport& report : parts_.registry.shards_in(name, start.stream)) {
      preview.gap_rows = std::max<std::int64_t>(0, preview.gap_rows) + StreamGap::of(report).rows;
      for (const SinkReport& sink : report.sinks) {
        if (std::find(preview.sinks.begin(), preview.sinks.end(), sink.sink) == preview.sinks.end()) preview.sinks.push_back(sink.sink);
        preview.sends_twice |= !sink.idempotent && sink.waiting_rows > 0;
      }
    }
  }
  preview.safe = !preview.sends_twice && preview.state == StateHealth::sound;
  return preview;
}

}  // namespace penstock
