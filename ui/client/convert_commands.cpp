#include "client/convert.h"

namespace penstock::ui {
namespace {

ShardMove shardMoveOf(const v1::ShardMove& in) { return {in.shard(), text(in.from()), text(in.to())}; }

SinkEffect sinkEffectOf(const v1::SinkEffect& in) { return {text(in.sink()), text(in.effect()), in.rows()}; }

void setPosition(const Position& position, v1::Position* out) {
  out->set_source(position.source.toStdString());
  out->set_partition(position.partition);
  out->set_offset(position.offset);
}

}  // namespace

void setCommand(const Command& command, v1::Command* out) {
  out->set_id(command.id.toStdString());
  out->set_why(command.why.toStdString());
  out->set_decided_on(command.decidedOn);
  out->set_expected_state(command.expectedState.toStdString());
}

CommandOutcome outcomeOf(const v1::CommandOutcome& in) {
  return {text(in.command_id()), text(in.outcome()), in.repeated()};
}

ScalePreview scalePreviewOf(const v1::ScalePreview& in) {
  return {text(in.pipeline()), in.pods(), in.wanted(), in.shards(), listOf(in.moves(), shardMoveOf)};
}

std::vector<Savepoint> savepointsOf(const v1::ListSavepointsResponse& in) {
  return listOf(in.savepoints(), [](const v1::Savepoint& one) {
    return Savepoint{text(one.pipeline()), text(one.name()), instantOf(one.made_at()), one.version(), one.rows_in(), one.shards(), one.bytes()};
  });
}

ResetPreview resetPreviewOf(const v1::ResetPreview& in) {
  return {.pod = text(in.pod()),
          .pipelines = texts(in.pipelines()),
          .gapRows = knownRows(in.gap_rows()),
          .state = text(in.state()),
          .sinks = texts(in.sinks()),
          .sendsTwice = in.sends_twice(),
          .safe = in.safe()};
}

ResetProgress resetProgressOf(const v1::ResetProgress& in) {
  return {text(in.stage()),   in.gap_rows(),    in.replayed_rows(), in.lost_rows(),
          in.doubled_rows(), knownMicros(in.time_left()), text(in.outcome())};
}

ReplayPreview replayPreviewOf(const v1::ReplayPreview& in) {
  return {.pipeline = text(in.pipeline()),
          .fromTime = instantOf(in.from_time()),
          .toTime = instantOf(in.to_time()),
          .warmUpFrom = instantOf(in.warm_up_from()),
          .rows = in.rows(),
          .estimated = Micros{in.estimated_micros()},
          .sinks = listOf(in.sinks(), sinkEffectOf),
          .tables = texts(in.tables()),
          .windows = in.windows(),
          .warnings = texts(in.warnings()),
          .sendsAgain = in.sends_again(),
          .safe = in.safe(),
          .refusedRows = in.refused_rows()};
}

v1::ReplayRequest replayRequestOf(const Command& command, const ReplayRequest& request) {
  v1::ReplayRequest out;
  setCommand(command, out.mutable_command());
  out.set_pipeline(request.pipeline.toStdString());
  out.set_from_time(microsOf(request.fromTime));
  out.set_to_time(microsOf(request.toTime));
  for (const Position& position : request.fromPositions) setPosition(position, out.add_from_positions());
  for (const Position& position : request.toPositions) setPosition(position, out.add_to_positions());
  setTexts(request.steps, out.mutable_steps());
  out.set_rate_limit(request.rateLimit);
  setTexts(request.includeSinks, out.mutable_include_sinks());
  out.set_confirmed_rows(request.confirmedRows);
  return out;
}

v1::RedriveRequest redriveRequestOf(const Command& command, const RedriveRequest& request) {
  v1::RedriveRequest out;
  setCommand(command, out.mutable_command());
  setFilter(request.filter, out.mutable_filter());
  out.set_rate_limit(request.rateLimit);
  return out;
}

}  // namespace penstock::ui
