#pragma once

#include <functional>
#include <string>

#include "base/cancellation.h"
#include "engine/applied_workspace.h"
#include "ops/pod_supervisor.h"
#include "telemetry/registry.h"

namespace penstock {

// What an operator does to a pipeline. Each call gives a sentence that says what came of it. Thread-safe; the parts outlive it.
// Errors: not_found for an unknown pipeline; deadline_exceeded and unavailable when its pod does not answer.
class PipelineControl {
 public:
  using Scale = std::function<Status(const StreamSpec& stream, std::int32_t pods)>;
  PipelineControl(const AppliedWorkspace& applied, PodSupervisor& supervisor, const TelemetryRegistry& registry, Scale scale)
      : applied_(applied), supervisor_(supervisor), registry_(registry), scale_(std::move(scale)) {}

  // Returns when the pod has the stream.
  Result<std::string> run(const std::string& pipeline, const Cancellation& cancellation);
  // Starts it if need be, takes what its sources hold now, delivers it, stops it.
  Result<std::string> drain(const std::string& pipeline, bool close_windows, const Cancellation& cancellation);
  Result<std::string> pause(const std::string& pipeline);
  // failed_precondition: something was chosen for a state that is sound.
  Result<std::string> resume(const std::string& pipeline, StateChoice choice = StateChoice::none);
  Result<std::string> cancel(const std::string& pipeline);
  // Its shards go to so many pods, one by one, while it runs. invalid_argument: it has fewer shards; failed_precondition: it has
  // no pods of its own.
  Result<std::string> scale(const std::string& pipeline, std::int32_t pods);

  // "running", …; empty when unknown: what Command.expected_state is compared with.
  std::string state_of(const std::string& pipeline) const;

 private:
  Status exists(const std::string& pipeline) const;
  enum class Start { runs, has_ended };
  // Until a report of this stream says that it has left `starting`, or that its sources had ended before.
  Result<Start> wait_until_started(const std::string& pipeline, const Cancellation& cancellation) const;

  const AppliedWorkspace& applied_;
  PodSupervisor& supervisor_;
  const TelemetryRegistry& registry_;
  const Scale scale_;
};

}  // namespace penstock
