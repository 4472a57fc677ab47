#include "rpc/lineage_service.h"

namespace penstock::rpc {

grpc::ServerUnaryReactor* LineageService::GetGraph(grpc::CallbackServerContext* context, const v1::GetGraphRequest* request, v1::LineageGraph* response) {
  return calls_.unary<v1::GetGraphRequest, v1::LineageGraph>(context, request, response, [this](const auto&, const auto& request, auto& response) -> Status {
    const auto version = applied_.current();
    response.set_version(version->number);
    for (const auto& node : version->graph.nodes()) {
      auto& message = *response.add_nodes();
      message.set_id(node.id);
      message.set_label(node.label);
      message.set_kind(node.kind);
      message.set_technology(node.file.empty() ? node.technology : node.technology + " " + models_.of(node.file));
      message.set_pipeline(node.pipeline);
      message.set_step(node.step);
      message.set_layer(node.layer);
      if (request.columns()) message.mutable_columns()->Add(node.columns.begin(), node.columns.end());
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

}  // namespace penstock::rpc
