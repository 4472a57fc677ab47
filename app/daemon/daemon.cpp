#include "daemon/daemon.h"

#include <cstdio>

#include "base/log.h"
#include "daemon/http_side_port.h"
#include "rpc/pod_client.h"
#include "secrets/secret_provider.h"
#include "serving/engine_server.h"
#include "serving/logging.h"
#include "serving/program_folder.h"

namespace penstock {
namespace {

Result<std::unique_ptr<EngineServer>> start_engine(const DaemonOptions& options, std::shared_ptr<LogRing> logs) {
  ServeOptions serve{.listen = options.listen};
  if (!options.token_file.empty()) {
    PENSTOCK_ASSIGN(serve.token, secret_from_file(options.token_file));
  }
  return EngineServer::start({.workspace_root = options.workspace, .environment = options.environment, .penstockd = penstockd_beside_this(),
                              .connect = rpc::connect_to_pod, .logs = std::move(logs)},
                             serve);
}

int fail(const Error& error) {
  log_error("{}", error.to_string());
  return 1;
}

}  // namespace

int run_daemon(const DaemonOptions& options, StopSignals& signals) {
  auto server = start_engine(options, log_as_engine(LogTo::standard_error));
  if (!server.ok()) return fail(server.error());
  std::unique_ptr<HttpSidePort> http;
  if (options.http_port >= 0) {
    auto started = HttpSidePort::start("127.0.0.1", options.http_port, (*server)->engine().registry());
    if (!started.ok()) return fail(started.error());
    http = std::move(started).value();
    log_info("health and metrics on http://127.0.0.1:{}", http->port());
  }
  // Scripts wait for this line.
  std::printf("penstockd listens on %s\n", (*server)->address().c_str());
  std::fflush(stdout);
  while (!signals.wait(std::chrono::seconds(3600))) {
  }
  log_info(options.detach_pods ? "asked to end: pods go on" : "asked to end: draining");
  http.reset();
  (*server)->stop(options.detach_pods ? OnClose::keep_running : OnClose::drain);
  return 0;
}

}  // namespace penstock
