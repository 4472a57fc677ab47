#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "ops/pod_link.h"
#include "penstock/pod/v1/pod.grpc.pb.h"
#include "rpc/calls.h"

namespace penstock::rpc {

// The server side of penstock.pod.v1, in the pod's process: whatever stands behind a PodLink, for the engine that
// connects, and for the next one that adopts this pod. Thread-safe; the link outlives it.
class PodRuntimeService final : public pod::v1::PodService::CallbackService {
 public:
  PodRuntimeService(Calls& calls, PodLink& link);

  // When an engine last watched this pod: now, while one does. A pod whose engine died drains after a while.
  std::chrono::steady_clock::time_point last_watched() const;

  grpc::ServerUnaryReactor* GetInfo(grpc::CallbackServerContext*, const pod::v1::GetInfoRequest*, pod::v1::PodInfo*) override;
  grpc::ServerUnaryReactor* Start(grpc::CallbackServerContext*, const pod::v1::StartRequest*, pod::v1::StartResponse*) override;
  grpc::ServerUnaryReactor* Prepare(grpc::CallbackServerContext*, const pod::v1::StartRequest*, pod::v1::StartResponse*) override;
  grpc::ServerUnaryReactor* Stop(grpc::CallbackServerContext*, const pod::v1::StopRequest*, pod::v1::StopResponse*) override;
  grpc::ServerWriteReactor<pod::v1::Report>* Watch(grpc::CallbackServerContext*, const pod::v1::WatchRequest*) override;
  grpc::ServerWriteReactor<pod::v1::TailChunk>* ReadTail(grpc::CallbackServerContext*, const pod::v1::ReadTailRequest*) override;
  grpc::ServerUnaryReactor* StartReplay(grpc::CallbackServerContext*, const pod::v1::StartReplayRequest*, pod::v1::StartReplayResponse*) override;
  grpc::ServerUnaryReactor* ControlReplay(grpc::CallbackServerContext*, const pod::v1::ControlReplayRequest*, pod::v1::StartReplayResponse*) override;
  grpc::ServerUnaryReactor* Redrive(grpc::CallbackServerContext*, const pod::v1::RedriveRequest*, pod::v1::RedriveResponse*) override;
  grpc::ServerUnaryReactor* Shutdown(grpc::CallbackServerContext*, const pod::v1::ShutdownRequest*, pod::v1::ShutdownResponse*) override;

 private:
  // What the link last reported; shared with the link's callback, which may outlive this service.
  struct Reports {
    void keep(const PodReport& report);

    // Protected by mutex.
    std::mutex mutex;
    std::condition_variable_any arrived;
    std::shared_ptr<const pod::v1::Report> newest;
    std::uint64_t count = 0;
  };

  Status watch(const CallContext& call, ItemWriter<pod::v1::Report>& reports);
  void count_watcher(int change);
  Status read_tail(const pod::v1::ReadTailRequest& request, ItemWriter<pod::v1::TailChunk>& chunks);

  Calls& calls_;
  PodLink& link_;

  const std::shared_ptr<Reports> reports_ = std::make_shared<Reports>();

  // Protected by mutex_.
  mutable std::mutex mutex_;
  int watchers_ = 0;
  std::chrono::steady_clock::time_point last_watched_ = std::chrono::steady_clock::now();
};

}  // namespace penstock::rpc
