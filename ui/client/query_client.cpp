#include "client/query_client.h"

#include <penstock/v1/query.grpc.pb.h>

#include "client/connection.h"
#include "client/convert.h"
#include "client/server_stream.h"
#include "client/unary_call.h"

namespace penstock::ui {

Call QueryClient::run(const QString& sql, qint64 maxRows, qint64 offset, QObject* receiver, StreamReply<QueryPart> reply) {
  v1::RunQueryRequest request;
  request.set_sql(sql.toStdString());
  request.set_max_rows(maxRows);
  request.set_offset(offset);
  return startStream<v1::QueryService>(engine_.transport(), &v1::QueryService::Stub::async::Run, std::move(request),
                                     queryPartOf, receiver, std::move(reply));
}

Call QueryClient::listObjects(QObject* receiver, Reply<std::vector<QueryObject>> reply) {
  return startUnary<v1::QueryService>(engine_.transport(), &v1::QueryService::Stub::async::ListObjects, v1::ListObjectsRequest{},
                                    usualDeadline, queryObjectsOf, receiver, std::move(reply));
}

}  // namespace penstock::ui
