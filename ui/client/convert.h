#pragma once

// Private to this folder: between penstock.v1 messages and the console's values.

#include <penstock/v1/activity.pb.h>
#include <penstock/v1/engine.pb.h>
#include <penstock/v1/lineage.pb.h>
#include <penstock/v1/pipelines.pb.h>
#include <penstock/v1/pods.pb.h>
#include <penstock/v1/quality.pb.h>
#include <penstock/v1/query.pb.h>
#include <penstock/v1/replay.pb.h>
#include <penstock/v1/telemetry.pb.h>
#include <penstock/v1/workspace.pb.h>

#include "client/commands.h"
#include "client/records.h"
#include "client/rows.h"
#include "client/values.h"

namespace penstock::ui {

inline QString text(const std::string& value) { return QString::fromStdString(value); }
QStringList texts(const google::protobuf::RepeatedPtrField<std::string>& values);
void setTexts(const QStringList& values, google::protobuf::RepeatedPtrField<std::string>* out);
// The API writes "unknown" as -1.
inline std::optional<Micros> knownMicros(int64_t value) { return value < 0 ? std::nullopt : std::optional(Micros{value}); }
inline std::optional<qint64> knownRows(int64_t value) { return value < 0 ? std::nullopt : std::optional<qint64>(value); }

// A repeated field, each converted.
template <typename Field, typename Convert>
auto listOf(const Field& field, Convert convert) {
  std::vector<decltype(convert(field.Get(0)))> out;
  out.reserve(static_cast<size_t>(field.size()));
  for (const auto& item : field) out.push_back(convert(item));
  return out;
}

// convert_telemetry.cpp
EngineInfo engineInfoOf(const v1::EngineInfo& in);
TelemetryChanges changesOf(const v1::TelemetryUpdate& in);
PipelineState pipelineOf(const v1::PipelineState& in);
ExpectationState expectationOf(const v1::ExpectationState& in);
PodState podOf(const v1::PodState& in);
ReplayState replayOf(const v1::ReplayState& in);
ReplayList replayListOf(const v1::ListReplaysResponse& in);
std::vector<Series> seriesOf(const v1::GetSeriesResponse& in);

// convert_rows.cpp
Column columnOf(const v1::Column& in);
Cells cellsOf(const google::protobuf::RepeatedPtrField<v1::Cell>& in);
RejectedPage rejectedPageOf(const v1::ListRejectedResponse& in);
RejectedJourney journeyOf(const v1::RejectedJourney& in);
Diagnosis diagnosisOf(const v1::Diagnosis& in);
Seed seedOf(const v1::Seed& in);
QueryPart queryPartOf(const v1::QueryResult& in);
std::vector<QueryObject> queryObjectsOf(const v1::ListObjectsResponse& in);
void setFilter(const RejectedFilter& filter, v1::RejectedFilter* out);

// convert_records.cpp
LogEntry logLineOf(const v1::LogLine& in);
AuditPage auditPageOf(const v1::ListAuditResponse& in);
LineageGraph graphOf(const v1::LineageGraph& in);
std::vector<WorkspaceConnection> connectionsOf(const v1::ListConnectionsResponse& in);
ConnectionTest connectionTestOf(const v1::TestConnectionResponse& in);
std::vector<SourceContracts> contractsOf(const v1::ListContractsResponse& in);
ColumnTrace traceOf(const v1::ColumnTrace& in);

// convert_commands.cpp
void setCommand(const Command& command, v1::Command* out);
CommandOutcome outcomeOf(const v1::CommandOutcome& in);
ScalePreview scalePreviewOf(const v1::ScalePreview& in);
std::vector<Savepoint> savepointsOf(const v1::ListSavepointsResponse& in);
ResetPreview resetPreviewOf(const v1::ResetPreview& in);
ResetProgress resetProgressOf(const v1::ResetProgress& in);
ReplayPreview replayPreviewOf(const v1::ReplayPreview& in);
v1::ReplayRequest replayRequestOf(const Command& command, const ReplayRequest& request);
v1::RedriveRequest redriveRequestOf(const Command& command, const RedriveRequest& request);

}  // namespace penstock::ui
