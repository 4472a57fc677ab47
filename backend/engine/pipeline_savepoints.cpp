// Savepoints of pipelines: their states are copied, and put back, while no pod has them.

#include "engine/pipeline_control.h"
#include "telemetry/wording.h"

namespace penstock {
namespace {

using namespace std::chrono_literals;

constexpr auto kLetsGo = 10s;      // a pod that has stopped a pipeline closes its state

std::string seconds_of(std::chrono::milliseconds time) {
  const auto tenths = time.count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

Result<std::chrono::milliseconds> PipelineControl::while_it_stands(const std::string& pipeline, const std::function<Status()>& work, const Cancellation& cancellation) {
  const auto state = registry_.pipeline(pipeline);
  const bool is_paused = state && state->status == PipelineStatus::paused;
  const bool is_stopped = state && state->status == PipelineStatus::stopped;
  const auto is_held = [](const Status& status) { return !status.ok() && status.error().kind == ErrorKind::failed_precondition; };
  const auto began = std::chrono::steady_clock::now();
  // One whose sources have ended is stopped, too, and a pod may have it still.
  Status done;
  if (is_stopped) done = work();
  const bool starts_again = !is_stopped || is_held(done);
  if (starts_again) {
    done = supervisor_.stop_stream(pipeline, {});
    if (done.ok()) done = work();
  }
  while (is_held(done) && std::chrono::steady_clock::now() < began + kLetsGo && !cancellation.stop_requested()) {
    registry_.wait_for_change(registry_.sequence(), 50ms, cancellation);
    done = work();
  }
  const auto stood = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  // Also where something has failed: some pods may have stopped it.
  if (starts_again) PENSTOCK_TRY(supervisor_.start_stream(pipeline));
  if (is_paused) PENSTOCK_TRY(supervisor_.set_paused(pipeline, true));
  PENSTOCK_TRY(done);
  return stood;
}

Result<std::string> PipelineControl::make_savepoint(const std::string& pipeline, const std::string& name, const Cancellation& cancellation) {
  const std::lock_guard lock(saving_);
  PENSTOCK_TRY(exists(pipeline));
  PENSTOCK_TRY(savepoints_.may_be_made(pipeline, name));
  Savepoint made{.pipeline = pipeline, .name = name, .version = applied_.current()->number};
  PENSTOCK_ASSIGN(const auto stood, while_it_stands(pipeline, [&]() -> Status {
    if (const auto report = registry_.stream_report(pipeline)) made.rows_in = report->rows_in;
    made.made_at = to_micros(Clock::system().now());
    PENSTOCK_ASSIGN(made, savepoints_.make(made));
    return {};
  }, cancellation));
  return "savepoint " + name + " of " + pipeline + ": " + count_of(made.shards, "shard") + ", " + count_of(made.rows_in, "row") + " taken by then; it stood still for " + seconds_of(stood);
}

Result<std::string> PipelineControl::restore_savepoint(const std::string& pipeline, const std::string& name, const Cancellation& cancellation) {
  const std::lock_guard lock(saving_);
  PENSTOCK_TRY(exists(pipeline));
  PENSTOCK_TRY(savepoints_.find(pipeline, name));
  PENSTOCK_TRY(while_it_stands(pipeline, [&] { return savepoints_.put_back(pipeline, name); }, cancellation));
  return pipeline + " goes on from savepoint " + name + "; its tables keep what they hold, and what they have since then is not given again";
}

Result<std::string> PipelineControl::remove_savepoint(const std::string& pipeline, const std::string& name) {
  const std::lock_guard lock(saving_);
  PENSTOCK_TRY(exists(pipeline));
  PENSTOCK_TRY(savepoints_.remove(pipeline, name));
  return "savepoint " + name + " of " + pipeline + " is gone";
}

Result<std::vector<Savepoint>> PipelineControl::savepoints(const std::string& pipeline) const {
  if (!pipeline.empty()) {
    PENSTOCK_TRY(exists(pipeline));
    return savepoints_.list(pipeline);
  }
  std::vector<Savepoint> all;
  for (const StreamSpec& stream : applied_.current()->workspace->streams)
    for (Savepoint& one : savepoints_.list(stream.name)) all.push_back(std::move(one));
  return all;
}

}  // namespace penstock
