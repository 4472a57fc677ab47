#include "rpc/activity_service.h"

#include "io/scalar_text.h"
#include "rpc/log_messages.h"
#include "rpc/page.h"

namespace penstock::rpc {

grpc::ServerUnaryReactor* ActivityService::ListAudit(grpc::CallbackServerContext* context, const v1::ListAuditRequest* request,
                                                     v1::ListAuditResponse* response) {
  return calls_.unary<v1::ListAuditRequest, v1::ListAuditResponse>(
      context, request, response, [this](const CallContext&, const auto& request, auto& response) { return list_audit(request, response); });
}

Status ActivityService::list_audit(const v1::ListAuditRequest& request, v1::ListAuditResponse& response) const {
  PENSTOCK_ASSIGN(const auto page, audit_.list(request.text(), offset_of(request.page()), limit_of(request.page())));
  response.set_total(page.total);
  for (const auto& entry : page.entries) {
    auto& message = *response.add_entries();
    message.set_command_id(entry.command_id);
    message.set_who(entry.who);
    message.set_at(entry.at);
    message.set_action(entry.action);
    message.set_target(entry.target);
    message.set_why(entry.why);
    message.set_touches(entry.touches);
    message.set_outcome(utf8_text(entry.outcome));
    message.set_failed(entry.failed);
  }
  return {};
}

grpc::ServerWriteReactor<v1::LogLine>* ActivityService::Logs(grpc::CallbackServerContext* context, const v1::EngineLogsRequest* request) {
  return calls_.stream<v1::EngineLogsRequest, v1::LogLine>(
      context, request, [this](const CallContext& call, const auto& request, auto& lines) { return logs(call, request, lines); });
}

Status ActivityService::logs(const CallContext& call, const v1::EngineLogsRequest& request, ItemWriter<v1::LogLine>& lines) const {
  const LogFilter filter{.text = request.text(), .min_level = request.min_level()};
  const auto send = [&](const std::vector<LogLine>& found) {
    v1::LogLine message;
    for (const auto& line : found) {
      write(line, message);
      if (!lines.write(message)) return false;
    }
    return true;
  };
  // Taken before the tail: a line that comes between the two is then in both, and its number says so.
  const std::uint64_t newest = logs_.newest();
  auto past = logs_.tail(filter, static_cast<std::size_t>(std::max(request.tail(), 0)));
  std::erase_if(past, [&](const LogLine& line) { return request.follow() && line.number > newest; });
  if (!send(past)) return {};
  for (std::uint64_t reached = newest; request.follow() && !call.cancellation.stop_requested();)
    if (!send(logs_.follow(reached, filter, std::chrono::seconds(1), call.cancellation, reached))) break;
  return {};
}

}  // namespace penstock::rpc
