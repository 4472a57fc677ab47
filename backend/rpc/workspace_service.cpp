#include "rpc/workspace_service.h"

#include "rpc/workspace_messages.h"

namespace penstock::rpc {

grpc::ServerUnaryReactor* WorkspaceService::Validate(grpc::CallbackServerContext* context, const v1::ValidateRequest* request, v1::ValidateResponse* response) {
  return calls_.unary<v1::ValidateRequest, v1::ValidateResponse>(context, request, response, [this](const auto&, const auto&, auto& response) -> Status {
    const CheckedWorkspace checked = workspace_.check();
    for (const auto& problem : checked.problems) write(problem, *response.add_problems());
    response.set_files(static_cast<std::int32_t>(checked.files.files.size()));
    response.set_pipelines(checked.pipelines);
    return {};
  });
}

grpc::ServerUnaryReactor* WorkspaceService::Plan(grpc::CallbackServerContext* context, const v1::PlanRequest* request, v1::PlanResponse* response) {
  return calls_.unary<v1::PlanRequest, v1::PlanResponse>(context, request, response, [this](const auto&, const auto&, auto& response) -> Status {
    write(workspace_.plan(), response);
    return {};
  });
}

grpc::ServerUnaryReactor* WorkspaceService::Apply(grpc::CallbackServerContext* context, const v1::ApplyRequest* request, v1::PlanResponse* response) {
  return calls_.unary<v1::ApplyRequest, v1::PlanResponse>(context, request, response, [this](const CallContext& call, const auto& request, auto& response) -> Status {
    const CommandSubject subject{.action = "apply workspace", .target = "workspace", .touches = "every pipeline that the plan names"};
    const auto outcome = commands_.run(call, request.command(), subject, [&]() -> Result<std::string> {
      PENSTOCK_ASSIGN(const auto applied, workspace_.apply({request.accept_state_loss().begin(), request.accept_state_loss().end()}, call.who, request.command().why()));
      write(applied, response);
      return applied.new_version == 0 ? "nothing to do" : "version " + std::to_string(applied.new_version) + " runs";
    });
    if (!outcome.ok()) return outcome.error();
    return {};
  });
}

grpc::ServerUnaryReactor* WorkspaceService::ListConnections(grpc::CallbackServerContext* context, const v1::ListConnectionsRequest* request,
                                                            v1::ListConnectionsResponse* response) {
  return calls_.unary<v1::ListConnectionsRequest, v1::ListConnectionsResponse>(context, request, response, [this](const auto&, const auto&, auto& response) -> Status {
    for (const auto& connection : connections_.list()) {
      auto& message = *response.add_connections();
      message.set_name(connection.name);
      message.set_kind(connection.kind);
      message.set_endpoint(connection.endpoint);
      for (const auto& stream : connection.used_by) message.add_used_by(stream);
    }
    return {};
  });
}

grpc::ServerUnaryReactor* WorkspaceService::TestConnection(grpc::CallbackServerContext* context, const v1::TestConnectionRequest* request,
                                                           v1::TestConnectionResponse* response) {
  return calls_.unary<v1::TestConnectionRequest, v1::TestConnectionResponse>(context, request, response, [this](const auto&, const auto& request, auto& response) -> Status {
    PENSTOCK_ASSIGN(const auto outcome, connections_.test(request.name()));
    response.set_reached(outcome.reached);
    response.set_message(outcome.message);
    response.set_micros(outcome.took.count());
    return {};
  });
}

}  // namespace penstock::rpc
