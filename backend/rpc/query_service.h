#pragma once

#include "engine/query_tables.h"
#include "penstock/v1/query.grpc.pb.h"
#include "rpc/calls.h"
#include "sql/query_engine.h"

namespace penstock::rpc {

// One SELECT, its rows as they come. Thread-safe; the tables outlive it.
class QueryService final : public v1::QueryService::CallbackService {
 public:
  QueryService(Calls& calls, QueryTables& tables) : calls_(calls), tables_(tables), queries_(tables) {}

  grpc::ServerWriteReactor<v1::QueryResult>* Run(grpc::CallbackServerContext*, const v1::RunQueryRequest*) override;
  grpc::ServerUnaryReactor* ListObjects(grpc::CallbackServerContext*, const v1::ListObjectsRequest*, v1::ListObjectsResponse*) override;

 private:
  Status run(const CallContext& call, const v1::RunQueryRequest& request, ItemWriter<v1::QueryResult>& results) const;

  Calls& calls_;
  QueryTables& tables_;
  const QueryEngine queries_;
};

}  // namespace penstock::rpc
