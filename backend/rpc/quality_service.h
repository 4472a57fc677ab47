#pragma once

#include "engine/applied_workspace.h"
#include "engine/query_tables.h"
#include "engine/seeds.h"
#include "penstock/v1/quality.grpc.pb.h"
#include "quality/diagnosis.h"
#include "quality/mutes.h"
#include "rpc/calls.h"
#include "rpc/commands.h"
#include "store/rejected_index.h"
#include "telemetry/registry.h"

namespace penstock::rpc {

// Rows that were rejected, why, and what would help. Thread-safe; the parts outlive it.
class QualityService final : public v1::QualityService::CallbackService {
 public:
  struct Parts {
    Calls& calls;
    Commands& commands;
    const AppliedWorkspace& applied;
    Mutes& mutes;
    const TelemetryRegistry& registry;
    const RejectedIndex& rejected;
    QueryTables& tables;
    Seeds& seeds;
  };
  explicit QualityService(Parts parts) : parts_(parts), queries_(parts.tables) {}

  grpc::ServerUnaryReactor* ListExpectations(grpc::CallbackServerContext*, const v1::ListExpectationsRequest*, v1::ListExpectationsResponse*) override;
  grpc::ServerUnaryReactor* ListRejected(grpc::CallbackServerContext*, const v1::ListRejectedRequest*, v1::ListRejectedResponse*) override;
  grpc::ServerUnaryReactor* GetRejected(grpc::CallbackServerContext*, const v1::GetRejectedRequest*, v1::RejectedJourney*) override;
  grpc::ServerUnaryReactor* Diagnose(grpc::CallbackServerContext*, const v1::DiagnoseRequest*, v1::Diagnosis*) override;
  grpc::ServerUnaryReactor* ReadSeed(grpc::CallbackServerContext*, const v1::ReadSeedRequest*, v1::Seed*) override;
  grpc::ServerUnaryReactor* WriteSeed(grpc::CallbackServerContext*, const v1::WriteSeedRequest*, v1::CommandOutcome*) override;
  grpc::ServerUnaryReactor* Mute(grpc::CallbackServerContext*, const v1::MuteRequest*, v1::CommandOutcome*) override;
  grpc::ServerUnaryReactor* Unmute(grpc::CallbackServerContext*, const v1::MuteRequest*, v1::CommandOutcome*) override;

 private:
  Status list_rejected(const v1::ListRejectedRequest& request, v1::ListRejectedResponse& response) const;
  Status get_rejected(const v1::GetRejectedRequest& request, v1::RejectedJourney& response) const;
  Status diagnose(const v1::DiagnoseRequest& request, v1::Diagnosis& response) const;
  SchemaPtr schema_at(const RejectedRow& row) const;
  Result<std::set<std::string>> keys_of(const SeedLookup& lookup) const;

  const Parts parts_;
  const QueryEngine queries_;
};

}  // namespace penstock::rpc
