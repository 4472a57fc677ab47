#include "support/fake_engine.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "support/fake_services.h"
#include "support/fake_world.h"

namespace penstock::test {

grpc::Status failure(grpc::StatusCode code, grpc::ServerContextBase& context, const std::string& kind,
                     const std::string& message, const std::string& action) {
  v1::ErrorDetail detail;
  detail.set_kind(kind);
  detail.set_message(message);
  detail.set_action(action);
  context.AddTrailingMetadata("penstock-error-bin", detail.SerializeAsString());
  return {code, message};
}

grpc::Status admit(FakeWorld& world, grpc::ServerContext& context, const std::string& method) {
  std::unique_lock lock(world.mutex);
  if (!world.options.token.empty()) {
    const auto& metadata = context.client_metadata();
    const auto sent = metadata.find("authorization");
    if (sent == metadata.end() || std::string(sent->second.data(), sent->second.size()) != "Bearer " + world.options.token) {
      return failure(grpc::StatusCode::UNAUTHENTICATED, context, "unauthenticated", "the token is not known here", "give another token");
    }
  }
  while (world.stalled && !world.stopping && !context.IsCancelled()) {
    world.changed.wait_for(lock, std::chrono::milliseconds(50));
  }
  const auto refusal = world.refusals.find(method);
  if (refusal == world.refusals.end()) return grpc::Status::OK;
  const FakeWorld::Refusal ordered = refusal->second;
  world.refusals.erase(refusal);
  const auto code = ordered.kind == "unavailable"        ? grpc::StatusCode::UNAVAILABLE
                    : ordered.kind == "invalid_argument" ? grpc::StatusCode::INVALID_ARGUMENT
                                                         : grpc::StatusCode::FAILED_PRECONDITION;
  return failure(code, context, ordered.kind, ordered.message, ordered.action);
}

bool wait_for_change(FakeWorld& world, std::unique_lock<std::mutex>& lock, grpc::ServerContext& context) {
  world.changed.wait_for(lock, std::chrono::milliseconds(100));
  return !world.stopping && !context.IsCancelled();
}

struct FakeEngine::Parts {
  explicit Parts(const FakeEngineOptions& options) : world(options), services(make_services(world)) {}

  void start() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::InsecureServerCredentials(), &port);
    for (auto& service : services) builder.RegisterService(service.get());
    server = builder.BuildAndStart();
  }
  void stop() {
    if (server) server->Shutdown(std::chrono::system_clock::now());
    server.reset();
  }

  FakeWorld world;
  std::vector<std::unique_ptr<grpc::Service>> services;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

FakeEngine::FakeEngine(FakeEngineOptions options) : parts_(std::make_unique<Parts>(options)) { parts_->start(); }

FakeEngine::~FakeEngine() {
  {
    const std::lock_guard lock(parts_->world.mutex);
    parts_->world.stopping = true;
  }
  parts_->world.changed.notify_all();
  parts_->stop();
}

std::string FakeEngine::address() const { return "127.0.0.1:" + std::to_string(parts_->port); }

std::shared_ptr<grpc::Channel> FakeEngine::in_process_channel() { return parts_->server->InProcessChannel({}); }

void FakeEngine::stall(bool stalled) {
  const std::lock_guard lock(parts_->world.mutex);
  parts_->world.stalled = stalled;
  parts_->world.changed.notify_all();
}

void FakeEngine::lag(std::chrono::milliseconds by) {
  const std::lock_guard lock(parts_->world.mutex);
  parts_->world.lag_micros = std::chrono::microseconds(by).count();
}

void FakeEngine::die() { parts_->stop(); }
void FakeEngine::come_back() { parts_->start(); }

void FakeEngine::fail_next(const std::string& method, const std::string& kind, const std::string& message,
                           const std::string& action) {
  const std::lock_guard lock(parts_->world.mutex);
  parts_->world.refusals[method] = {kind, message, action};
}

void FakeEngine::set_rows_per_second(const std::string& pipeline, double rows_per_second) {
  const std::lock_guard lock(parts_->world.mutex);
  parts_->world.pipelines[pipeline].set_rows_per_second(rows_per_second);
  parts_->world.touch("pipeline/" + pipeline);
  parts_->world.publish();
}

void FakeEngine::set_behind_rows(const std::string& pipeline, std::int64_t rows) {
  const std::lock_guard lock(parts_->world.mutex);
  parts_->world.pipelines[pipeline].set_behind_rows(rows);
  parts_->world.touch("pipeline/" + pipeline);
  parts_->world.publish();
}

void FakeEngine::set_first_missing_store(int store) {
  const std::lock_guard lock(parts_->world.mutex);
  parts_->world.first_missing_store = store;
}

void FakeEngine::break_pod(const std::string& pod) {
  const std::lock_guard lock(parts_->world.mutex);
  parts_->world.break_pod(pod);
  parts_->world.publish();
}

void FakeEngine::break_sink(const std::string& pipeline, const std::string& circuit) {
  const std::lock_guard lock(parts_->world.mutex);
  parts_->world.break_sink(pipeline, circuit);
  parts_->world.publish();
}

void FakeEngine::set_relaxed_durability(const std::string& pipeline) {
  const std::lock_guard lock(parts_->world.mutex);
  parts_->world.pipelines[pipeline].set_relaxed_durability(true);
  parts_->world.touch("pipeline/" + pipeline);
  parts_->world.publish();
}

void FakeEngine::set_safe(bool safe) {
  const std::lock_guard lock(parts_->world.mutex);
  parts_->world.safe = safe;
}

void FakeEngine::flood_logs(bool flood) {
  const std::lock_guard lock(parts_->world.mutex);
  parts_->world.flood = flood;
}

std::vector<std::string> FakeEngine::commands() const {
  const std::lock_guard lock(parts_->world.mutex);
  return parts_->world.commands;
}

}  // namespace penstock::test
