#include "rpc/lineage_service.h"

namespace penstock::rpc {

grpc::ServerUnaryReactor* LineageService::GetGraph(grpc::CallbackServerContext* context, const v1::GetGraphRequest* request, v1::LineageGraph* response) {
  return calls_.unary<v1::GetGraphRequest, v1::LineageGraph>(context, request, response, [this](const auto&, const auto& request, auto& response) -> Status {
    const auto version = applied_.current();
    response.set_version(version->number);
    const auto columns = request.columns() ? columns_.of(*version) : nullptr;
    for (const auto& node : version->graph.nodes()) {
      auto& message = *response.add_nodes();
      message.set_id(node.id);
      message.set_label(node.label);
      message.set_kind(node.kind);
      message.set_technology(node.file.empty() ? node.technology : node.technology + " " + models_.of(node.file));
      message.set_pipeline(node.pipeline);
      message.set_step(node.step);
      message.set_layer(node.layer);
      if (!columns) continue;
      for (const NodeColumn& column : columns->columns_of(node.id)) message.add_columns(column.name);
    }
    for (const auto& edge : version->graph.edges()) {
      auto& message = *response.add_edges();
      message.set_from(edge.from);
      message.set_to(edge.to);
      message.set_pipeline(edge.pipeline);
    }
    return {};
  });
}

grpc::ServerUnaryReactor* LineageService::TraceColumns(grpc::CallbackServerContext* context, const v1::TraceColumnsRequest* request, v1::ColumnTrace* response) {
  return calls_.unary<v1::TraceColumnsRequest, v1::ColumnTrace>(context, request, response, [this](const auto&, const auto& request, auto& response) -> Status {
    PENSTOCK_ASSIGN(const auto trace, columns_.trace(request.node()));
    for (const NodeColumn& column : trace.columns) {
      auto& message = *response.add_columns();
      message.set_name(column.name);
      message.set_type(column.type);
      message.set_expression(column.expression);
    }
    for (const ColumnEdge& edge : trace.edges) {
      auto& message = *response.add_edges();
      message.set_from_node(edge.from_node);
      message.set_from_column(edge.from_column);
      message.set_to_node(edge.to_node);
      message.set_to_column(edge.to_column);
      message.set_how(edge.how);
    }
    response.mutable_untraced()->Add(trace.untraced.begin(), trace.untraced.end());
    return {};
  });
}

}  // namespace penstock::rpc
