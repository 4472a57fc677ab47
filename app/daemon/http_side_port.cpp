#include "daemon/http_side_port.h"

#include <httplib.h>

#include <array>
#include <functional>

namespace penstock {
namespace {

std::string label_value(const std::string& text) {
  std::string escaped;
  for (const char letter : text) {
    if (letter == '\\' || letter == '"') escaped += '\\';
    letter == '\n' ? escaped += "\\n" : escaped += letter;
  }
  return escaped;
}

template <typename Item>
struct Metric {
  const char* name;
  const char* type;
  const char* help;
  std::function<double(const Item&)> value;
};

template <typename Item, typename Metrics>
void append(std::string& text, const char* label, const std::vector<Item>& items, const Metrics& metrics) {
  for (const Metric<Item>& metric : metrics) {
    text += std::string("# HELP ") + metric.name + " " + metric.help + "\n# TYPE " + metric.name + " " + metric.type + "\n";
    for (const auto& item : items)
      text += std::string(metric.name) + "{" + label + "=\"" + label_value(item.name) + "\"} " + std::to_string(metric.value(item)) + "\n";
  }
}

const std::array kPipelineMetrics{
    Metric<PipelineState>{"penstock_pipeline_up", "gauge", "1 while the pipeline runs or catches up.",
                          [](const PipelineState& p) { return p.status == PipelineStatus::running || p.status == PipelineStatus::catching_up ? 1.0 : 0.0; }},
    Metric<PipelineState>{"penstock_pipeline_rows_total", "counter", "Rows taken from the sources.", [](const PipelineState& p) { return double(p.rows.in); }},
    Metric<PipelineState>{"penstock_pipeline_landed_rows_total", "counter", "Rows that reached the end of the first landed path.",
                          [](const PipelineState& p) { return double(p.rows.landed); }},
    Metric<PipelineState>{"penstock_pipeline_quarantined_rows_total", "counter", "Rows in quarantine.", [](const PipelineState& p) { return double(p.rows.quarantined); }},
    Metric<PipelineState>{"penstock_pipeline_dead_rows_total", "counter", "Rows in dead letters.", [](const PipelineState& p) { return double(p.rows.dead); }},
    Metric<PipelineState>{"penstock_pipeline_behind_rows", "gauge", "Rows between the last epoch and the sources' heads; -1: unknown.",
                          [](const PipelineState& p) { return double(p.behind_rows); }},
    Metric<PipelineState>{"penstock_pipeline_queryable_p99_seconds", "gauge", "Source event to queryable here, last minute.",
                          [](const PipelineState& p) { return double(p.queryable.p99) / 1e6; }},
    Metric<PipelineState>{"penstock_pipeline_visible_p99_seconds", "gauge", "Source event to visible in Delta, last minute.",
                          [](const PipelineState& p) { return double(p.visible.p99) / 1e6; }},
};

const std::array kPodMetrics{
    Metric<PodState>{"penstock_pod_cpu_percent", "gauge", "Of one core.", [](const PodState& p) { return p.cpu_percent; }},
    Metric<PodState>{"penstock_pod_memory_bytes", "gauge", "Resident memory.", [](const PodState& p) { return double(p.memory_bytes); }},
    Metric<PodState>{"penstock_pod_restarts_total", "counter", "Times the pod was started again.", [](const PodState& p) { return double(p.restarts); }},
};

}  // namespace

std::string prometheus_text(const TelemetryChanges& picture) {
  std::string text;
  append(text, "pipeline", picture.pipelines, kPipelineMetrics);
  append(text, "pod", picture.pods, kPodMetrics);
  return text;
}

HttpSidePort::HttpSidePort() : server_(std::make_unique<httplib::Server>()) {}

Result<std::unique_ptr<HttpSidePort>> HttpSidePort::start(const std::string& host, int port, const TelemetryRegistry& registry) {
  std::unique_ptr<HttpSidePort> side(new HttpSidePort);
  side->server_->Get("/health", [](const httplib::Request&, httplib::Response& response) { response.set_content("ok\n", "text/plain"); });
  side->server_->Get("/metrics", [&registry](const httplib::Request&, httplib::Response& response) {
    response.set_content(prometheus_text(registry.full()), "text/plain; version=0.0.4");
  });
#ifndef _WIN32
  // No SO_REUSEPORT, which httplib would set: two engines would answer in turns at one port, and neither know.
  side->server_->set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
#endif
  side->port_ = port == 0 ? side->server_->bind_to_any_port(host) : (side->server_->bind_to_port(host, port) ? port : -1);
  if (side->port_ < 0) return Error(ErrorKind::unavailable, "cannot listen on " + host + ":" + std::to_string(port), "is the port taken?");
  side->thread_ = std::thread([server = side->server_.get()] { server->listen_after_bind(); });
  while (!side->server_->is_running()) std::this_thread::yield();      // else a stop() would come before there is anything to stop
  return side;
}

HttpSidePort::~HttpSidePort() {
  if (!thread_.joinable()) return;
  server_->stop();
  thread_.join();
}

}  // namespace penstock
