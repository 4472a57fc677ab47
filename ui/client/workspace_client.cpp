#include "client/workspace_client.h"

#include <penstock/v1/workspace.grpc.pb.h>

#include "client/connection.h"
#include "client/convert.h"
#include "client/unary_call.h"

namespace penstock::ui {

Call WorkspaceClient::connections(QObject* receiver, Reply<std::vector<WorkspaceConnection>> reply) {
  return startUnary<v1::WorkspaceService>(engine_.transport(), &v1::WorkspaceService::Stub::async::ListConnections, v1::ListConnectionsRequest{},
                                    usualDeadline, connectionsOf, receiver, std::move(reply));
}

Call WorkspaceClient::contracts(const QString& pipeline, QObject* receiver, Reply<std::vector<SourceContracts>> reply) {
  v1::ListContractsRequest request;
  request.set_pipeline(pipeline.toStdString());
  return startUnary<v1::WorkspaceService>(engine_.transport(), &v1::WorkspaceService::Stub::async::ListContracts, std::move(request),
                                    usualDeadline, contractsOf, receiver, std::move(reply));
}

Call WorkspaceClient::testConnection(const QString& name, QObject* receiver, Reply<ConnectionTest> reply) {
  v1::TestConnectionRequest request;
  request.set_name(name.toStdString());
  return startUnary<v1::WorkspaceService>(engine_.transport(), &v1::WorkspaceService::Stub::async::TestConnection, std::move(request),
                                    std::chrono::seconds(30), connectionTestOf, receiver, std::move(reply));
}

}  // namespace penstock::ui
