#include "client/convert.h"

namespace penstock::ui {
namespace {

AuditEntry auditEntryOf(const v1::AuditEntry& in) {
  return {.commandId = text(in.command_id()),
          .who = text(in.who()),
          .at = instantOf(in.at()),
          .action = text(in.action()),
          .target = text(in.target()),
          .why = text(in.why()),
          .touches = text(in.touches()),
          .outcome = text(in.outcome()),
          .failed = in.failed()};
}

LineageNode nodeOf(const v1::LineageNode& in) {
  return {text(in.id()), text(in.label()), text(in.kind()), text(in.technology()), text(in.pipeline()), text(in.step()),
          in.layer(), texts(in.columns())};
}

LineageEdge edgeOf(const v1::LineageEdge& in) { return {text(in.from()), text(in.to()), text(in.pipeline())}; }

WorkspaceConnection connectionOf(const v1::Connection& in) {
  return {text(in.name()), text(in.kind()), text(in.endpoint()), texts(in.used_by())};
}

ContractVersion contractVersionOf(const v1::ContractVersion& in) {
  return {in.version(), instantOf(in.kept_at()), texts(in.columns()), texts(in.added()), texts(in.removed()), text(in.backward()), text(in.forward())};
}

SourceContracts sourceContractsOf(const v1::SourceContracts& in) {
  return {text(in.source()), text(in.declared()), text(in.format()), listOf(in.versions(), contractVersionOf), text(in.drift())};
}

NodeColumn nodeColumnOf(const v1::NodeColumn& in) { return {text(in.name()), text(in.type()), text(in.expression())}; }

ColumnEdge columnEdgeOf(const v1::ColumnEdge& in) {
  return {text(in.from_node()), text(in.from_column()), text(in.to_node()), text(in.to_column()), text(in.how())};
}

}  // namespace

LogEntry logLineOf(const v1::LogLine& in) {
  return {instantOf(in.at()), text(in.level()), text(in.origin()), text(in.text())};
}

AuditPage auditPageOf(const v1::ListAuditResponse& in) { return {listOf(in.entries(), auditEntryOf), in.total()}; }

LineageGraph graphOf(const v1::LineageGraph& in) {
  return {in.version(), listOf(in.nodes(), nodeOf), listOf(in.edges(), edgeOf)};
}

std::vector<WorkspaceConnection> connectionsOf(const v1::ListConnectionsResponse& in) {
  return listOf(in.connections(), connectionOf);
}

std::vector<SourceContracts> contractsOf(const v1::ListContractsResponse& in) { return listOf(in.sources(), sourceContractsOf); }

ColumnTrace traceOf(const v1::ColumnTrace& in) {
  return {listOf(in.columns(), nodeColumnOf), listOf(in.edges(), columnEdgeOf), texts(in.untraced())};
}

ConnectionTest connectionTestOf(const v1::TestConnectionResponse& in) {
  return {in.reached(), text(in.message()), Micros{in.micros()}};
}

}  // namespace penstock::ui
