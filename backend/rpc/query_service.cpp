#include "rpc/query_service.h"

#include <algorithm>

#include "rpc/row_messages.h"

namespace penstock::rpc {
namespace {

constexpr std::int64_t kDefaultRows = 100'000;

Status gone() { return Error(ErrorKind::cancelled, "the caller has gone"); }

}  // namespace

grpc::ServerWriteReactor<v1::QueryResult>* QueryService::Run(grpc::CallbackServerContext* context, const v1::RunQueryRequest* request) {
  return calls_.stream<v1::RunQueryRequest, v1::QueryResult>(
      context, request, [this](const CallContext& call, const auto& request, auto& results) { return run(call, request, results); });
}

Status QueryService::run(const CallContext& call, const v1::RunQueryRequest& request, ItemWriter<v1::QueryResult>& results) const {
  const auto began = std::chrono::steady_clock::now();
  const QueryLimits limits{.rows = request.max_rows() > 0 ? request.max_rows() : kDefaultRows, .skip_rows = std::max<std::int64_t>(request.offset(), 0)};
  const auto send_columns = [&](const SchemaPtr& schema) -> Status {
    v1::QueryResult message;
    for (const auto& field : schema->fields()) write(field, *message.add_columns());
    return results.write(message) ? Status() : gone();
  };
  const auto send_rows = [&](const Batch& rows) -> Status {
    v1::QueryResult message;
    for (std::int64_t row = 0; row < rows.rows(); ++row) write(rows, row, *message.add_rows());
    return results.write(message) ? Status() : gone();
  };
  PENSTOCK_ASSIGN(const auto outcome, queries_.run(request.sql(), limits, call.cancellation, send_columns, send_rows));
  v1::QueryResult end;
  end.set_done(true);
  end.set_total_rows(outcome.rows);
  end.set_truncated(outcome.truncated);
  end.set_micros(std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began).count());
  results.write(end);
  return {};
}

grpc::ServerUnaryReactor* QueryService::ListObjects(grpc::CallbackServerContext* context, const v1::ListObjectsRequest* request,
                                                    v1::ListObjectsResponse* response) {
  return calls_.unary<v1::ListObjectsRequest, v1::ListObjectsResponse>(context, request, response, [this](const auto&, const auto&, auto& response) -> Status {
    for (const auto& object : tables_.objects()) {
      auto& message = *response.add_objects();
      message.set_name(object.name);
      message.set_kind(object.kind);
      if (object.schema)
        for (const auto& field : object.schema->fields()) write(field, *message.add_columns());
    }
    return {};
  });
}

}  // namespace penstock::rpc
