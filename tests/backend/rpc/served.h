#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <vector>

namespace penstock::rpc {

// Services on a server of their own, reached in-process.
class Served {
 public:
  explicit Served(const std::vector<grpc::Service*>& services) {
    grpc::ServerBuilder builder;
    for (auto* service : services) builder.RegisterService(service);
    server_ = builder.BuildAndStart();
  }
  ~Served() { server_->Shutdown(std::chrono::system_clock::now()); }
  std::shared_ptr<grpc::Channel> channel() const { return server_->InProcessChannel({}); }

 private:
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace penstock::rpc
