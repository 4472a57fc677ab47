#include "rpc/quality_service.h"

#include "rpc/page.h"
#include "rpc/rejected_journey.h"
#include "rpc/rejected_messages.h"
#include "rpc/row_messages.h"
#include "rpc/telemetry_messages.h"

namespace penstock::rpc {
namespace {

constexpr std::size_t kShownRawBytes = 1 << 20;

RejectedOrder order_of(const std::string& name) {
  if (name == "key") return RejectedOrder::key;
  return name == "reason" ? RejectedOrder::reason : RejectedOrder::time;
}

Result<std::string> expectation_sql(const AppliedVersionView& version, const std::string& stream, const std::string& expectation) {
  if (const auto* spec = version.workspace->find_stream(stream))
    for (const auto& step : spec->steps)
      for (const auto& declared : step.expect)
        if (declared.name == expectation) return declared.sql;
  return Error(ErrorKind::not_found, stream + " has no expectation '" + expectation + "'", "penstockctl failures lists them", expectation);
}

}  // namespace

grpc::ServerUnaryReactor* QualityService::ListExpectations(grpc::CallbackServerContext* context, const v1::ListExpectationsRequest* request,
                                                           v1::ListExpectationsResponse* response) {
  return parts_.calls.unary<v1::ListExpectationsRequest, v1::ListExpectationsResponse>(context, request, response, [this](const auto&, const auto&, auto& response) -> Status {
    for (const auto& expectation : parts_.registry.expectations()) write(expectation, *response.add_expectations());
    return {};
  });
}

grpc::ServerUnaryReactor* QualityService::ListRejected(grpc::CallbackServerContext* context, const v1::ListRejectedRequest* request,
                                                       v1::ListRejectedResponse* response) {
  return parts_.calls.unary<v1::ListRejectedRequest, v1::ListRejectedResponse>(
      context, request, response, [this](const auto&, const auto& request, auto& response) { return list_rejected(request, response); });
}

SchemaPtr QualityService::schema_at(const RejectedRow& row) const {
  const auto version = parts_.applied.current();
  const auto found = version->step_schemas.find(row.stream + "." + row.step);
  return found == version->step_schemas.end() ? nullptr : found->second;
}

Status QualityService::list_rejected(const v1::ListRejectedRequest& request, v1::ListRejectedResponse& response) const {
  PENSTOCK_ASSIGN(const auto filter, read_filter(request.filter()));
  PENSTOCK_ASSIGN(const auto total, parts_.rejected.count(filter));
  PENSTOCK_ASSIGN(const auto rows, parts_.rejected.page(filter, order_of(request.order()), offset_of(request.page()), limit_of(request.page())));
  response.set_total(total);
  const auto columns = value_columns(rows, rows.empty() ? nullptr : schema_at(rows.front()));
  for (const auto& column : columns) write(column, *response.add_columns());
  for (const auto& row : rows) {
    auto& message = *response.add_rows();
    write(row, message);
    write_values(row, columns, message);
  }
  return {};
}

grpc::ServerUnaryReactor* QualityService::GetRejected(grpc::CallbackServerContext* context, const v1::GetRejectedRequest* request, v1::RejectedJourney* response) {
  return parts_.calls.unary<v1::GetRejectedRequest, v1::RejectedJourney>(
      context, request, response, [this](const auto&, const auto& request, auto& response) { return get_rejected(request, response); });
}

Status QualityService::get_rejected(const v1::GetRejectedRequest& request, v1::RejectedJourney& response) const {
  PENSTOCK_ASSIGN(const auto found, parts_.rejected.get(request.id()));
  if (!found) return Error(ErrorKind::not_found, "there is no such rejected row", "penstockctl dlq list", request.id());
  const auto& row = found->row;
  const auto columns = value_columns({row}, schema_at(row));
  for (const auto& column : columns) write(column, *response.add_columns());
  write(row, *response.mutable_row());
  write_values(row, columns, *response.mutable_row());
  add_journey(*parts_.applied.current()->workspace, row, response);
  response.set_raw(found->raw.substr(0, kShownRawBytes));
  response.set_headers(found->headers);
  return {};
}

grpc::ServerUnaryReactor* QualityService::Diagnose(grpc::CallbackServerContext* context, const v1::DiagnoseRequest* request, v1::Diagnosis* response) {
  return parts_.calls.unary<v1::DiagnoseRequest, v1::Diagnosis>(
      context, request, response, [this](const auto&, const auto& request, auto& response) { return diagnose(request, response); });
}

Result<std::set<std::string>> QualityService::keys_of(const SeedLookup& lookup) const {
  std::set<std::string> keys;
  const std::string sql = "SELECT \"" + lookup.key + "\" FROM ref.\"" + lookup.seed + "\"";
  PENSTOCK_TRY(queries_.run(sql, {.rows = 10'000'000}, {}, [](const SchemaPtr&) { return Status(); }, [&](const Batch& rows) {
    for (std::int64_t row = 0; row < rows.rows(); ++row)
      if (const auto column = rows.column(0); !column.is_null(row)) keys.insert(column.to_text(row));
    return Status();
  }));
  return keys;
}

Status QualityService::diagnose(const v1::DiagnoseRequest& request, v1::Diagnosis& response) const {
  PENSTOCK_ASSIGN(const auto sql, expectation_sql(*parts_.applied.current(), request.stream(), request.expectation()));
  PENSTOCK_ASSIGN(const auto diagnosis, penstock::diagnose(request.stream(), request.expectation(), sql, parts_.rejected,
                                                           [this](const SeedLookup& lookup) { return keys_of(lookup); }));
  response.set_sentence(diagnosis.sentence);
  response.set_seed(diagnosis.seed);
  for (const auto& key : diagnosis.missing_keys) response.add_missing_keys(key);
  response.set_open_rows(diagnosis.open_rows);
  response.set_would_pass(diagnosis.would_pass);
  return {};
}

grpc::ServerUnaryReactor* QualityService::ReadSeed(grpc::CallbackServerContext* context, const v1::ReadSeedRequest* request, v1::Seed* response) {
  return parts_.calls.unary<v1::ReadSeedRequest, v1::Seed>(context, request, response, [this](const auto&, const auto& request, auto& response) -> Status {
    PENSTOCK_ASSIGN(const auto seed, parts_.seeds.read(request.name()));
    response.set_name(seed.name);
    response.set_path(seed.path);
    response.set_csv(seed.csv);
    response.set_revision(seed.revision);
    return {};
  });
}

grpc::ServerUnaryReactor* QualityService::WriteSeed(grpc::CallbackServerContext* context, const v1::WriteSeedRequest* request, v1::CommandOutcome* response) {
  return parts_.calls.unary<v1::WriteSeedRequest, v1::CommandOutcome>(context, request, response, [this](const CallContext& call, const auto& request, auto& response) -> Status {
    const CommandSubject subject{.action = "write seed", .target = "ref." + request.name(), .touches = "steps that read ref." + request.name()};
    PENSTOCK_ASSIGN(response, parts_.commands.run(call, request.command(), subject, [&]() -> Result<std::string> {
      PENSTOCK_TRY(parts_.seeds.write(request.name(), request.csv(), request.revision()));
      return "ref." + request.name() + " is written; steps see it from their next epoch on";
    }));
    return {};
  });
}

grpc::ServerUnaryReactor* QualityService::Mute(grpc::CallbackServerContext* context, const v1::MuteRequest* request, v1::CommandOutcome* response) {
  return parts_.calls.unary<v1::MuteRequest, v1::CommandOutcome>(context, request, response, [this](const CallContext& call, const auto& request, auto& response) -> Status {
    const CommandSubject subject{.action = "mute", .target = request.stream() + "/" + request.expectation(), .touches = "its alarm"};
    PENSTOCK_ASSIGN(response, parts_.commands.run(call, request.command(), subject, [&] {
      return parts_.mutes.mute({request.stream(), request.step(), request.expectation(), to_micros(Clock::system().now()), call.who, request.command().why()});
    }));
    return {};
  });
}

grpc::ServerUnaryReactor* QualityService::Unmute(grpc::CallbackServerContext* context, const v1::MuteRequest* request, v1::CommandOutcome* response) {
  return parts_.calls.unary<v1::MuteRequest, v1::CommandOutcome>(context, request, response, [this](const CallContext& call, const auto& request, auto& response) -> Status {
    const CommandSubject subject{.action = "unmute", .target = request.stream() + "/" + request.expectation(), .touches = "its alarm"};
    PENSTOCK_ASSIGN(response, parts_.commands.run(call, request.command(), subject, [&] {
      return parts_.mutes.unmute(request.stream(), request.step(), request.expectation());
    }));
    return {};
  });
}

}  // namespace penstock::rpc
