// penstockd: an engine with no display, and what runs as a pod.

#include <CLI/CLI.hpp>

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "base/settings.h"
#include "daemon/daemon.h"
#include "daemon/pod_process.h"
#include "serving/version.h"

namespace {

std::string check_duration(const std::string& text) {
  const auto parsed = penstock::parse_duration(text);
  return parsed.ok() ? "" : parsed.error().message;
}

// A pod has a hundred threads that mostly wait: with an arena for every few of them, memory that one has freed is of no
// use to the next.
void share_memory_between_threads() {
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, 2);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  share_memory_between_threads();
  penstock::StopSignals signals;
  penstock::DaemonOptions daemon;
  penstock::PodProcessOptions pod;
  std::string orphan_grace = "15m";

  CLI::App app("penstockd runs the pipelines of one workspace, and answers on a gRPC port.");
  app.footer("Examples:\n  penstockd --workspace retail\n  penstockd --workspace retail --env prod --listen 0.0.0.0:7433 --token-file /etc/penstock/token --http 9464");
  app.set_version_flag("--version", std::string("penstockd ") + penstock::kVersion);
  auto* workspace = app.add_option("--workspace", daemon.workspace, "folder of the workspace");
  app.add_option("--env", daemon.environment, "environment of penstock.yaml");
  auto* listen = app.add_option("--listen", daemon.listen, "HOST:PORT; port 0 takes a free one")->capture_default_str();
  app.add_option("--token-file", daemon.token_file, "file with the token that clients must show (default: one of this run, in the workspace's lock)");
  app.add_option("--http", daemon.http_port, "port for /health and /metrics on 127.0.0.1; 0 takes a free one")->check(CLI::Range(0, 65'535));
  app.add_flag("--keep-pods", daemon.detach_pods, "on SIGTERM leave the pods running for the next engine, instead of draining them");
  auto* pod_option = app.add_option("--pod", pod.name, "run as this pod (started by an engine)")->group("Pod")->excludes(workspace);
  app.add_option("--state-root", pod.state_root, "where the pod's streams keep their state")->group("Pod")->needs(pod_option);
  app.add_option("--memory", pod.memory_bytes, "bytes that the pod may use")->group("Pod")->needs(pod_option)->capture_default_str();
  app.add_option("--orphan-grace", orphan_grace, "drain and end when no engine was there for so long")->group("Pod")->check(check_duration)->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  if (!pod.name.empty()) {
    if (listen->count() == 0 || pod.state_root.empty()) {
      std::fprintf(stderr, "penstockd: --pod needs --listen and --state-root\n");
      return 2;
    }
    pod.listen = daemon.listen;
    // Not an argument: those are seen by every user of the machine.
    if (const char* token = std::getenv("PENSTOCK_POD_TOKEN")) pod.token = token;
    pod.orphan_grace = *penstock::parse_duration(orphan_grace);
    return penstock::run_as_pod(pod, signals);
  }
  if (daemon.workspace.empty()) {
    std::fprintf(stderr, "penstockd: --workspace is required\n");
    return 2;
  }
  return penstock::run_daemon(daemon, signals);
}
