#include "rpc/pipeline_service.h"

#include "rpc/telemetry_messages.h"
#include "telemetry/wording.h"

namespace penstock::rpc {
namespace {

StateChoice choice_of(v1::StateChoice choice) {
  switch (choice) {
    case v1::STATE_CHOICE_TAKE_OVER: return StateChoice::take_over;
    case v1::STATE_CHOICE_REBUILD: return StateChoice::rebuild;
    default: return StateChoice::none;
  }
}

}  // namespace

grpc::ServerUnaryReactor* PipelineService::List(grpc::CallbackServerContext* context, const v1::ListPipelinesRequest* request,
                                                v1::ListPipelinesResponse* response) {
  return calls_.unary<v1::ListPipelinesRequest, v1::ListPipelinesResponse>(context, request, response, [this](const auto&, const auto&, auto& response) -> Status {
    for (const auto& pipeline : registry_.full().pipelines) write(pipeline, *response.add_pipelines());
    return {};
  });
}

grpc::ServerUnaryReactor* PipelineService::Run(grpc::CallbackServerContext* context, const v1::RunPipelineRequest* request, v1::CommandOutcome* response) {
  return calls_.unary<v1::RunPipelineRequest, v1::CommandOutcome>(context, request, response, [this](const CallContext& call, const auto& request, auto& response) -> Status {
    const CommandSubject subject{.action = request.drain() ? "drain pipeline" : "run pipeline", .target = request.pipeline(),
                                 .touches = request.pipeline(), .state = control_.state_of(request.pipeline())};
    PENSTOCK_ASSIGN(response, commands_.run(call, request.command(), subject, [&] {
      return request.drain() ? control_.drain(request.pipeline(), request.close(), call.cancellation) : control_.run(request.pipeline(), call.cancellation);
    }));
    return {};
  });
}

grpc::ServerUnaryReactor* PipelineService::act(grpc::CallbackServerContext* context, const v1::PipelineCommand* request,
                                               v1::CommandOutcome* response, const char* name, Action action) {
  return calls_.unary<v1::PipelineCommand, v1::CommandOutcome>(context, request, response, [this, name, action](const CallContext& call, const auto& request, auto& response) -> Status {
    const CommandSubject subject{.action = std::string(name) + " pipeline", .target = request.pipeline(), .touches = request.pipeline(),
                                 .state = control_.state_of(request.pipeline())};
    PENSTOCK_ASSIGN(response, commands_.run(call, request.command(), subject, [&] { return (control_.*action)(request.pipeline()); }));
    return {};
  });
}

grpc::ServerUnaryReactor* PipelineService::Pause(grpc::CallbackServerContext* context, const v1::PipelineCommand* request, v1::CommandOutcome* response) {
  return act(context, request, response, "pause", &PipelineControl::pause);
}

grpc::ServerUnaryReactor* PipelineService::Resume(grpc::CallbackServerContext* context, const v1::PipelineCommand* request, v1::CommandOutcome* response) {
  return calls_.unary<v1::PipelineCommand, v1::CommandOutcome>(context, request, response, [this](const CallContext& call, const auto& request, auto& response) -> Status {
    const StateChoice choice = choice_of(request.state());
    CommandSubject subject{.action = "resume pipeline", .target = request.pipeline(), .touches = request.pipeline(), .state = control_.state_of(request.pipeline())};
    if (choice == StateChoice::take_over) subject.action = "take over tables of pipeline";
    if (choice == StateChoice::rebuild) subject.action = "rebuild state of pipeline";
    PENSTOCK_ASSIGN(response, commands_.run(call, request.command(), subject, [&] { return control_.resume(request.pipeline(), choice); }));
    return {};
  });
}

grpc::ServerUnaryReactor* PipelineService::Scale(grpc::CallbackServerContext* context, const v1::ScalePipelineRequest* request, v1::CommandOutcome* response) {
  return calls_.unary<v1::ScalePipelineRequest, v1::CommandOutcome>(context, request, response, [this](const CallContext& call, const auto& request, auto& response) -> Status {
    const CommandSubject subject{.action = "scale pipeline", .target = request.pipeline(), .touches = request.pipeline() + " to " + count_of(request.pods(), "pod"),
                                 .state = control_.state_of(request.pipeline())};
    PENSTOCK_ASSIGN(response, commands_.run(call, request.command(), subject, [&] { return control_.scale(request.pipeline(), request.pods()); }));
    return {};
  });
}

grpc::ServerUnaryReactor* PipelineService::PreviewScale(grpc::CallbackServerContext* context, const v1::ScalePipelineRequest* request, v1::ScalePreview* response) {
  return calls_.unary<v1::ScalePipelineRequest, v1::ScalePreview>(context, request, response, [this](const auto&, const auto& request, auto& response) -> Status {
    PENSTOCK_ASSIGN(const auto preview, control_.preview_scale(request.pipeline(), request.pods()));
    response.set_pipeline(request.pipeline());
    response.set_pods(preview.pods);
    response.set_wanted(request.pods());
    response.set_shards(preview.shards);
    for (const auto& move : preview.moves) {
      auto& message = *response.add_moves();
      message.set_shard(move.shard);
      message.set_from(move.from);
      message.set_to(move.to);
    }
    return {};
  });
}

grpc::ServerUnaryReactor* PipelineService::Cancel(grpc::CallbackServerContext* context, const v1::PipelineCommand* request, v1::CommandOutcome* response) {
  return act(context, request, response, "cancel", &PipelineControl::cancel);
}

grpc::ServerUnaryReactor* PipelineService::act(grpc::CallbackServerContext* context, const v1::SavepointCommand* request, v1::CommandOutcome* response,
                                               const char* name, SavepointAction action) {
  return calls_.unary<v1::SavepointCommand, v1::CommandOutcome>(context, request, response, [this, name, action = std::move(action)](const CallContext& call, const auto& request, auto& response) -> Status {
    const CommandSubject subject{.action = std::string(name) + " savepoint", .target = request.pipeline(), .touches = request.pipeline() + ", savepoint " + request.savepoint(),
                                 .state = control_.state_of(request.pipeline())};
    PENSTOCK_ASSIGN(response, commands_.run(call, request.command(), subject, [&] { return action(request.pipeline(), request.savepoint(), call.cancellation); }));
    return {};
  });
}

grpc::ServerUnaryReactor* PipelineService::MakeSavepoint(grpc::CallbackServerContext* context, const v1::SavepointCommand* request, v1::CommandOutcome* response) {
  return act(context, request, response, "make", [this](const auto& pipeline, const auto& name, const Cancellation& cancellation) { return control_.make_savepoint(pipeline, name, cancellation); });
}

grpc::ServerUnaryReactor* PipelineService::RestoreSavepoint(grpc::CallbackServerContext* context, const v1::SavepointCommand* request, v1::CommandOutcome* response) {
  return act(context, request, response, "restore", [this](const auto& pipeline, const auto& name, const Cancellation& cancellation) { return control_.restore_savepoint(pipeline, name, cancellation); });
}

grpc::ServerUnaryReactor* PipelineService::RemoveSavepoint(grpc::CallbackServerContext* context, const v1::SavepointCommand* request, v1::CommandOutcome* response) {
  return act(context, request, response, "remove", [this](const auto& pipeline, const auto& name, const Cancellation&) { return control_.remove_savepoint(pipeline, name); });
}

grpc::ServerUnaryReactor* PipelineService::ListSavepoints(grpc::CallbackServerContext* context, const v1::ListSavepointsRequest* request, v1::ListSavepointsResponse* response) {
  return calls_.unary<v1::ListSavepointsRequest, v1::ListSavepointsResponse>(context, request, response, [this](const auto&, const auto& request, auto& response) -> Status {
    PENSTOCK_ASSIGN(const auto found, control_.savepoints(request.pipeline()));
    for (const Savepoint& one : found) {
      auto& message = *response.add_savepoints();
      message.set_pipeline(one.pipeline);
      message.set_name(one.name);
      message.set_made_at(one.made_at);
      message.set_version(one.version);
      message.set_rows_in(one.rows_in);
      message.set_shards(one.shards);
      message.set_bytes(one.bytes);
    }
    return {};
  });
}

}  // namespace penstock::rpc
