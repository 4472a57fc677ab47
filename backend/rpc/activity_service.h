#pragma once

#include "penstock/v1/activity.grpc.pb.h"
#include "rpc/calls.h"
#include "store/audit_log.h"
#include "telemetry/log_ring.h"

namespace penstock::rpc {

// Who did what, and what the engine said. Thread-safe; the parts outlive it.
class ActivityService final : public v1::ActivityService::CallbackService {
 public:
  ActivityService(Calls& calls, const AuditLog& audit, const LogRing& logs) : calls_(calls), audit_(audit), logs_(logs) {}

  grpc::ServerUnaryReactor* ListAudit(grpc::CallbackServerContext* context, const v1::ListAuditRequest* request,
                                      v1::ListAuditResponse* response) override;
  grpc::ServerWriteReactor<v1::LogLine>* Logs(grpc::CallbackServerContext* context, const v1::EngineLogsRequest* request) override;

 private:
  Status list_audit(const v1::ListAuditRequest& request, v1::ListAuditResponse& response) const;
  Status logs(const CallContext& call, const v1::EngineLogsRequest& request, ItemWriter<v1::LogLine>& lines) const;

  Calls& calls_;
  const AuditLog& audit_;
  const LogRing& logs_;
};

}  // namespace penstock::rpc
