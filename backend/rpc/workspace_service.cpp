#include "rpc/workspace_service.h"

#include "engine/contract_versions.h"
#include "engine/workspace_tests.h"
#include "io/scalar_text.h"
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

grpc::ServerWriteReactor<v1::TestResult>* WorkspaceService::RunTests(grpc::CallbackServerContext* context, const v1::RunTestsRequest* request) {
  return calls_.stream<v1::RunTestsRequest, v1::TestResult>(
      context, request, [this](const CallContext& call, const auto& request, auto& results) { return run_tests(call, request, results); });
}

// The tests of the folder as it stands, so that a change is tested before it is applied.
Status WorkspaceService::run_tests(const CallContext& call, const v1::RunTestsRequest& request, ItemWriter<v1::TestResult>& results) const {
  const CheckedWorkspace checked = workspace_.check();
  if (!checked.problems.empty())
    return Error(ErrorKind::failed_precondition, "the workspace has problems, the first: " + checked.problems.front().to_string(), "penstockctl validate lists all");
  bool found = request.name().empty();
  for (const auto& test : checked.workspace.tests) {
    if (!request.name().empty() && test.name != request.name()) continue;
    found = true;
    const TestOutcome outcome = run_workspace_test(checked.workspace, test, connectors_);
    v1::TestResult message;
    message.set_name(outcome.name);
    message.set_passed(outcome.passed);
    message.set_detail(utf8_text(outcome.detail));
    message.set_where(outcome.where);
    if (call.cancellation.stop_requested() || !results.write(message)) return {};
  }
  if (!found) return Error(ErrorKind::not_found, "no test is called '" + request.name() + "'", {}, request.name());
  return {};
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
    response.set_message(utf8_text(outcome.message));
    response.set_micros(outcome.took.count());
    return {};
  });
}

grpc::ServerUnaryReactor* WorkspaceService::ListContracts(grpc::CallbackServerContext* context, const v1::ListContractsRequest* request,
                                                          v1::ListContractsResponse* response) {
  return calls_.unary<v1::ListContractsRequest, v1::ListContractsResponse>(context, request, response, [this](const auto&, const auto& request, auto& response) -> Status {
    PENSTOCK_ASSIGN(const auto sources, contract_versions(*applied_.current()->workspace, state_root_, request.pipeline(), connectors_));
    for (const SourceContracts& source : sources) write(source, *response.add_sources());
    return {};
  });
}

}  // namespace penstock::rpc
