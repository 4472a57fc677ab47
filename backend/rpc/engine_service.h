#pragma once

#include <functional>

#include "penstock/v1/engine.grpc.pb.h"
#include "rpc/calls.h"

namespace penstock::rpc {

// Which engine this is. Thread-safe.
class EngineService final : public v1::EngineService::CallbackService {
 public:
  // `describe` is called for each GetInfo: the applied version changes.
  EngineService(Calls& calls, std::function<v1::EngineInfo()> describe) : calls_(calls), describe_(std::move(describe)) {}

  grpc::ServerUnaryReactor* GetInfo(grpc::CallbackServerContext* context, const v1::GetInfoRequest* request, v1::EngineInfo* response) override {
    return calls_.unary<v1::GetInfoRequest, v1::EngineInfo>(context, request, response, [this](const auto&, const auto&, auto& response) -> Status {
      response = describe_();
      return {};
    });
  }

 private:
  Calls& calls_;
  const std::function<v1::EngineInfo()> describe_;
};

}  // namespace penstock::rpc
