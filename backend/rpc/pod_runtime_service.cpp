#include "rpc/pod_runtime_service.h"

#include "record/batch_bytes.h"
#include "rpc/pod_messages.h"

namespace penstock::rpc {
namespace {

using namespace std::chrono_literals;
constexpr auto kHeartbeat = 2s;      // reports come once a second; this is for a link that has none

std::map<std::string, Positions> read_offsets(const google::protobuf::RepeatedPtrField<pod::v1::Offset>& offsets) {
  std::map<std::string, Positions> positions;
  for (const auto& offset : offsets) positions[offset.source()][offset.partition()] = offset.offset();
  return positions;
}

StreamStart read_start(const pod::v1::StartRequest& request) {
  return {.stream = request.stream(), .workspace_root = request.workspace_root(), .environment = request.environment(),
          .version = request.version(), .state_root = request.state_root(), .tables_root = request.tables_root(),
          .paused = request.paused(), .state_choice = state_choice_named(request.state_choice()),
          .shards = {request.shards().begin(), request.shards().end()}, .lease = request.lease()};
}

}  // namespace

PodRuntimeService::PodRuntimeService(Calls& calls, PodLink& link) : calls_(calls), link_(link) {
  link_.watch([reports = reports_](const PodReport& report) { reports->keep(report); });
}

std::chrono::steady_clock::time_point PodRuntimeService::last_watched() const {
  std::lock_guard lock(mutex_);
  return watchers_ > 0 ? std::chrono::steady_clock::now() : last_watched_;
}

void PodRuntimeService::Reports::keep(const PodReport& report) {
  auto message = std::make_shared<pod::v1::Report>();
  write_report(report, *message);
  std::lock_guard lock(mutex);
  newest = std::move(message);
  ++count;
  arrived.notify_all();
}

grpc::ServerUnaryReactor* PodRuntimeService::GetInfo(grpc::CallbackServerContext* context, const pod::v1::GetInfoRequest* request, pod::v1::PodInfo* response) {
  return calls_.unary<pod::v1::GetInfoRequest, pod::v1::PodInfo>(context, request, response, [this](const auto&, const auto&, auto& response) -> Status {
    PENSTOCK_ASSIGN(const auto info, link_.info());
    response.set_pod(info.pod);
    response.set_process_id(info.process_id);
    response.set_started_at(info.started_at);
    for (const auto& stream : info.streams) response.add_streams(stream);
    return {};
  });
}

grpc::ServerUnaryReactor* PodRuntimeService::Start(grpc::CallbackServerContext* context, const pod::v1::StartRequest* request, pod::v1::StartResponse* response) {
  return calls_.unary<pod::v1::StartRequest, pod::v1::StartResponse>(context, request, response,
                                                                     [this](const auto&, const auto& request, auto&) { return link_.start_stream(read_start(request)); });
}

grpc::ServerUnaryReactor* PodRuntimeService::Prepare(grpc::CallbackServerContext* context, const pod::v1::StartRequest* request, pod::v1::StartResponse* response) {
  return calls_.unary<pod::v1::StartRequest, pod::v1::StartResponse>(context, request, response,
                                                                     [this](const auto&, const auto& request, auto&) { return link_.prepare_stream(read_start(request)); });
}

grpc::ServerUnaryReactor* PodRuntimeService::Stop(grpc::CallbackServerContext* context, const pod::v1::StopRequest* request, pod::v1::StopResponse* response) {
  return calls_.unary<pod::v1::StopRequest, pod::v1::StopResponse>(context, request, response, [this](const auto&, const auto& request, auto&) {
    return link_.stop_stream(request.stream(), {.drain = request.drain(), .close_windows = request.close_windows(), .pause = request.pause()});
  });
}

grpc::ServerWriteReactor<pod::v1::Report>* PodRuntimeService::Watch(grpc::CallbackServerContext* context, const pod::v1::WatchRequest* request) {
  return calls_.stream<pod::v1::WatchRequest, pod::v1::Report>(
      context, request, [this](const CallContext& call, const auto&, auto& reports) { return watch(call, reports); });
}

Status PodRuntimeService::watch(const CallContext& call, ItemWriter<pod::v1::Report>& reports) {
  count_watcher(+1);
  std::uint64_t sent = 0;
  while (!call.cancellation.stop_requested()) {
    std::shared_ptr<const pod::v1::Report> report;
    {
      std::unique_lock lock(reports_->mutex);
      reports_->arrived.wait_for(lock, call.cancellation, kHeartbeat, [&] { return reports_->count != sent; });
      report = reports_->newest;
      sent = reports_->count;
    }
    if (report && !reports.write(*report)) break;
  }
  count_watcher(-1);
  return {};
}

void PodRuntimeService::count_watcher(int change) {
  std::lock_guard lock(mutex_);
  watchers_ += change;
  last_watched_ = std::chrono::steady_clock::now();
}

grpc::ServerWriteReactor<pod::v1::TailChunk>* PodRuntimeService::ReadTail(grpc::CallbackServerContext* context, const pod::v1::ReadTailRequest* request) {
  return calls_.stream<pod::v1::ReadTailRequest, pod::v1::TailChunk>(
      context, request, [this](const auto&, const auto& request, auto& chunks) { return read_tail(request, chunks); });
}

Status PodRuntimeService::read_tail(const pod::v1::ReadTailRequest& request, ItemWriter<pod::v1::TailChunk>& chunks) {
  const auto send = [&](const PodTailPart& part) {
    pod::v1::TailChunk chunk;
    chunk.set_marker(part.marker);
    chunk.set_epoch(part.epoch);
    if (part.rows.schema()) append_batch_bytes(part.rows, *chunk.mutable_batch());
    chunk.set_shard(part.shard);
    chunk.mutable_replaced_windows()->Assign(part.replaced_windows.begin(), part.replaced_windows.end());
    return chunks.write(chunk);
  };
  if (request.step().empty()) {
    PENSTOCK_ASSIGN(const auto parts, link_.table_tail(request.table()));
    for (const auto& part : parts)
      if (!send(part)) break;
  } else {
    PENSTOCK_ASSIGN(const auto batches, link_.step_rows(request.stream(), request.step()));
    for (const auto& batch : batches)
      if (!send({.rows = batch})) break;
  }
  return {};
}

grpc::ServerUnaryReactor* PodRuntimeService::StartReplay(grpc::CallbackServerContext* context, const pod::v1::StartReplayRequest* request,
                                                         pod::v1::StartReplayResponse* response) {
  return calls_.unary<pod::v1::StartReplayRequest, pod::v1::StartReplayResponse>(context, request, response, [this](const auto&, const auto& request, auto&) {
    return link_.start_replay({.id = request.id(), .stream = request.stream(), .from_time = request.from_time(), .to_time = request.to_time(),
                               .warm_up_from = request.warm_up_from(), .rate_limit = request.rate_limit(),
                               .steps = {request.steps().begin(), request.steps().end()},
                               .include_sinks = {request.include_sinks().begin(), request.include_sinks().end()},
                               .from_positions = read_offsets(request.from_positions()), .to_positions = read_offsets(request.to_positions())});
  });
}

grpc::ServerUnaryReactor* PodRuntimeService::ControlReplay(grpc::CallbackServerContext* context, const pod::v1::ControlReplayRequest* request,
                                                           pod::v1::StartReplayResponse* response) {
  return calls_.unary<pod::v1::ControlReplayRequest, pod::v1::StartReplayResponse>(context, request, response, [this](const auto&, const auto& request, auto&) {
    return link_.control_replay(request.id(), request.action(), request.rate_limit());
  });
}

grpc::ServerUnaryReactor* PodRuntimeService::Redrive(grpc::CallbackServerContext* context, const pod::v1::RedriveRequest* request, pod::v1::RedriveResponse* response) {
  return calls_.unary<pod::v1::RedriveRequest, pod::v1::RedriveResponse>(context, request, response, [this](const auto&, const auto& request, auto& response) -> Status {
    std::vector<PodRedriveRow> rows;
    for (const auto& row : request.rows())
      rows.push_back({.source = row.source(), .position = {row.partition(), row.offset()}, .source_time = row.source_time(), .raw = row.raw(),
                      .key = row.key(), .headers = row.headers(), .hop = row.hop(), .step = row.step()});
    PENSTOCK_ASSIGN(const auto outcome, link_.redrive(request.id(), request.stream(), rows));
    response.set_accepted(outcome.accepted);
    response.set_repeated_rows(outcome.repeated);
    response.set_rejected_again(outcome.rejected_again);
    return {};
  });
}

grpc::ServerUnaryReactor* PodRuntimeService::Shutdown(grpc::CallbackServerContext* context, const pod::v1::ShutdownRequest* request, pod::v1::ShutdownResponse* response) {
  return calls_.unary<pod::v1::ShutdownRequest, pod::v1::ShutdownResponse>(
      context, request, response, [this](const auto&, const auto& request, auto&) { return link_.shut_down(request.drain()); });
}

}  // namespace penstock::rpc
