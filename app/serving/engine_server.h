#pragma once

// An engine with its services: on a port of this machine, and in this process for who embeds it.

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "engine/engine.h"

namespace penstock {

struct ServeOptions {
  std::string listen = "127.0.0.1:0";   // HOST:PORT, 0: any free port; empty: only in this process
  std::string token;                    // callers over the network must show it; empty: a random one
};

// Thread-safe after start().
class EngineServer {
 public:
  // Opens the engine, serves it and publishes its address and token in the workspace's lock. Errors: those of
  // Engine::open; unavailable when the port is taken.
  static Result<std::unique_ptr<EngineServer>> start(EngineOptions engine, const ServeOptions& options);
  ~EngineServer();                      // as stop(keep_running)

  // Once: ends all calls, then closes the engine.
  void stop(OnClose on_close);

  Engine& engine() { return *engine_; }
  const std::string& address() const { return address_; }   // "127.0.0.1:40123"; empty when only in this process
  const std::string& token() const { return token_; }
  // Needs no token.
  std::shared_ptr<grpc::Channel> in_process_channel();

 private:
  struct Services;
  explicit EngineServer(std::unique_ptr<Engine> engine, std::string token);
  Status listen(const std::string& address);

  std::unique_ptr<Engine> engine_;
  const std::string token_;
  std::string address_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace penstock
