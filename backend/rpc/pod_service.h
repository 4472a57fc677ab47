#pragma once

#include "ops/pod_supervisor.h"
#include "penstock/v1/pods.grpc.pb.h"
#include "rpc/calls.h"
#include "rpc/commands.h"

namespace penstock::rpc {

// The processes that run streams. Thread-safe; the parts outlive it.
class PodService final : public v1::PodService::CallbackService {
 public:
  PodService(Calls& calls, Commands& commands, PodSupervisor& supervisor, PodHost& host, const TelemetryRegistry& registry)
      : calls_(calls), commands_(commands), supervisor_(supervisor), host_(host), registry_(registry) {}

  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext*, const v1::ListPodsRequest*, v1::ListPodsResponse*) override;
  grpc::ServerUnaryReactor* PreviewReset(grpc::CallbackServerContext*, const v1::ResetPodRequest*, v1::ResetPreview*) override;
  grpc::ServerWriteReactor<v1::ResetProgress>* Reset(grpc::CallbackServerContext*, const v1::ResetPodRequest*) override;
  grpc::ServerWriteReactor<v1::LogLine>* Logs(grpc::CallbackServerContext*, const v1::PodLogsRequest*) override;

 private:
  Status reset(const CallContext& call, const v1::ResetPodRequest& request, ItemWriter<v1::ResetProgress>& progress);
  Status logs(const CallContext& call, const v1::PodLogsRequest& request, ItemWriter<v1::LogLine>& lines);

  Calls& calls_;
  Commands& commands_;
  PodSupervisor& supervisor_;
  PodHost& host_;
  const TelemetryRegistry& registry_;
};

}  // namespace penstock::rpc
