#include "serving/logging.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "rpc/log_messages.h"

namespace penstock {

std::shared_ptr<LogRing> log_as_engine(LogTo to) {
  auto ring = std::make_shared<LogRing>();
  std::vector<spdlog::sink_ptr> sinks{log_ring_sink(ring, "engine")};
  if (to == LogTo::standard_error) sinks.push_back(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  auto logger = std::make_shared<spdlog::logger>("engine", sinks.begin(), sinks.end());
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  return ring;
}

void log_as_pod(const std::string& pod) {
  auto logger = std::make_shared<spdlog::logger>(pod, std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(rpc::kPodLogPattern, spdlog::pattern_time_type::utc));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace penstock
