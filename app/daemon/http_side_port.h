#pragma once

#include <memory>
#include <string>
#include <thread>

#include "telemetry/registry.h"

namespace httplib {
class Server;
}

namespace penstock {

// Plain HTTP for those who do not speak gRPC: /health answers 200 while the engine lives, /metrics is Prometheus' text format
// (https://prometheus.io/docs/instrumenting/exposition_formats/).
class HttpSidePort {
 public:
  // unavailable: the port is taken.
  static Result<std::unique_ptr<HttpSidePort>> start(const std::string& host, int port, const TelemetryRegistry& registry);
  ~HttpSidePort();
  int port() const { return port_; }

 private:
  HttpSidePort();
  std::unique_ptr<httplib::Server> server_;
  int port_ = 0;
  std::thread thread_;
};

// Gauges and counters of all pipelines and pods.
std::string prometheus_text(const TelemetryChanges& picture);

}  // namespace penstock
