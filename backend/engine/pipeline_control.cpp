#include "engine/pipeline_control.h"

#include "ops/scaling.h"
#include "telemetry/wording.h"

namespace penstock {
namespace {

using namespace std::chrono_literals;

constexpr auto kHeartbeat = 1s;      // a pod reports at least as often

bool has_started(PipelineStatus status) {
  switch (status) {
    case PipelineStatus::starting:
    case PipelineStatus::stopped:
    case PipelineStatus::unknown: return false;
    default: return true;
  }
}

}  // namespace

Status PipelineControl::exists(const std::string& pipeline) const {
  const auto version = applied_.current();
  if (version && version->workspace->find_stream(pipeline)) return {};
  return Error(ErrorKind::not_found, "no pipeline is called '" + pipeline + "'", "penstockctl status lists them", pipeline);
}

std::string PipelineControl::state_of(const std::string& pipeline) const {
  const auto state = registry_.pipeline(pipeline);
  return state ? name_of(state->status) : "";
}

Result<PipelineControl::Start> PipelineControl::wait_until_started(const std::string& pipeline, const Cancellation& cancellation) const {
  std::uint64_t seen = 0;
  // A stream whose sources have ended stays stopped when it is started again; its pod says so in each of its reports.
  const auto settled = std::chrono::steady_clock::now() + 3 * kHeartbeat;
  while (!cancellation.stop_requested()) {
    seen = registry_.sequence();
    const auto state = registry_.pipeline(pipeline);
    if (state && state->status == PipelineStatus::failing)
      return Error(ErrorKind::failed_precondition, pipeline + " does not start: " + state->reason, "penstockctl logs", pipeline);
    if (state && has_started(state->status) && supervisor_.links_of_stream(pipeline).ok()) return Start::runs;
    const auto report = registry_.stream_report(pipeline);
    if (report && report->status == PipelineStatus::stopped && std::chrono::steady_clock::now() > settled) return Start::has_ended;
    registry_.wait_for_change(seen, kHeartbeat, cancellation);
  }
  return Error(ErrorKind::deadline_exceeded, pipeline + " has not started yet", "penstockctl pods list shows its pod", pipeline);
}

Result<std::string> PipelineControl::run(const std::string& pipeline, const Cancellation& cancellation) {
  PENSTOCK_TRY(exists(pipeline));
  PENSTOCK_TRY(supervisor_.start_stream(pipeline));
  PENSTOCK_ASSIGN(const Start start, wait_until_started(pipeline, cancellation));
  return pipeline + (start == Start::runs ? " runs" : " has taken all that its sources hold");
}

Result<std::string> PipelineControl::drain(const std::string& pipeline, bool close_windows, const Cancellation& cancellation) {
  PENSTOCK_TRY(exists(pipeline));
  const auto before = registry_.stream_report(pipeline);
  PENSTOCK_TRY(supervisor_.start_stream(pipeline));
  std::vector<std::shared_ptr<PodLink>> drained;
  while (drained.empty()) {
    PENSTOCK_ASSIGN(const Start start, wait_until_started(pipeline, cancellation));
    const auto links = supervisor_.links_of_stream(pipeline);
    const std::uint64_t seen = registry_.sequence();
    const Status stopped = supervisor_.stop_stream(pipeline, {.drain = true, .close_windows = close_windows});
    if (stopped.ok() && links.ok()) drained = *links;
    // A pod that ends meanwhile comes back, and is asked again.
    else if (!stopped.ok() && (stopped.error().kind != ErrorKind::unavailable || start == Start::has_ended)) return stopped.error();
    else registry_.wait_for_change(seen, 100ms, cancellation);
  }
  while (!cancellation.stop_requested()) {
    if (const auto links = supervisor_.links_of_stream(pipeline); !links.ok() || *links != drained) return pipeline + " took what its sources held and stopped";
    const std::uint64_t seen = registry_.sequence();
    const auto report = registry_.stream_report(pipeline);
    if (report && report->status == PipelineStatus::stopped)
      return pipeline + " took " + count_of(report->rows_in - (before ? before->rows_in : 0), "row") + " and stopped";
    registry_.wait_for_change(seen, kHeartbeat, cancellation);
  }
  return Error(ErrorKind::cancelled, pipeline + " still drains", "it goes on by itself; penstockctl status shows when it has stopped", pipeline);
}

Result<std::string> PipelineControl::pause(const std::string& pipeline) {
  PENSTOCK_TRY(exists(pipeline));
  PENSTOCK_TRY(supervisor_.set_paused(pipeline, true));
  return pipeline + " is paused";
}

Result<std::string> PipelineControl::resume(const std::string& pipeline, StateChoice choice) {
  PENSTOCK_TRY(exists(pipeline));
  if (choice != StateChoice::none) {
    PENSTOCK_TRY(supervisor_.start_with(pipeline, choice));
    return pipeline + (choice == StateChoice::rebuild ? " is rebuilt from its tables" : " takes its tables over") + std::string(" and goes on");
  }
  PENSTOCK_TRY(supervisor_.set_paused(pipeline, false));
  return pipeline + " goes on";
}

Result<std::string> PipelineControl::scale(const std::string& pipeline, std::int32_t pods) {
  PENSTOCK_TRY(exists(pipeline));
  PENSTOCK_TRY(scale_(*applied_.current()->workspace->find_stream(pipeline), pods));
  return pipeline + " runs in " + count_of(pods, "pod");
}

Result<PipelineControl::ScalePreview> PipelineControl::preview_scale(const std::string& pipeline, std::int32_t pods) const {
  PENSTOCK_TRY(exists(pipeline));
  const auto version = applied_.current();
  const StreamSpec& stream = *version->workspace->find_stream(pipeline);
  PENSTOCK_TRY(Scaling::may_have(stream, pods));
  const auto state = registry_.pipeline(pipeline);
  const std::int32_t now = state && state->pods_wanted > 0 ? state->pods_wanted : stream.pods;
  return ScalePreview{now, stream.shards, moves_between(stream, now, pods)};
}

Result<std::string> PipelineControl::cancel(const std::string& pipeline) {
  PENSTOCK_TRY(exists(pipeline));
  PENSTOCK_TRY(supervisor_.stop_stream(pipeline, {}));
  return pipeline + " is stopped; its state and positions stay";
}

}  // namespace penstock
