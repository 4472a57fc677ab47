#pragma once

#include "engine/applied_workspace.h"
#include "engine/model_versions.h"
#include "penstock/v1/lineage.grpc.pb.h"
#include "rpc/calls.h"

namespace penstock::rpc {

// The graph of what is applied. Thread-safe; the workspace outlives it.
class LineageService final : public v1::LineageService::CallbackService {
 public:
  LineageService(Calls& calls, const AppliedWorkspace& applied) : calls_(calls), applied_(applied) {}
  grpc::ServerUnaryReactor* GetGraph(grpc::CallbackServerContext*, const v1::GetGraphRequest*, v1::LineageGraph*) override;

 private:
  Calls& calls_;
  const AppliedWorkspace& applied_;
  ModelVersions models_;
};

}  // namespace penstock::rpc
