#include <algorithm>
#include <penstock/v1/quality.grpc.pb.h>
#include <penstock/v1/query.grpc.pb.h>
#include <penstock/v1/replay.grpc.pb.h>

#include "support/fake_services.h"

namespace penstock::test {
namespace {

using grpc::ServerContext;
using grpc::ServerWriter;
using grpc::Status;

bool contains(const google::protobuf::RepeatedPtrField<std::string>& list, const std::string& id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

bool matches(const v1::RejectedFilter& filter, const v1::RejectedRow& row) {
  const std::string status = filter.status().empty() ? "open" : filter.status();
  return (filter.stream().empty() || filter.stream() == row.stream()) &&
         (filter.table().empty() || filter.table() == row.table()) &&
         (filter.expectation().empty() || filter.expectation() == row.expectation()) &&
         (status == "all" || status == row.status()) &&
         (row.key().find(filter.text()) != std::string::npos || row.reason().find(filter.text()) != std::string::npos) &&
         (filter.only_ids().empty() || contains(filter.only_ids(), row.id())) && !contains(filter.except_ids(), row.id());
}

void add_column(google::protobuf::RepeatedPtrField<v1::Column>* columns, const char* name, const char* type) {
  v1::Column* column = columns->Add();
  column->set_name(name);
  column->set_type(type);
}

void add_sales_columns(google::protobuf::RepeatedPtrField<v1::Column>* columns) {
  add_column(columns, "event_id", "VARCHAR");
  add_column(columns, "store_id", "BIGINT");
  add_column(columns, "sku", "VARCHAR");
  add_column(columns, "qty", "INTEGER");
  add_column(columns, "unit_price", "DECIMAL(10,2)");
  add_column(columns, "sold_at", "TIMESTAMP WITH TIME ZONE");
}

class QualityFake final : public v1::QualityService::Service {
 public:
  explicit QualityFake(FakeWorld& world) : world_(world) {}

  Status ListExpectations(ServerContext* context, const v1::ListExpectationsRequest*, v1::ListExpectationsResponse* response) override {
    if (const Status status = admit(world_, *context, "ListExpectations"); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    for (const auto& [name, state] : world_.expectations) *response->add_expectations() = state;
    return Status::OK;
  }

  Status ListRejected(ServerContext* context, const v1::ListRejectedRequest* request, v1::ListRejectedResponse* response) override {
    if (const Status status = admit(world_, *context, "ListRejected"); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    const int64_t limit = request->page().limit() ? request->page().limit() : 500;
    int64_t found = 0;
    for (const auto& row : world_.rejected) {
      if (!matches(request->filter(), row)) continue;
      if (found >= request->page().offset() && found < request->page().offset() + limit) *response->add_rows() = row;
      ++found;
    }
    response->set_total(found);
    add_sales_columns(response->mutable_columns());
    return Status::OK;
  }

  Status GetRejected(ServerContext* context, const v1::GetRejectedRequest* request, v1::RejectedJourney* journey) override {
    if (const Status status = admit(world_, *context, "GetRejected"); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    for (const auto& row : world_.rejected) {
      if (row.id() != request->id()) continue;
      *journey->mutable_row() = row;
      add_sales_columns(journey->mutable_columns());
      journey->set_raw("{\"event_id\":\"" + row.key() + "\",\"store_id\":118,\"sku\":\"TEA-0410\",\"qty\":2,\"till_version\":\"8.2\"}");
      const auto stop = [&](const char* node, const std::string& label, const std::string& detail, const char* state) {
        v1::JourneyStop* out = journey->add_stops();
        out->set_node(node);
        out->set_label(label);
        out->set_detail(detail);
        out->set_state(state);
        out->set_at(row.source_time());
      };
      stop("source/sales/source", "pos.sales / 3 @ " + std::to_string(row.origin().offset()), "212 bytes · till 8.2", "passed");
      stop("table/bronze.pos", "bronze.pos", "raw kept", "passed");
      stop("step/sales/silver", "silver.sales — known_store", row.reason(), "rejected");
      stop("step/sales/velocity", "gold.sales_velocity", "", "never reached");
      return Status::OK;
    }
    return failure(grpc::StatusCode::NOT_FOUND, *context, "not_found", "this row is no longer kept");
  }

  Status Diagnose(ServerContext* context, const v1::DiagnoseRequest* request, v1::Diagnosis* diagnosis) override {
    if (const Status status = admit(world_, *context, "Diagnose"); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    if (request->expectation() != "known_store") return Status::OK;
    const auto open = std::count_if(world_.rejected.begin(), world_.rejected.end(), [](const auto& row) { return row.status() == "open"; });
    const bool mended = world_.stores_revision > 1;
    diagnosis->set_seed("stores");
    diagnosis->set_open_rows(open);
    diagnosis->set_would_pass(mended ? open : 0);
    if (!mended) for (int store = world_.first_missing_store; store <= 131; ++store) diagnosis->add_missing_keys(std::to_string(store));
    const auto missing = std::to_string(diagnosis->missing_keys_size());
    diagnosis->set_sentence(mended ? "With seeds/stores.csv as it is now, all rows pass." : missing + " stores are missing from ref.stores.");
    return Status::OK;
  }

  Status ReadSeed(ServerContext* context, const v1::ReadSeedRequest* request, v1::Seed* seed) override {
    if (const Status status = admit(world_, *context, "ReadSeed"); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    seed->set_name(request->name());
    seed->set_path("seeds/" + request->name() + ".csv");
    seed->set_csv(world_.stores_csv);
    seed->set_revision(std::to_string(world_.stores_revision));
    return Status::OK;
  }

  Status WriteSeed(ServerContext* context, const v1::WriteSeedRequest* request, v1::CommandOutcome* outcome) override {
    if (const Status status = admit(world_, *context, "WriteSeed"); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    if (request->revision() != std::to_string(world_.stores_revision)) {
      return failure(grpc::StatusCode::FAILED_PRECONDITION, *context, "failed_precondition", "the seed was changed by someone else", "read it again");
    }
    world_.stores_csv = request->csv();
    ++world_.stores_revision;
    outcome->set_outcome("seeds/" + request->name() + ".csv written");
    world_.record(request->command(), "write seed", request->name(), outcome->outcome());
    return Status::OK;
  }

  Status Mute(ServerContext* context, const v1::MuteRequest* request, v1::CommandOutcome* outcome) override {
    return mute(*context, "Mute", *request, now_micros(), outcome);
  }
  Status Unmute(ServerContext* context, const v1::MuteRequest* request, v1::CommandOutcome* outcome) override {
    return mute(*context, "Unmute", *request, 0, outcome);
  }

 private:
  Status mute(ServerContext& context, const std::string& method, const v1::MuteRequest& request, int64_t at, v1::CommandOutcome* outcome) {
    if (const Status status = admit(world_, context, method); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    const std::string key = request.stream() + "/" + request.step() + "/" + request.expectation();
    auto& expectation = world_.expectations.at(key);
    expectation.set_muted_at(at);
    expectation.set_muted_by(at > 0 ? "operator" : "");
    expectation.set_muted_why(at > 0 ? request.command().why() : "");
    world_.touch("expectation/" + key);
    outcome->set_outcome(request.expectation() + (at > 0 ? " is muted" : " raises alarms again"));
    world_.record(request.command(), at > 0 ? "mute" : "unmute", request.expectation(), outcome->outcome());
    world_.publish();
    return Status::OK;
  }
  FakeWorld& world_;
};

class ReplayFake final : public v1::ReplayService::Service {
 public:
  explicit ReplayFake(FakeWorld& world) : world_(world) {}

  Status PreviewReplay(ServerContext* context, const v1::ReplayRequest* request, v1::ReplayPreview* preview) override {
    if (const Status status = admit(world_, *context, "PreviewReplay"); !status.ok()) return status;
    preview->set_pipeline(request->pipeline());
    preview->set_from_time(request->from_time() / 60'000'000 * 60'000'000);
    preview->set_to_time((request->to_time() / 60'000'000 + 1) * 60'000'000);
    preview->set_warm_up_from(preview->from_time() - 600'000'000);
    preview->set_rows((preview->to_time() - preview->from_time()) / 1'000'000 * 12'480);
    preview->set_estimated_micros(preview->rows() * 25);
    add_sink(preview, "ops.velocity", "replaces", preview->rows() / 60);
    add_sink(preview, "fraud scoring", request->include_sinks_size() ? "sends again" : "off", preview->rows());
    preview->add_tables("silver.sales");
    preview->add_tables("gold.sales_velocity");
    preview->set_windows(15);
    preview->set_sends_again(request->include_sinks_size() ? preview->rows() : 0);
    return Status::OK;
  }
  Status StartReplay(ServerContext* context, const v1::ReplayRequest* request, v1::ReplayState* state) override {
    if (const Status status = admit(world_, *context, "StartReplay"); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    *state = start(request->command(), "replay", request->pipeline(), 748'800, request->rate_limit());
    return Status::OK;
  }
  Status PreviewRedrive(ServerContext* context, const v1::RedriveRequest* request, v1::ReplayPreview* preview) override {
    if (const Status status = admit(world_, *context, "PreviewRedrive"); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    preview->set_pipeline(request->filter().stream());
    preview->set_rows(count(request->filter()));
    preview->set_estimated_micros(900'000);
    add_sink(preview, "ops.velocity", "idempotent", preview->rows());
    preview->add_tables("silver.sales");
    preview->set_windows(18);
    preview->set_safe(world_.safe);
    return Status::OK;
  }
  Status Redrive(ServerContext* context, const v1::RedriveRequest* request, v1::ReplayState* state) override {
    if (const Status status = admit(world_, *context, "Redrive"); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    const int64_t rows = settle(request->filter(), "redriven");
    *state = start(request->command(), "redrive", request->filter().stream(), rows, request->rate_limit());
    return Status::OK;
  }
  Status Discard(ServerContext* context, const v1::RedriveRequest* request, v1::CommandOutcome* outcome) override {
    if (const Status status = admit(world_, *context, "Discard"); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    const int64_t rows = settle(request->filter(), "discarded");
    outcome->set_outcome(std::to_string(rows) + " rows discarded");
    world_.record(request->command(), "discard " + std::to_string(rows) + " of", request->filter().stream(), outcome->outcome());
    world_.publish();
    return Status::OK;
  }
  Status Pause(ServerContext* context, const v1::ReplayCommand* request, v1::CommandOutcome* outcome) override {
    return change(*context, "PauseReplay", *request, "paused", outcome);
  }
  Status Resume(ServerContext* context, const v1::ReplayCommand* request, v1::CommandOutcome* outcome) override {
    return change(*context, "ResumeReplay", *request, "running", outcome);
  }
  Status Cancel(ServerContext* context, const v1::ReplayCommand* request, v1::CommandOutcome* outcome) override {
    return change(*context, "CancelReplay", *request, "cancelled", outcome);
  }
  Status SetRate(ServerContext* context, const v1::ReplayCommand* request, v1::CommandOutcome* outcome) override {
    return change(*context, "SetRate", *request, "", outcome);
  }
  Status List(ServerContext* context, const v1::ListReplaysRequest*, v1::ListReplaysResponse* response) override {
    if (const Status status = admit(world_, *context, "ListReplays"); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    for (auto replay = world_.replays.rbegin(); replay != world_.replays.rend(); ++replay) *response->add_replays() = replay->second;
    response->set_total(static_cast<int64_t>(world_.replays.size()));
    return Status::OK;
  }

 private:
  static void add_sink(v1::ReplayPreview* preview, const char* name, const char* effect, int64_t rows) {
    v1::SinkEffect* sink = preview->add_sinks();
    sink->set_sink(name);
    sink->set_effect(effect);
    sink->set_rows(rows);
  }
  int64_t count(const v1::RejectedFilter& filter) const {
    return std::count_if(world_.rejected.begin(), world_.rejected.end(), [&](const auto& row) { return matches(filter, row); });
  }
  int64_t settle(const v1::RejectedFilter& filter, const char* status) {
    int64_t rows = 0;
    for (auto& row : world_.rejected) {
      if (!matches(filter, row)) continue;
      row.set_status(status);
      ++rows;
    }
    const int64_t open = count({});
    world_.pipelines["sales"].set_failing_rows(open);
    world_.touch("pipeline/sales");
    auto& expectation = world_.expectations["sales/silver/known_store"];
    expectation.set_failed_recently(open);
    if (open == 0) expectation.set_rate(0);
    world_.touch("expectation/sales/silver/known_store");
    return rows;
  }
  v1::ReplayState start(const v1::Command& command, const std::string& kind, const std::string& pipeline, int64_t rows, double rate_limit) {
    v1::ReplayState state;
    state.set_rate_limit(rate_limit);
    state.set_id(kind + "-" + std::to_string(world_.replays.size() + 1));
    state.set_pipeline(pipeline);
    state.set_kind(kind);
    state.set_status("running");
    state.set_rows_total(rows);
    state.set_rows_per_second(rate_limit > 0 ? rate_limit : 41'200);
    state.set_started_at(now_micros());
    state.set_who("operator");
    state.set_why(command.why());
    world_.replays[state.id()] = state;
    world_.touch("replay/" + state.id());
    world_.record(command, kind + " " + std::to_string(rows) + " of", pipeline, "started");
    world_.publish();
    return state;
  }
  Status change(ServerContext& context, const std::string& method, const v1::ReplayCommand& request, const std::string& status_after,
                v1::CommandOutcome* outcome) {
    if (const Status status = admit(world_, context, method); !status.ok()) return status;
    const std::lock_guard lock(world_.mutex);
    const auto found = world_.replays.find(request.replay_id());
    if (found == world_.replays.end()) return failure(grpc::StatusCode::NOT_FOUND, context, "not_found", "there is no such replay");
    if (status_after.empty()) found->second.set_rate_limit(request.rate_limit());
    else found->second.set_status(status_after);
    world_.touch("replay/" + request.replay_id());
    outcome->set_outcome(status_after.empty() ? "rate set" : status_after);
    world_.publish();
    return Status::OK;
  }
  FakeWorld& world_;
};

class QueryFake final : public v1::QueryService::Service {
 public:
  explicit QueryFake(FakeWorld& world) : world_(world) {}

  // Understands "SELECT n" as "give me n rows" and anything with "sleep" as a query that ends only when cancelled.
  Status Run(ServerContext* context, const v1::RunQueryRequest* request, ServerWriter<v1::QueryResult>* out) override {
    if (const Status status = admit(world_, *context, "Query"); !status.ok()) return status;
    if (request->sql().find("sleep") != std::string::npos) {
      std::unique_lock lock(world_.mutex);
      while (wait_for_change(world_, lock, *context)) {}
      return Status::CANCELLED;
    }
    if (request->sql().find("nonsense") != std::string::npos) {
      return failure(grpc::StatusCode::INVALID_ARGUMENT, *context, "invalid_argument", "there is no table 'nonsense'", "did you mean silver.sales?");
    }
    const size_t digits = request->sql().find_first_of("0123456789");
    const int64_t rows = digits == std::string::npos ? 1'000 : std::stoll(request->sql().substr(digits));
    const int64_t sent = std::min(rows, request->max_rows() ? request->max_rows() : 100'000);
    v1::QueryResult part;
    add_sales_columns(part.mutable_columns());
    for (int64_t row = 0; row < sent; ++row) {
      const auto& sample = world_.rejected.empty() ? v1::RejectedRow{} : world_.rejected[static_cast<size_t>(row) % world_.rejected.size()];
      *part.add_rows()->mutable_cells() = sample.values();
      if (part.rows_size() < 1'000) continue;
      if (!out->Write(part)) return Status::CANCELLED;
      part.Clear();
    }
    part.set_done(true);
    part.set_total_rows(sent);
    part.set_truncated(sent < rows);
    part.set_micros(4'300);
    out->Write(part);
    return Status::OK;
  }

  Status ListObjects(ServerContext* context, const v1::ListObjectsRequest*, v1::ListObjectsResponse* response) override {
    if (const Status status = admit(world_, *context, "ListObjects"); !status.ok()) return status;
    for (const char* name : {"bronze.pos", "silver.sales", "gold.sales_velocity", "quarantine.sales", "ref.stores", "sales.velocity"}) {
      v1::QueryObject* object = response->add_objects();
      object->set_name(name);
      object->set_kind(std::string(name).starts_with("ref.") ? "seed" : std::string(name).starts_with("sales.") ? "step" : "table");
      add_sales_columns(object->mutable_columns());
    }
    return Status::OK;
  }

 private:
  FakeWorld& world_;
};

}  // namespace

std::vector<std::unique_ptr<grpc::Service>> make_row_services(FakeWorld& world) {
  std::vector<std::unique_ptr<grpc::Service>> services;
  services.push_back(std::make_unique<QualityFake>(world));
  services.push_back(std::make_unique<ReplayFake>(world));
  services.push_back(std::make_unique<QueryFake>(world));
  return services;
}

}  // namespace penstock::test
