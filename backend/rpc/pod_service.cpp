#include "rpc/pod_service.h"

#include <algorithm>

#include "base/bounded_queue.h"
#include "rpc/log_messages.h"
#include "rpc/pause.h"
#include "rpc/telemetry_messages.h"

namespace penstock::rpc {
namespace {

using namespace std::chrono_literals;
constexpr auto kFollowInterval = 500ms;
constexpr std::int32_t kDefaultTail = 200;
constexpr std::int32_t kLongestTail = 10'000;

void write(const ResetPreview& preview, v1::ResetPreview& message) {
  message.set_pod(preview.pod);
  for (const auto& pipeline : preview.pipelines) message.add_pipelines(pipeline);
  message.set_gap_rows(preview.gap_rows);
  message.set_state(name_of(preview.state));
  for (const auto& sink : preview.sinks) message.add_sinks(sink);
  message.set_sends_twice(preview.sends_twice);
  message.set_safe(preview.safe);
}

v1::ResetProgress message_of(const ResetProgress& progress) {
  v1::ResetProgress message;
  message.set_stage(name_of(progress.stage));
  message.set_gap_rows(progress.gap_rows);
  message.set_replayed_rows(progress.replayed_rows);
  message.set_lost_rows(progress.lost_rows);
  message.set_doubled_rows(progress.doubled_rows);
  message.set_time_left(progress.time_left);
  message.set_outcome(progress.outcome);
  return message;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// The lines of `now` that come after those of `before`: both are the end of one growing text.
std::vector<std::string> new_lines(const std::vector<std::string>& before, const std::vector<std::string>& now) {
  for (std::size_t overlap = std::min(before.size(), now.size()); overlap > 0; --overlap)
    if (std::equal(before.end() - static_cast<std::ptrdiff_t>(overlap), before.end(), now.begin(), now.begin() + static_cast<std::ptrdiff_t>(overlap)))
      return {now.begin() + static_cast<std::ptrdiff_t>(overlap), now.end()};
  return now;
}

}  // namespace

grpc::ServerUnaryReactor* PodService::List(grpc::CallbackServerContext* context, const v1::ListPodsRequest* request, v1::ListPodsResponse* response) {
  return calls_.unary<v1::ListPodsRequest, v1::ListPodsResponse>(context, request, response, [this](const auto&, const auto&, auto& response) -> Status {
    for (const auto& pod : registry_.full().pods) rpc::write(pod, *response.add_pods());
    return {};
  });
}

grpc::ServerUnaryReactor* PodService::PreviewReset(grpc::CallbackServerContext* context, const v1::ResetPodRequest* request, v1::ResetPreview* response) {
  return calls_.unary<v1::ResetPodRequest, v1::ResetPreview>(context, request, response, [this](const auto&, const auto& request, auto& response) -> Status {
    PENSTOCK_ASSIGN(const auto preview, supervisor_.preview_reset(request.pod()));
    write(preview, response);
    return {};
  });
}

grpc::ServerWriteReactor<v1::ResetProgress>* PodService::Reset(grpc::CallbackServerContext* context, const v1::ResetPodRequest* request) {
  return calls_.stream<v1::ResetPodRequest, v1::ResetProgress>(
      context, request, [this](const CallContext& call, const auto& request, auto& progress) { return reset(call, request, progress); });
}

Status PodService::reset(const CallContext& call, const v1::ResetPodRequest& request, ItemWriter<v1::ResetProgress>& progress) {
  PENSTOCK_ASSIGN(const auto preview, supervisor_.preview_reset(request.pod()));
  const auto pod = registry_.pod(request.pod());
  const CommandSubject subject{.action = "reset pod", .target = request.pod(), .touches = joined(preview.pipelines), .state = pod ? name_of(pod->phase) : ""};
  // The reset goes on when this caller leaves; its observer may then outlive the call.
  const auto stages = std::make_shared<BoundedQueue<ResetProgress>>(1024, 1 << 20);
  const auto outcome = commands_.run(call, request.command(), subject, [&]() -> Result<std::string> {
    PENSTOCK_TRY(supervisor_.begin_reset({.command_id = request.command().id(), .pod = request.pod(), .who = call.who, .why = request.command().why()},
                                         [stages](const ResetProgress& stage) { stages->push(stage, sizeof stage); }));
    bool is_watched = true;
    for (;;) {
      const auto stage = stages->pop(1s);
      if (!stage) continue;
      is_watched = is_watched && progress.write(message_of(*stage));
      if (stage->stage == ResetStage::done) return stage->outcome;
      if (stage->stage == ResetStage::failed) return Error(ErrorKind::internal, stage->outcome, "penstockctl pods logs " + request.pod(), request.pod());
    }
  });
  if (!outcome.ok()) return outcome.error();
  if (outcome->repeated()) {
    v1::ResetProgress last;
    last.set_stage(name_of(ResetStage::done));
    last.set_outcome(outcome->outcome());
    progress.write(last);
  }
  return {};
}

grpc::ServerWriteReactor<v1::LogLine>* PodService::Logs(grpc::CallbackServerContext* context, const v1::PodLogsRequest* request) {
  return calls_.stream<v1::PodLogsRequest, v1::LogLine>(
      context, request, [this](const CallContext& call, const auto& request, auto& lines) { return logs(call, request, lines); });
}

Status PodService::logs(const CallContext& call, const v1::PodLogsRequest& request, ItemWriter<v1::LogLine>& lines) {
  const auto send = [&](const std::vector<std::string>& texts) {
    for (const auto& text : texts)
      if (!lines.write(log_line_of(text, request.pod()))) return false;
    return true;
  };
  const std::int32_t tail = std::min(request.tail() > 0 ? request.tail() : kDefaultTail, kLongestTail);
  PENSTOCK_ASSIGN(auto known, host_.logs(request.pod(), tail));
  if (!send(known)) return {};
  while (request.follow() && !call.cancellation.stop_requested()) {
    pause(kFollowInterval, call.cancellation);
    PENSTOCK_ASSIGN(auto now, host_.logs(request.pod(), kLongestTail));
    if (!send(new_lines(known, now))) break;
    known = std::move(now);
  }
  return {};
}

}  // namespace penstock::rpc
