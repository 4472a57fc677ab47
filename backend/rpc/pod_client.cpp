#include "rpc/pod_client.h"

#include <grpcpp/grpcpp.h>

#include <thread>

#include "penstock/pod/v1/pod.grpc.pb.h"
#include "record/batch_bytes.h"
#include "rpc/call_context.h"
#include "rpc/error_status.h"
#include "rpc/pause.h"
#include "rpc/pod_messages.h"

namespace penstock::rpc {
namespace {

void write_offsets(const std::map<std::string, Positions>& positions, google::protobuf::RepeatedPtrField<pod::v1::Offset>& offsets) {
  for (const auto& [source, of_source] : positions)
    for (const auto& [partition, offset] : of_source) {
      auto& added = *offsets.Add();
      added.set_source(source);
      added.set_partition(partition);
      added.set_offset(offset);
    }
}

using namespace std::chrono_literals;
constexpr auto kDeadline = 10s;
constexpr auto kInfoDeadline = 1s;
constexpr auto kDrainDeadline = 10min;
constexpr auto kRetryWatch = 100ms;
constexpr int kLargestMessage = 64 << 20;     // a tail chunk holds up to kMaxBatchRows rows

std::shared_ptr<grpc::Channel> channel_to(const std::string& address) {
  grpc::ChannelArguments arguments;
  // A pod that starts, or starts again, is found within half a second.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  // Each run of a pod has a connection of its own, also where the address is that of the last run.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(kLargestMessage);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

class PodClient final : public PodLink {
 public:
  explicit PodClient(const PodProcess& process)
      : token_(process.token), stub_(pod::v1::PodService::NewStub(channel_to(process.address))) {}
  ~PodClient() override {
    watcher_.request_stop();
    std::lock_guard lock(mutex_);
    if (watching_) watching_->TryCancel();
  }

  Result<PodInfo> info() override {
    pod::v1::PodInfo message;
    PENSTOCK_TRY(call(&Stub::GetInfo, pod::v1::GetInfoRequest{}, message, kInfoDeadline));
    return PodInfo{message.pod(), message.process_id(), message.started_at(), {message.streams().begin(), message.streams().end()}};
  }

  Status start_stream(const StreamStart& start) override { return call_with(&Stub::Start, start); }
  Status prepare_stream(const StreamStart& start) override { return call_with(&Stub::Prepare, start); }
  template <typename Method>
  Status call_with(Method method, const StreamStart& start) {
    pod::v1::StartRequest request;
    request.set_stream(start.stream);
    request.set_workspace_root(start.workspace_root);
    request.set_environment(start.environment);
    request.set_version(start.version);
    request.set_state_root(start.state_root);
    request.set_tables_root(start.tables_root);
    request.set_paused(start.paused);
    request.set_state_choice(name_of(start.state_choice));
    request.mutable_shards()->Assign(start.shards.begin(), start.shards.end());
    request.set_lease(start.lease);
    pod::v1::StartResponse response;
    return call(method, request, response, kDeadline);
  }

  Status stop_stream(const std::string& stream, const StreamStop& stop) override {
    pod::v1::StopRequest request;
    request.set_stream(stream);
    request.set_drain(stop.drain);
    request.set_close_windows(stop.close_windows);
    request.set_pause(stop.pause);
    pod::v1::StopResponse response;
    return call(&Stub::Stop, request, response, stop.drain ? std::chrono::seconds(kDrainDeadline) : kDeadline);
  }

  Status shut_down(bool drain) override {
    pod::v1::ShutdownRequest request;
    request.set_drain(drain);
    pod::v1::ShutdownResponse response;
    return call(&Stub::Shutdown, request, response, drain ? std::chrono::seconds(kDrainDeadline) : kDeadline);
  }

  void watch(std::function<void(PodReport)> reported) override {
    watcher_ = std::jthread([this, reported = std::move(reported)](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        watch_once(stop, reported);
        pause(kRetryWatch, stop);
      }
    });
  }

  Result<std::vector<PodTailPart>> table_tail(const std::string& table) override {
    pod::v1::ReadTailRequest request;
    request.set_table(table);
    return read_tail(request);
  }

  Result<std::vector<Batch>> step_rows(const std::string& stream, const std::string& step) override {
    pod::v1::ReadTailRequest request;
    request.set_stream(stream);
    request.set_step(step);
    PENSTOCK_ASSIGN(auto parts, read_tail(request));
    std::vector<Batch> batches;
    for (auto& part : parts) batches.push_back(std::move(part.rows));
    return batches;
  }

  Status start_replay(const PodReplay& replay) override {
    pod::v1::StartReplayRequest request;
    request.set_id(replay.id);
    request.set_stream(replay.stream);
    request.set_from_time(replay.from_time);
    request.set_to_time(replay.to_time);
    request.set_warm_up_from(replay.warm_up_from);
    request.set_rate_limit(replay.rate_limit);
    for (const auto& step : replay.steps) request.add_steps(step);
    for (const auto& sink : replay.include_sinks) request.add_include_sinks(sink);
    write_offsets(replay.from_positions, *request.mutable_from_positions());
    write_offsets(replay.to_positions, *request.mutable_to_positions());
    pod::v1::StartReplayResponse response;
    return call(&Stub::StartReplay, request, response, kDeadline);
  }

  Status control_replay(const std::string& id, const std::string& action, double rate_limit) override {
    pod::v1::ControlReplayRequest request;
    request.set_id(id);
    request.set_action(action);
    request.set_rate_limit(rate_limit);
    pod::v1::StartReplayResponse response;
    return call(&Stub::ControlReplay, request, response, kDeadline);
  }

  Result<PodRedriveOutcome> redrive(const std::string& command_id, const std::string& stream, const std::vector<PodRedriveRow>& rows) override {
    pod::v1::RedriveRequest request;
    request.set_id(command_id);
    request.set_stream(stream);
    for (const auto& row : rows) {
      auto& message = *request.add_rows();
      message.set_source(row.source);
      message.set_partition(row.position.partition);
      message.set_offset(row.position.offset);
      message.set_source_time(row.source_time);
      message.set_raw(row.raw);
      message.set_key(row.key);
      message.set_headers(row.headers);
      message.set_hop(row.hop);
      message.set_step(row.step);
    }
    pod::v1::RedriveResponse response;
    PENSTOCK_TRY(call(&Stub::Redrive, request, response, kDeadline));
    return PodRedriveOutcome{response.accepted(), response.repeated_rows(), response.rejected_again()};
  }

 private:
  using Stub = pod::v1::PodService::Stub;

  void authorise(grpc::ClientContext& context) const {
    if (!token_.empty()) context.AddMetadata(kAuthorization, "Bearer " + token_);
  }

  template <typename Request, typename Response>
  Status call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const Request& request, Response& response,
              std::chrono::seconds deadline) const {
    grpc::ClientContext context;
    authorise(context);
    context.set_deadline(std::chrono::system_clock::now() + deadline);
    const auto status = (stub_.get()->*method)(&context, request, &response);
    if (!status.ok()) return error_of(status, context);
    return {};
  }

  Result<std::vector<PodTailPart>> read_tail(const pod::v1::ReadTailRequest& request) const {
    grpc::ClientContext context;
    authorise(context);
    context.set_deadline(std::chrono::system_clock::now() + kDeadline);
    std::vector<PodTailPart> parts;
    Status parsed;
    pod::v1::TailChunk chunk;
    const auto reader = stub_->ReadTail(&context, request);
    while (parsed.ok() && reader->Read(&chunk)) {
      auto rows = chunk.batch().empty() ? Batch() : parse_batch_bytes(chunk.batch());
      if (rows.ok())
        parts.push_back({chunk.marker(), chunk.epoch(), std::move(rows).value(), {chunk.replaced_windows().begin(), chunk.replaced_windows().end()}, chunk.shard()});
      else
        parsed = rows.error();
    }
    if (!parsed.ok()) context.TryCancel();
    const auto status = reader->Finish();
    PENSTOCK_TRY(parsed);
    if (!status.ok()) return error_of(status, context);
    return parts;
  }

  void watch_once(const std::stop_token& stop, const std::function<void(PodReport)>& reported) {
    grpc::ClientContext context;
    authorise(context);
    {
      std::lock_guard lock(mutex_);
      if (stop.stop_requested()) return;
      watching_ = &context;
    }
    pod::v1::Report message;
    const auto reader = stub_->Watch(&context, {});
    while (reader->Read(&message) && !stop.stop_requested())
      if (auto report = read_report(message); report.ok()) reported(std::move(report).value());
    {
      std::lock_guard lock(mutex_);
      watching_ = nullptr;
    }
    context.TryCancel();
    reader->Finish();
  }

  const std::string token_;
  const std::unique_ptr<Stub> stub_;

  // Protected by mutex_.
  std::mutex mutex_;
  grpc::ClientContext* watching_ = nullptr;     // the call of the watcher, so that the destructor can end it

  std::jthread watcher_;      // last: joined before the rest goes
};

}  // namespace

std::shared_ptr<PodLink> connect_to_pod(const PodProcess& process) { return std::make_shared<PodClient>(process); }

}  // namespace penstock::rpc
