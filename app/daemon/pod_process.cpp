#include "daemon/pod_process.h"

#include <grpcpp/grpcpp.h>

#include <atomic>

#include "base/log.h"
#include "engine/connectors.h"
#include "engine/runtime_pod_link.h"
#include "rpc/pod_runtime_service.h"
#include "serving/logging.h"

namespace penstock {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookAround = 250ms;      // signals are seen at once

}  // namespace

int run_as_pod(const PodProcessOptions& options, StopSignals& signals) {
  log_as_pod(options.name);
  const ConnectorCatalog connectors = all_connectors(options.state_root);
  std::atomic<bool> shut_down = false, state_failed = false;
  RuntimePodLink pod(connectors, {.pod = options.name, .memory_bytes = options.memory_bytes, .declarations = declarations_of(connectors),
                                  .shut_down = [&] { shut_down = true; },
                                  .state_failed = [&](const std::string& stream, const Error& error) {
                                    log_error("the pod ends, because the state of {} cannot be kept: {}", stream, error.to_string());
                                    state_failed = true;
                                  }});
  rpc::Calls calls({.token = options.token});
  rpc::PodRuntimeService service(calls, pod);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials(), &port);
  builder.SetMaxReceiveMessageSize(-1);     // a redrive carries rows as large as they came
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  if (!server || port == 0) {
    log_error("cannot listen on {}", options.listen);
    return 1;
  }
  log_info("pod {} listens on {}", options.name, options.listen);

  bool must_drain = false;
  while (!shut_down && !must_drain && !state_failed) {
    if (signals.wait(kLookAround)) {
      log_info("asked to end: draining");
      must_drain = true;
    } else if (std::chrono::steady_clock::now() - service.last_watched() > options.orphan_grace) {
      log_warn("no engine has asked for this pod for too long: draining");
      must_drain = true;
    }
  }
  int exit_code = state_failed ? 1 : 0;
  if (must_drain) {
    if (const auto drained = pod.shut_down(true); !drained.ok()) {
      log_error("{}", drained.error().to_string());
      exit_code = 1;
    }
  }
  // Whoever watches gets the last report meanwhile.
  server->Shutdown(std::chrono::system_clock::now() + 1s);
  log_info("pod {} ends", options.name);
  return exit_code;
}

}  // namespace penstock
