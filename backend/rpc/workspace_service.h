#pragma once

#include "engine/connection_tests.h"
#include "engine/workspace_control.h"
#include "penstock/v1/workspace.grpc.pb.h"
#include "rpc/calls.h"
#include "rpc/commands.h"

namespace penstock::rpc {

// The folder of pipelines that this engine holds. Thread-safe; the parts outlive it.
class WorkspaceService final : public v1::WorkspaceService::CallbackService {
 public:
  struct Parts {
    Calls& calls;
    Commands& commands;
    WorkspaceControl& workspace;
    const AppliedWorkspace& applied;
    const ConnectionTests& connections;
    const ConnectorCatalog& connectors;
    std::string state_root;
  };
  explicit WorkspaceService(Parts parts)
      : calls_(parts.calls), commands_(parts.commands), workspace_(parts.workspace), applied_(parts.applied), connections_(parts.connections),
        connectors_(parts.connectors), state_root_(std::move(parts.state_root)) {}

  grpc::ServerUnaryReactor* Validate(grpc::CallbackServerContext*, const v1::ValidateRequest*, v1::ValidateResponse*) override;
  grpc::ServerUnaryReactor* Plan(grpc::CallbackServerContext*, const v1::PlanRequest*, v1::PlanResponse*) override;
  grpc::ServerUnaryReactor* Apply(grpc::CallbackServerContext*, const v1::ApplyRequest*, v1::PlanResponse*) override;
  grpc::ServerWriteReactor<v1::TestResult>* RunTests(grpc::CallbackServerContext*, const v1::RunTestsRequest*) override;
  grpc::ServerUnaryReactor* ListConnections(grpc::CallbackServerContext*, const v1::ListConnectionsRequest*, v1::ListConnectionsResponse*) override;
  grpc::ServerUnaryReactor* ListContracts(grpc::CallbackServerContext*, const v1::ListContractsRequest*, v1::ListContractsResponse*) override;
  grpc::ServerUnaryReactor* TestConnection(grpc::CallbackServerContext*, const v1::TestConnectionRequest*, v1::TestConnectionResponse*) override;

 private:
  Status run_tests(const CallContext& call, const v1::RunTestsRequest& request, ItemWriter<v1::TestResult>& results) const;

  Calls& calls_;
  Commands& commands_;
  WorkspaceControl& workspace_;
  const AppliedWorkspace& applied_;
  const ConnectionTests& connections_;
  const ConnectorCatalog& connectors_;
  const std::string state_root_;
};

}  // namespace penstock::rpc
