#pragma once

#include "penstock/v1/telemetry.grpc.pb.h"
#include "rpc/calls.h"
#include "store/history.h"
#include "telemetry/registry.h"

namespace penstock::rpc {

// Live telemetry as resumable deltas, and series of the recent past. Thread-safe; the parts outlive it.
class TelemetryService final : public v1::TelemetryService::CallbackService {
 public:
  // `engine_id`: of this run; a client that resumes with another one gets the full picture.
  TelemetryService(Calls& calls, std::string engine_id, const TelemetryRegistry& registry, const History& history)
      : calls_(calls), engine_id_(std::move(engine_id)), registry_(registry), history_(history) {}

  grpc::ServerWriteReactor<v1::TelemetryUpdate>* Watch(grpc::CallbackServerContext* context, const v1::WatchRequest* request) override;
  grpc::ServerUnaryReactor* GetSeries(grpc::CallbackServerContext* context, const v1::GetSeriesRequest* request,
                                      v1::GetSeriesResponse* response) override;

 private:
  Status watch(const CallContext& call, const v1::WatchRequest& request, ItemWriter<v1::TelemetryUpdate>& updates) const;
  Status get_series(const v1::GetSeriesRequest& request, v1::GetSeriesResponse& response) const;

  Calls& calls_;
  const std::string engine_id_;
  const TelemetryRegistry& registry_;
  const History& history_;
};

}  // namespace penstock::rpc
