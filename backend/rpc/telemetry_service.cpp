#include "rpc/telemetry_service.h"

#include "ops/history_recorder.h"
#include "rpc/pause.h"
#include "rpc/telemetry_messages.h"

namespace penstock::rpc {
namespace {

using namespace std::chrono_literals;
constexpr auto kShortestInterval = 100ms;   // at most ten updates a second
constexpr auto kHeartbeat = 1s;

}  // namespace

grpc::ServerWriteReactor<v1::TelemetryUpdate>* TelemetryService::Watch(grpc::CallbackServerContext* context, const v1::WatchRequest* request) {
  return calls_.stream<v1::WatchRequest, v1::TelemetryUpdate>(
      context, request, [this](const CallContext& call, const auto& request, auto& updates) { return watch(call, request, updates); });
}

Status TelemetryService::watch(const CallContext& call, const v1::WatchRequest& request, ItemWriter<v1::TelemetryUpdate>& updates) const {
  std::uint64_t known = request.engine_id() == engine_id_ ? request.resume_after() : 0;
  while (!call.cancellation.stop_requested()) {
    const TelemetryChanges changes = registry_.changes_since(known);
    v1::TelemetryUpdate update;
    update.set_engine_id(engine_id_);
    write(changes, update);
    if (!updates.write(update)) break;
    known = changes.sequence;
    pause(kShortestInterval, call.cancellation);
    registry_.wait_for_change(known, kHeartbeat - kShortestInterval, call.cancellation);
  }
  return {};
}

grpc::ServerUnaryReactor* TelemetryService::GetSeries(grpc::CallbackServerContext* context, const v1::GetSeriesRequest* request,
                                                      v1::GetSeriesResponse* response) {
  return calls_.unary<v1::GetSeriesRequest, v1::GetSeriesResponse>(
      context, request, response, [this](const CallContext&, const auto& request, auto& response) { return get_series(request, response); });
}

Status TelemetryService::get_series(const v1::GetSeriesRequest& request, v1::GetSeriesResponse& response) const {
  std::vector<std::string> names;
  for (const std::string& name : request.names()) {
    if (!name.ends_with('*')) {
      names.push_back(name);
      continue;
    }
    PENSTOCK_ASSIGN(const auto known, history_.names(name.substr(0, name.size() - 1)));
    names.insert(names.end(), known.begin(), known.end());
  }
  PENSTOCK_ASSIGN(const auto all, history_.read(names, request.from(), request.to(), request.max_points()));
  for (const auto& series : all) {
    auto& message = *response.add_series();
    message.set_name(series.name);
    message.set_unit(unit_of_series(series.name));
    message.mutable_at()->Add(series.at.begin(), series.at.end());
    message.mutable_value()->Add(series.value.begin(), series.value.end());
  }
  return {};
}

}  // namespace penstock::rpc
