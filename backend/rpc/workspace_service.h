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
  WorkspaceService(Calls& calls, Commands& commands, WorkspaceControl& workspace, const ConnectionTests& connections,
                   const ConnectorCatalog& connectors)
      : calls_(calls), commands_(commands), workspace_(workspace), connections_(connections), connectors_(connectors) {}

  grpc::ServerUnaryReactor* Validate(grpc::CallbackServerContext*, const v1::ValidateRequest*, v1::ValidateResponse*) override;
  grpc::ServerUnaryReactor* Plan(grpc::CallbackServerContext*, const v1::PlanRequest*, v1::PlanResponse*) override;
  grpc::ServerUnaryReactor* Apply(grpc::CallbackServerContext*, const v1::ApplyRequest*, v1::PlanResponse*) override;
  grpc::ServerWriteReactor<v1::TestResult>* RunTests(grpc::CallbackServerContext*, const v1::RunTestsRequest*) override;
  grpc::ServerUnaryReactor* ListConnections(grpc::CallbackServerContext*, const v1::ListConnectionsRequest*, v1::ListConnectionsResponse*) override;
  grpc::ServerUnaryReactor* TestConnection(grpc::CallbackServerContext*, const v1::TestConnectionRequest*, v1::TestConnectionResponse*) override;

 private:
  Status run_tests(const CallContext& call, const v1::RunTestsRequest& request, ItemWriter<v1::TestResult>& results) const;

  Calls& calls_;
  Commands& commands_;
  WorkspaceControl& workspace_;
  const ConnectionTests& connections_;
  const ConnectorCatalog& connectors_;
};

}  // namespace penstock::rpc
