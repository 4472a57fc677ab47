#include "client/pipeline_client.h"

#include <penstock/v1/pipelines.grpc.pb.h>

#include "client/connection.h"
#include "client/convert.h"
#include "client/unary_call.h"

namespace penstock::ui {

Call PipelineClient::run(const Command& command, const QString& pipeline, bool drain, QObject* receiver, Reply<CommandOutcome> reply) {
  v1::RunPipelineRequest request;
  setCommand(command, request.mutable_command());
  request.set_pipeline(pipeline.toStdString());
  request.set_drain(drain);
  return startUnary<v1::PipelineService>(engine_.transport(), &v1::PipelineService::Stub::async::Run, std::move(request),
                                    commandDeadline, outcomeOf, receiver, std::move(reply));
}

Call PipelineClient::pause(const Command& command, const QString& pipeline, QObject* receiver, Reply<CommandOutcome> reply) {
  v1::PipelineCommand request;
  setCommand(command, request.mutable_command());
  request.set_pipeline(pipeline.toStdString());
  return startUnary<v1::PipelineService>(engine_.transport(), &v1::PipelineService::Stub::async::Pause, std::move(request),
                                    commandDeadline, outcomeOf, receiver, std::move(reply));
}

Call PipelineClient::resume(const Command& command, const QString& pipeline, QObject* receiver, Reply<CommandOutcome> reply) {
  v1::PipelineCommand request;
  setCommand(command, request.mutable_command());
  request.set_pipeline(pipeline.toStdString());
  return startUnary<v1::PipelineService>(engine_.transport(), &v1::PipelineService::Stub::async::Resume, std::move(request),
                                    commandDeadline, outcomeOf, receiver, std::move(reply));
}

Call PipelineClient::cancel(const Command& command, const QString& pipeline, QObject* receiver, Reply<CommandOutcome> reply) {
  v1::PipelineCommand request;
  setCommand(command, request.mutable_command());
  request.set_pipeline(pipeline.toStdString());
  return startUnary<v1::PipelineService>(engine_.transport(), &v1::PipelineService::Stub::async::Cancel, std::move(request),
                                    commandDeadline, outcomeOf, receiver, std::move(reply));
}

Call PipelineClient::previewScale(const QString& pipeline, int pods, QObject* receiver, Reply<ScalePreview> reply) {
  v1::ScalePipelineRequest request;
  request.set_pipeline(pipeline.toStdString());
  request.set_pods(pods);
  return startUnary<v1::PipelineService>(engine_.transport(), &v1::PipelineService::Stub::async::PreviewScale, std::move(request),
                                    usualDeadline, scalePreviewOf, receiver, std::move(reply));
}

Call PipelineClient::scale(const Command& command, const QString& pipeline, int pods, QObject* receiver, Reply<CommandOutcome> reply) {
  v1::ScalePipelineRequest request;
  setCommand(command, request.mutable_command());
  request.set_pipeline(pipeline.toStdString());
  request.set_pods(pods);
  return startUnary<v1::PipelineService>(engine_.transport(), &v1::PipelineService::Stub::async::Scale, std::move(request),
                                    commandDeadline, outcomeOf, receiver, std::move(reply));
}

}  // namespace penstock::ui
