#include "client/pipeline_client.h"

#include <penstock/v1/pipelines.grpc.pb.h>

#include "client/connection.h"
#include "client/convert.h"
#include "client/unary_call.h"

namespace penstock::ui {
namespace {

// It stops, is copied and starts again meanwhile.
constexpr std::chrono::minutes savepointDeadline{2};

v1::SavepointCommand savepointCommandOf(const Command& command, const QString& pipeline, const QString& name) {
  v1::SavepointCommand request;
  setCommand(command, request.mutable_command());
  request.set_pipeline(pipeline.toStdString());
  request.set_savepoint(name.toStdString());
  return request;
}

}  // namespace

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

Call PipelineClient::listSavepoints(const QString& pipeline, QObject* receiver, Reply<std::vector<Savepoint>> reply) {
  v1::ListSavepointsRequest request;
  request.set_pipeline(pipeline.toStdString());
  return startUnary<v1::PipelineService>(engine_.transport(), &v1::PipelineService::Stub::async::ListSavepoints, std::move(request),
                                    usualDeadline, savepointsOf, receiver, std::move(reply));
}

Call PipelineClient::makeSavepoint(const Command& command, const QString& pipeline, const QString& name, QObject* receiver, Reply<CommandOutcome> reply) {
  return startUnary<v1::PipelineService>(engine_.transport(), &v1::PipelineService::Stub::async::MakeSavepoint, savepointCommandOf(command, pipeline, name),
                                    savepointDeadline, outcomeOf, receiver, std::move(reply));
}

Call PipelineClient::restoreSavepoint(const Command& command, const QString& pipeline, const QString& name, QObject* receiver, Reply<CommandOutcome> reply) {
  return startUnary<v1::PipelineService>(engine_.transport(), &v1::PipelineService::Stub::async::RestoreSavepoint, savepointCommandOf(command, pipeline, name),
                                    savepointDeadline, outcomeOf, receiver, std::move(reply));
}

Call PipelineClient::removeSavepoint(const Command& command, const QString& pipeline, const QString& name, QObject* receiver, Reply<CommandOutcome> reply) {
  return startUnary<v1::PipelineService>(engine_.transport(), &v1::PipelineService::Stub::async::RemoveSavepoint, savepointCommandOf(command, pipeline, name),
                                    savepointDeadline, outcomeOf, receiver, std::move(reply));
}

}  // namespace penstock::ui
