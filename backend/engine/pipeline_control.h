#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "engine/applied_workspace.h"
#include "engine/savepoints.h"
#include "ops/placement.h"
#include "ops/pod_supervisor.h"
#include "telemetry/registry.h"

namespace penstock {

// What an operator does to a pipeline. Each call gives a sentence that says what came of it. Thread-safe; the parts outlive it.
// Errors: not_found for an unknown pipeline; deadline_exceeded and unavailable when its pod does not answer.
class PipelineControl {
 public:
  using Scale = std::function<Status(const StreamSpec& stream, std::int32_t pods)>;
  PipelineControl(const AppliedWorkspace& applied, PodSupervisor& supervisor, const TelemetryRegistry& registry, Scale scale, std::string state_root)
      : applied_(applied), supervisor_(supervisor), registry_(registry), scale_(std::move(scale)), savepoints_(std::move(state_root)) {}

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
  struct ScalePreview {
    std::int32_t pods = 0;        // that it has now
    std::int32_t shards = 0;
    std::vector<ShardMove> moves;
  };
  // What scale() would move; the same errors.
  Result<ScalePreview> preview_scale(const std::string& pipeline, std::int32_t pods) const;

  // engine/savepoints.h says what they are. A pipeline that runs is stopped after its epoch and goes on afterwards; a paused one
  // stays paused, a stopped one stopped.
  Result<std::string> make_savepoint(const std::string& pipeline, const std::string& name, const Cancellation& cancellation);
  Result<std::string> restore_savepoint(const std::string& pipeline, const std::string& name, const Cancellation& cancellation);
  Result<std::string> remove_savepoint(const std::string& pipeline, const std::string& name);
  // Of all pipelines where it is empty.
  Result<std::vector<Savepoint>> savepoints(const std::string& pipeline) const;

  // "running", …; empty when unknown: what Command.expected_state is compared with.
  std::string state_of(const std::string& pipeline) const;

 private:
  Status exists(const std::string& pipeline) const;
  enum class Start { runs, has_ended };
  // Until a report of this stream says that it has left `starting`, or that its sources had ended before.
  Result<Start> wait_until_started(const std::string& pipeline, const Cancellation& cancellation) const;

  // Runs `work` while no pod has the pipeline; gives how long that was.
  Result<std::chrono::milliseconds> while_it_stands(const std::string& pipeline, const std::function<Status()>& work, const Cancellation& cancellation);

  const AppliedWorkspace& applied_;
  PodSupervisor& supervisor_;
  const TelemetryRegistry& registry_;
  const Scale scale_;
  const Savepoints savepoints_;
  std::mutex saving_;                  // one savepoint at a time
};

}  // namespace penstock
