#include "client/lineage_client.h"

#include <penstock/v1/lineage.grpc.pb.h>

#include "client/connection.h"
#include "client/convert.h"
#include "client/unary_call.h"

namespace penstock::ui {

Call LineageClient::graph(bool columns, QObject* receiver, Reply<LineageGraph> reply) {
  v1::GetGraphRequest request;
  request.set_columns(columns);
  return startUnary<v1::LineageService>(engine_.transport(), &v1::LineageService::Stub::async::GetGraph, std::move(request),
                                    usualDeadline, graphOf, receiver, std::move(reply));
}

Call LineageClient::trace(const QString& node, QObject* receiver, Reply<ColumnTrace> reply) {
  v1::TraceColumnsRequest request;
  request.set_node(node.toStdString());
  return startUnary<v1::LineageService>(engine_.transport(), &v1::LineageService::Stub::async::TraceColumns, std::move(request),
                                    usualDeadline, traceOf, receiver, std::move(reply));
}

}  // namespace penstock::ui
