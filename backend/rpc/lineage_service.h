#pragma once

#include "engine/column_lineage.h"
#include "engine/model_versions.h"
#include "penstock/v1/lineage.grpc.pb.h"
#include "rpc/calls.h"

namespace penstock::rpc {

// The graph of what is applied, and its columns. Thread-safe; the parts outlive it.
class LineageService final : public v1::LineageService::CallbackService {
 public:
  LineageService(Calls& calls, const AppliedWorkspace& applied, ColumnLineage& columns) : calls_(calls), applied_(applied), columns_(columns) {}
  grpc::ServerUnaryReactor* GetGraph(grpc::CallbackServerContext*, const v1::GetGraphRequest*, v1::LineageGraph*) override;
  grpc::ServerUnaryReactor* TraceColumns(grpc::CallbackServerContext*, const v1::TraceColumnsRequest*, v1::ColumnTrace*) override;

 private:
  Calls& calls_;
  const AppliedWorkspace& applied_;
  ColumnLineage& columns_;
  ModelVersions models_;
};

}  // namespace penstock::rpc
