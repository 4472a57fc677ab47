#pragma once

#include "engine/pipeline_control.h"
#include "penstock/v1/pipelines.grpc.pb.h"
#include "rpc/calls.h"
#include "rpc/commands.h"

namespace penstock::rpc {

// What an operator does to a pipeline. Thread-safe; the parts outlive it.
class PipelineService final : public v1::PipelineService::CallbackService {
 public:
  PipelineService(Calls& calls, Commands& commands, PipelineControl& control, const TelemetryRegistry& registry)
      : calls_(calls), commands_(commands), control_(control), registry_(registry) {}

  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext*, const v1::ListPipelinesRequest*, v1::ListPipelinesResponse*) override;
  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext*, const v1::RunPipelineRequest*, v1::CommandOutcome*) override;
  grpc::ServerUnaryReactor* Scale(grpc::CallbackServerContext*, const v1::ScalePipelineRequest*, v1::CommandOutcome*) override;
  grpc::ServerUnaryReactor* PreviewScale(grpc::CallbackServerContext*, const v1::ScalePipelineRequest*, v1::ScalePreview*) override;
  grpc::ServerUnaryReactor* Pause(grpc::CallbackServerContext*, const v1::PipelineCommand*, v1::CommandOutcome*) override;
  grpc::ServerUnaryReactor* Resume(grpc::CallbackServerContext*, const v1::PipelineCommand*, v1::CommandOutcome*) override;
  grpc::ServerUnaryReactor* Cancel(grpc::CallbackServerContext*, const v1::PipelineCommand*, v1::CommandOutcome*) override;
  grpc::ServerUnaryReactor* MakeSavepoint(grpc::CallbackServerContext*, const v1::SavepointCommand*, v1::CommandOutcome*) override;
  grpc::ServerUnaryReactor* RestoreSavepoint(grpc::CallbackServerContext*, const v1::SavepointCommand*, v1::CommandOutcome*) override;
  grpc::ServerUnaryReactor* RemoveSavepoint(grpc::CallbackServerContext*, const v1::SavepointCommand*, v1::CommandOutcome*) override;
  grpc::ServerUnaryReactor* ListSavepoints(grpc::CallbackServerContext*, const v1::ListSavepointsRequest*, v1::ListSavepointsResponse*) override;

 private:
  using SavepointAction = std::function<Result<std::string>(const std::string& pipeline, const std::string& savepoint, const Cancellation&)>;
  grpc::ServerUnaryReactor* act(grpc::CallbackServerContext* context, const v1::SavepointCommand* request, v1::CommandOutcome* response,
                                const char* name, SavepointAction action);
  using Action = Result<std::string> (PipelineControl::*)(const std::string&);
  grpc::ServerUnaryReactor* act(grpc::CallbackServerContext* context, const v1::PipelineCommand* request, v1::CommandOutcome* response,
                                const char* name, Action action);

  Calls& calls_;
  Commands& commands_;
  PipelineControl& control_;
  const TelemetryRegistry& registry_;
};

}  // namespace penstock::rpc
