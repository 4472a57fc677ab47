#pragma once

#include "engine/replays.h"
#include "penstock/v1/replay.grpc.pb.h"
#include "rpc/calls.h"
#include "rpc/commands.h"

namespace penstock::rpc {

// Ranges again, and rejected rows again. Thread-safe; the parts outlive it.
class ReplayService final : public v1::ReplayService::CallbackService {
 public:
  ReplayService(Calls& calls, Commands& commands, Replays& replays, const RejectedIndex& rejected, const TelemetryRegistry& registry)
      : calls_(calls), commands_(commands), replays_(replays), rejected_(rejected), registry_(registry) {}

  grpc::ServerUnaryReactor* PreviewReplay(grpc::CallbackServerContext*, const v1::ReplayRequest*, v1::ReplayPreview*) override;
  grpc::ServerUnaryReactor* StartReplay(grpc::CallbackServerContext*, const v1::ReplayRequest*, v1::ReplayState*) override;
  grpc::ServerUnaryReactor* PreviewRedrive(grpc::CallbackServerContext*, const v1::RedriveRequest*, v1::ReplayPreview*) override;
  grpc::ServerUnaryReactor* Redrive(grpc::CallbackServerContext*, const v1::RedriveRequest*, v1::ReplayState*) override;
  grpc::ServerUnaryReactor* Discard(grpc::CallbackServerContext*, const v1::RedriveRequest*, v1::CommandOutcome*) override;
  grpc::ServerUnaryReactor* Pause(grpc::CallbackServerContext*, const v1::ReplayCommand*, v1::CommandOutcome*) override;
  grpc::ServerUnaryReactor* Resume(grpc::CallbackServerContext*, const v1::ReplayCommand*, v1::CommandOutcome*) override;
  grpc::ServerUnaryReactor* Cancel(grpc::CallbackServerContext*, const v1::ReplayCommand*, v1::CommandOutcome*) override;
  grpc::ServerUnaryReactor* SetRate(grpc::CallbackServerContext*, const v1::ReplayCommand*, v1::CommandOutcome*) override;
  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext*, const v1::ListReplaysRequest*, v1::ListReplaysResponse*) override;

 private:
  grpc::ServerUnaryReactor* steer(grpc::CallbackServerContext* context, const v1::ReplayCommand* request, v1::CommandOutcome* response, const char* action);
  // Runs what starts a replay as a command, and gives its state; that of the first time when the command had run before.
  Status start(const CallContext& call, const v1::Command& command, const CommandSubject& subject,
               const std::function<Result<ReplayState>(const Request&)>& work, v1::ReplayState& response) const;

  Calls& calls_;
  Commands& commands_;
  Replays& replays_;
  const RejectedIndex& rejected_;
  const TelemetryRegistry& registry_;
};

}  // namespace penstock::rpc
