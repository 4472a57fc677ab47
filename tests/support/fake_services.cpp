#include "support/fake_services.h"

#include <cmath>
#include <penstock/v1/activity.grpc.pb.h>
#include <penstock/v1/engine.grpc.pb.h>
#include <penstock/v1/lineage.grpc.pb.h>
#include <penstock/v1/pipelines.grpc.pb.h>
#include <penstock/v1/pods.grpc.pb.h>
#include <penstock/v1/telemetry.grpc.pb.h>
#include <penstock/v1/workspace.grpc.pb.h>

namespace penstock::test {
namespace {

using grpc::ServerContext;
using grpc::ServerWriter;
using grpc::Status;

class EngineFake final : public v1::EngineService::Service {
 public:
  explicit EngineFake(FakeWorld& world) : world_(world) {}
  Status GetInfo(ServerContext* context, const v1::GetInfoRequest*, v1::EngineInfo* info) override {
    if (const Status status = admit(world_, *context, "GetInfo"); !status.ok()) return status;
    info->set_engine_id(world_.engine_id);
    info->set_version("0.1.0");
    info->set_api_version(world_.options.api_version);
    info->set_workspace("retail");
    info->set_workspace_root("/srv/retail");
    info->set_environment(world_.options.environment);
    info->set_is_protected(world_.options.is_protected);
    info->set_colour(world_.options.colour);
    info->set_started_at(now_micros());
    info->set_applied_version(41);
    return Status::OK;
  }

 private:
  FakeWorld& world_;
};

class TelemetryFake final : public v1::TelemetryService::Service {
 public:
  explicit TelemetryFake(FakeWorld& world) : world_(world) {}

  Status Watch(ServerContext* context, const v1::WatchRequest* request, ServerWriter<v1::TelemetryUpdate>* out) override {
    if (const Status status = admit(world_, *context, "Watch"); !status.ok()) return status;
    std::unique_lock lock(world_.mutex);
    uint64_t seen = request->engine_id() == world_.engine_id ? request->resume_after() : 0;
    bool full = seen == 0;
    do {
      if (world_.stalled || (!full && world_.sequence == seen)) continue;
      const v1::TelemetryUpdate update = world_.update_since(seen, full);
      seen = update.sequence();
      full = false;
      lock.unlock();
      const bool written = out->Write(update);
      lock.lock();
      if (!written) break;
    } while (wait_for_change(world_, lock, *context));
    return Status::OK;
  }

  Status GetSeries(ServerContext* context, const v1::GetSeriesRequest* request, v1::GetSeriesResponse* response) override {
    if (const Status status = admit(world_, *context, "GetSeries"); !status.ok()) return status;
    const int points = std::max(2, std::min(request->max_points() ? request->max_points() : 1'000, 43'200));
    std::vector<std::string> names;
    for (const std::string& name : request->names()) {
      if (!name.ends_with('*')) names.push_back(name);
      for (int partition = 0; name.ends_with('*') && partition < fake_partitions; ++partition)
        for (const char* measure : {"behind_rows", "rows_per_second"}) names.push_back(name.substr(0, name.size() - 1) + std::to_string(partition) + "/" + measure);
    }
    for (const std::string& name : names) {
      v1::Series* series = response->add_series();
      series->set_name(name);
      const bool time = name.find("_p") != std::string::npos || name.find("micros") != std::string::npos ||
                        name.find("lag") != std::string::npos || name.ends_with("/p50") || name.ends_with("/p99") || name.ends_with("/p999");
      series->set_unit(time ? "us" : name.find("per_second") != std::string::npos ? "rows/s" : "rows");
      const double base = time ? (name.ends_with("p50") ? 31'000 : name.ends_with("p999") ? 92'000 : 64'000) : 12'480;
      const size_t phase = std::hash<std::string>{}(name) % 100;
      for (int i = 0; i < points; ++i) {
        series->add_at(request->from() + (request->to() - request->from()) * i / (points - 1));
        const double wave = std::sin(i * 0.031 + static_cast<double>(phase)) * 0.08 + std::sin(i * 0.73) * 0.04;
        if (name.ends_with("objective_met")) {
          series->add_value(i < points * 9 / 10 ? std::nan("") : i % 1'500 == 0 ? 0 : 1);      // known for three of 30 days
          continue;
        }
        if (name.starts_with("partition/")) {
          const bool hot = name.find("/3/") != std::string::npos && i > points / 3;
          series->add_value(name.ends_with("behind_rows") ? (hot ? 40.0 * i : 30 * (1 + wave)) : hot ? 220 : 1'040 * (1 + wave));
          continue;
        }
        series->add_value(i > points / 2 && i < points / 2 + points / 40 ? std::nan("") : base * (1 + wave));
      }
    }
    return Status::OK;
  }

 private:
  FakeWorld& world_;
};

class PipelineFake final : public v1::PipelineService::Service {
 public:
  explicit PipelineFake(FakeWorld& world) : world_(world) {}

  Status List(ServerContext* context, const v1::ListPipelinesRequest*, v1::ListPipelinesResponse* response) override {
    if (const Status status = admit(world_, *context, "ListPipelines"); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    for (const auto& [name, state] : world_.pipelines) *response->add_pipelines() = state;
    return Status::OK;
  }
  Status Run(ServerContext* context, const v1::RunPipelineRequest* request, v1::CommandOutcome* outcome) override {
    return act(*context, "Run", request->command(), request->pipeline(), v1::PIPELINE_STATUS_RUNNING, "run", outcome);
  }
  Status Pause(ServerContext* context, const v1::PipelineCommand* request, v1::CommandOutcome* outcome) override {
    return act(*context, "Pause", request->command(), request->pipeline(), v1::PIPELINE_STATUS_PAUSED, "pause", outcome);
  }
  Status Resume(ServerContext* context, const v1::PipelineCommand* request, v1::CommandOutcome* outcome) override {
    return act(*context, "Resume", request->command(), request->pipeline(), v1::PIPELINE_STATUS_RUNNING, "resume", outcome);
  }
  Status Cancel(ServerContext* context, const v1::PipelineCommand* request, v1::CommandOutcome* outcome) override {
    return act(*context, "Cancel", request->command(), request->pipeline(), v1::PIPELINE_STATUS_STOPPED, "cancel", outcome);
  }
  Status PreviewScale(ServerContext* context, const v1::ScalePipelineRequest* request, v1::ScalePreview* preview) override {
    if (const Status status = admit(world_, *context, "PreviewScale"); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    const int now = world_.pipelines[request->pipeline()].pods_wanted();
    preview->set_pipeline(request->pipeline());
    preview->set_pods(now);
    preview->set_wanted(request->pods());
    preview->set_shards(fake_shards);
    for (int shard = 0; shard < fake_shards; ++shard) {
      if (shard % now == shard % request->pods()) continue;
      v1::ShardMove* move = preview->add_moves();
      move->set_shard(shard);
      move->set_from(request->pipeline() + "-" + std::to_string(shard % now));
      move->set_to(request->pipeline() + "-" + std::to_string(shard % request->pods()));
    }
    return Status::OK;
  }
  Status Scale(ServerContext* context, const v1::ScalePipelineRequest* request, v1::CommandOutcome* outcome) override {
    if (const Status status = admit(world_, *context, "Scale"); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    world_.deal_shards(request->pipeline(), request->pods());
    outcome->set_command_id(request->command().id());
    outcome->set_outcome(request->pipeline() + " runs in " + std::to_string(request->pods()) + " pods");
    world_.record(request->command(), "scale to " + std::to_string(request->pods()), request->pipeline(), outcome->outcome());
    world_.publish();
    return Status::OK;
  }
  Status ListSavepoints(ServerContext* context, const v1::ListSavepointsRequest* request, v1::ListSavepointsResponse* response) override {
    if (const Status status = admit(world_, *context, "ListSavepoints"); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    for (const v1::Savepoint& one : world_.savepoints[request->pipeline()]) *response->add_savepoints() = one;
    return Status::OK;
  }
  Status MakeSavepoint(ServerContext* context, const v1::SavepointCommand* request, v1::CommandOutcome* outcome) override {
    return change_savepoints(*context, "MakeSavepoint", *request, "make savepoint", outcome, [&](std::vector<v1::Savepoint>& all) {
      v1::Savepoint made;
      made.set_pipeline(request->pipeline());
      made.set_name(request->savepoint());
      made.set_made_at(now_micros());
      made.set_version(41);
      made.set_rows_in(182'400);
      made.set_shards(1);
      made.set_bytes(212'000'000);
      all.insert(all.begin(), made);
    });
  }
  Status RestoreSavepoint(ServerContext* context, const v1::SavepointCommand* request, v1::CommandOutcome* outcome) override {
    return change_savepoints(*context, "RestoreSavepoint", *request, "restore savepoint", outcome, [](auto&) {});
  }
  Status RemoveSavepoint(ServerContext* context, const v1::SavepointCommand* request, v1::CommandOutcome* outcome) override {
    return change_savepoints(*context, "RemoveSavepoint", *request, "remove savepoint", outcome, [&](std::vector<v1::Savepoint>& all) {
      std::erase_if(all, [&](const v1::Savepoint& one) { return one.name() == request->savepoint(); });
    });
  }

 private:
  Status change_savepoints(ServerContext& context, const std::string& method, const v1::SavepointCommand& request, const std::string& action, v1::CommandOutcome* outcome,
                           const std::function<void(std::vector<v1::Savepoint>&)>& change) {
    if (const Status status = admit(world_, context, method); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    change(world_.savepoints[request.pipeline()]);
    outcome->set_command_id(request.command().id());
    outcome->set_outcome("savepoint " + request.savepoint() + " of " + request.pipeline() + ": done");
    world_.record(request.command(), action + " " + request.savepoint(), request.pipeline(), outcome->outcome());
    world_.publish();
    return Status::OK;
  }

  Status act(ServerContext& context, const std::string& method, const v1::Command& command, const std::string& pipeline,
             v1::PipelineStatus status_after, const std::string& action, v1::CommandOutcome* outcome) {
    if (const Status status = admit(world_, context, method); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    const auto found = world_.pipelines.find(pipeline);
    if (found == world_.pipelines.end()) {
      return failure(grpc::StatusCode::NOT_FOUND, context, "not_found", "there is no pipeline '" + pipeline + "'");
    }
    outcome->set_command_id(command.id());
    if (world_.outcomes.contains(command.id())) {
      outcome->set_outcome(world_.outcomes[command.id()]);
      outcome->set_repeated(true);
      return Status::OK;
    }
    found->second.set_status(status_after);
    found->second.set_status_since(now_micros());
    found->second.set_rows_per_second(status_after == v1::PIPELINE_STATUS_RUNNING ? 1'000 : 0);
    world_.touch("pipeline/" + pipeline);
    outcome->set_outcome(pipeline + " " + action + "d at epoch " + std::to_string(found->second.last_epoch()));
    world_.record(command, action, pipeline, outcome->outcome());
    world_.publish();
    return Status::OK;
  }
  FakeWorld& world_;
};

class PodFake final : public v1::PodService::Service {
 public:
  explicit PodFake(FakeWorld& world) : world_(world) {}

  Status List(ServerContext* context, const v1::ListPodsRequest*, v1::ListPodsResponse* response) override {
    if (const Status status = admit(world_, *context, "ListPods"); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    for (const auto& [name, pod] : world_.pods) *response->add_pods() = pod;
    return Status::OK;
  }

  Status PreviewReset(ServerContext* context, const v1::ResetPodRequest* request, v1::ResetPreview* preview) override {
    if (const Status status = admit(world_, *context, "PreviewReset"); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    const auto found = world_.pods.find(request->pod());
    if (found == world_.pods.end()) {
      return failure(grpc::StatusCode::NOT_FOUND, *context, "not_found", "there is no pod '" + request->pod() + "'");
    }
    preview->set_pod(request->pod());
    *preview->mutable_pipelines() = found->second.pipelines();
    preview->set_gap_rows(found->second.behind_rows());
    preview->set_state(world_.safe ? "sound" : "damaged");
    preview->add_sinks("loyalty board");
    preview->set_sends_twice(!world_.safe);
    preview->set_safe(world_.safe);
    return Status::OK;
  }

  Status Reset(ServerContext* context, const v1::ResetPodRequest* request, ServerWriter<v1::ResetProgress>* out) override {
    if (const Status status = admit(world_, *context, "Reset"); !status.ok()) return status;
    std::unique_lock lock(world_.mutex);
    const int64_t gap = world_.pods[request->pod()].behind_rows();
    const auto say = [&](const char* stage, int64_t replayed, const std::string& outcome) {
      v1::ResetProgress progress;
      progress.set_stage(stage);
      progress.set_gap_rows(gap);
      progress.set_replayed_rows(replayed);
      progress.set_time_left(500'000);
      progress.set_outcome(outcome);
      lock.unlock();
      out->Write(progress);
      lock.lock();
      return wait_for_change(world_, lock, *context);
    };
    if (!say("stopping", 0, "") || !say("starting", 0, "")) return Status::CANCELLED;
    for (int tenth = 1; tenth <= 10; ++tenth) {
      if (!say("replaying", gap * tenth / 10, "")) return Status::CANCELLED;
    }
    world_.mend_pod(request->pod());
    const std::string rows = std::to_string(gap);
    const std::string outcome = "resumed at 88,120,394 · " + rows + " of " + rows + " rows · 0 lost · 0 doubled";
    world_.record(request->command(), "reset", request->pod(), outcome);
    world_.publish();
    say("done", gap, outcome);
    return Status::OK;
  }

  Status Logs(ServerContext* context, const v1::PodLogsRequest* request, ServerWriter<v1::LogLine>* out) override {
    if (const Status status = admit(world_, *context, "PodLogs"); !status.ok()) return status;
    std::unique_lock lock(world_.mutex);
    size_t next = 0;
    do {
      while (next < world_.logs.size()) {
        const v1::LogLine line = world_.logs[next++];
        if (line.origin() != request->pod()) continue;
        lock.unlock();
        const bool written = out->Write(line);
        lock.lock();
        if (!written) return Status::CANCELLED;
      }
    } while (request->follow() && wait_for_change(world_, lock, *context));
    return Status::OK;
  }

 private:
  FakeWorld& world_;
};

class LineageFake final : public v1::LineageService::Service {
 public:
  explicit LineageFake(FakeWorld& world) : world_(world) {}
  Status GetGraph(ServerContext* context, const v1::GetGraphRequest*, v1::LineageGraph* graph) override {
    if (const Status status = admit(world_, *context, "GetGraph"); !status.ok()) return status;
    *graph = world_.graph;
    return Status::OK;
  }
  Status TraceColumns(ServerContext* context, const v1::TraceColumnsRequest* request, v1::ColumnTrace* trace) override {
    if (const Status status = admit(world_, *context, "TraceColumns"); !status.ok()) return status;
    *trace = trace_of(world_.graph, request->node());
    return Status::OK;
  }

 private:
  FakeWorld& world_;
};

class ActivityFake final : public v1::ActivityService::Service {
 public:
  explicit ActivityFake(FakeWorld& world) : world_(world) {}

  Status ListAudit(ServerContext* context, const v1::ListAuditRequest* request, v1::ListAuditResponse* response) override {
    if (const Status status = admit(world_, *context, "ListAudit"); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    std::vector<const v1::AuditEntry*> found;
    for (auto entry = world_.audit.rbegin(); entry != world_.audit.rend(); ++entry) {
      const std::string all = entry->who() + " " + entry->action() + " " + entry->target() + " " + entry->why();
      if (all.find(request->text()) != std::string::npos) found.push_back(&*entry);
    }
    response->set_total(static_cast<int64_t>(found.size()));
    const auto limit = static_cast<size_t>(request->page().limit() ? request->page().limit() : 500);
    for (auto i = static_cast<size_t>(request->page().offset()); i < found.size() && i < request->page().offset() + limit; ++i) {
      *response->add_entries() = *found[i];
    }
    return Status::OK;
  }

  Status Logs(ServerContext* context, const v1::EngineLogsRequest* request, ServerWriter<v1::LogLine>* out) override {
    if (const Status status = admit(world_, *context, "EngineLogs"); !status.ok()) return status;
    std::unique_lock lock(world_.mutex);
    size_t next = 0;
    do {
      while (next < world_.logs.size()) {
        const v1::LogLine line = world_.logs[next++];
        if (line.text().find(request->text()) == std::string::npos) continue;
        lock.unlock();
        const bool written = out->Write(line);
        lock.lock();
        if (!written) return Status::CANCELLED;
      }
    } while (request->follow() && wait_for_change(world_, lock, *context));
    return Status::OK;
  }

 private:
  FakeWorld& world_;
};

class WorkspaceFake final : public v1::WorkspaceService::Service {
 public:
  explicit WorkspaceFake(FakeWorld& world) : world_(world) {}

  Status ListConnections(ServerContext* context, const v1::ListConnectionsRequest*, v1::ListConnectionsResponse* response) override {
    if (const Status status = admit(world_, *context, "ListConnections"); !status.ok() || world_.options.bare) return status;
    const auto add = [&](const char* name, const char* kind, const char* endpoint, const char* user) {
      v1::Connection* connection = response->add_connections();
      connection->set_name(name);
      connection->set_kind(kind);
      connection->set_endpoint(endpoint);
      connection->add_used_by(user);
    };
    add("pos_kafka", "kafka", "broker-1:9092", "sales");
    add("ops_db", "postgres", "ops-db:5432/ops", "sales");
    add("lake", "delta", "/srv/lake", "sales");
    return Status::OK;
  }
  Status ListContracts(ServerContext* context, const v1::ListContractsRequest* request, v1::ListContractsResponse* response) override {
    if (const Status status = admit(world_, *context, "ListContracts"); !status.ok() || request->pipeline() != "sales") return status;
    v1::SourceContracts* source = response->add_sources();
    source->set_source("source");
    source->set_declared("contracts/pos_sale.avsc");
    source->set_format("json");
    source->set_drift("evolve");
    const std::vector<std::string> columns{"event_id VARCHAR", "store_id INTEGER", "sku VARCHAR", "qty INTEGER", "unit_price DECIMAL(10,2)", "sold_at TIMESTAMP WITH TIME ZONE"};
    v1::ContractVersion* declared = source->add_versions();
    declared->mutable_columns()->Add(columns.begin(), columns.end());
    v1::ContractVersion* evolved = source->add_versions();
    evolved->set_version(1);
    evolved->set_kept_at(now_micros() - 3'600'000'000);
    evolved->mutable_columns()->Add(columns.begin(), columns.end());
    evolved->add_columns("till_version VARCHAR");
    evolved->add_added("till_version VARCHAR");
    evolved->set_backward("yes");
    evolved->set_forward("yes");
    return Status::OK;
  }
  Status TestConnection(ServerContext* context, const v1::TestConnectionRequest* request, v1::TestConnectionResponse* response) override {
    if (const Status status = admit(world_, *context, "TestConnection"); !status.ok()) return status;
    response->set_reached(request->name() != "ops_db");
    response->set_message(response->reached() ? "3 topics, 12 partitions" : "connection refused by ops-db:5432");
    response->set_micros(18'200);
    return Status::OK;
  }

 private:
  FakeWorld& world_;
};

}  // namespace

std::vector<std::unique_ptr<grpc::Service>> make_services(FakeWorld& world) {
  std::vector<std::unique_ptr<grpc::Service>> services = make_row_services(world);
  services.push_back(std::make_unique<EngineFake>(world));
  services.push_back(std::make_unique<TelemetryFake>(world));
  services.push_back(std::make_unique<PipelineFake>(world));
  services.push_back(std::make_unique<PodFake>(world));
  services.push_back(std::make_unique<LineageFake>(world));
  services.push_back(std::make_unique<ActivityFake>(world));
  services.push_back(std::make_unique<WorkspaceFake>(world));
  return services;
}

}  // namespace penstock::test
