#include "stream/join_step.h"

#include <algorithm>

#include "sql/step_schemas.h"

namespace penstock {
namespace {

constexpr std::size_t kLeft = JoinState::kLeft, kRight = JoinState::kRight;

Result<std::size_t> time_column(const JoinSideSpec& side, const Schema& kept) {
  const std::string name = side.time.empty() ? std::string(origin::source_time) : side.time;
  const auto found = kept.find(name);
  if (found && kept[*found].type.kind == TypeKind::timestamp) return *found;
  return Error(ErrorKind::invalid_argument, "'" + name + "' is no time of the rows of " + side.from, "a TIMESTAMPTZ column; the columns are " + kept.to_string(), side.from_at.to_string());
}

// Rows of NULLs.
Batch nothing(const SchemaPtr& schema, std::int64_t rows) {
  BatchBuilder builder(schema);
  for (std::size_t column = 0; column < schema->size(); ++column)
    for (std::int64_t row = 0; row < rows; ++row) builder[column].append_null();
  return builder.finish();
}

}  // namespace

Result<std::unique_ptr<JoinStep>> JoinStep::compile(Session& session, const StepSpec& spec, const Side& left, const Side& right) {
  const JoinSpec& join = *spec.join;
  PENSTOCK_ASSIGN(JoinPlan plan, plan_join(session, spec, *left.schema, *right.schema));
  JoinState::Options options{.state_prefix = "step/" + spec.name + "/join/",
                             .sides = {JoinState::SideOptions{plan.left, plan.left_keys, 0, join.keeps_left(), left.behind_join}, JoinState::SideOptions{plan.right, plan.right_keys, 0, join.keeps_right(), right.behind_join}},
                             .within_micros = std::nullopt,
                             .watermark = {join.lateness.count(), join.idle_timeout.count(), join.idle_advance}};
  if (join.within) options.within_micros = join.within->count();
  PENSTOCK_ASSIGN(options.sides[kLeft].time_column, time_column(join.left, *plan.left));
  PENSTOCK_ASSIGN(options.sides[kRight].time_column, time_column(join.right, *plan.right));
  for (const auto& side : options.sides)
    if (!side.schema->find(origin::offset))
      return Error(ErrorKind::invalid_argument, "a join needs rows that come from a source one by one, not out of a window", "a step above the window", join.at.to_string());
  std::unique_ptr<JoinStep> step(new JoinStep(spec, std::move(plan), std::move(options)));
  PENSTOCK_TRY(step->recompile(session));
  return step;
}

Status JoinStep::recompile(Session& session) {
  if (!plan_.condition) return {};
  auto compiled = StepProgram::compile(session, *plan_.condition);
  if (!compiled.ok()) return compiled.error().within("the condition of join " + spec_.name);
  condition_ = *std::move(compiled);
  return {};
}

Result<JoinStep::Joined> JoinStep::run(const Flow& left, const Flow& right, EpochContext& context) {
  Joined joined;
  if (context.mode == EpochMode::upstream) return joined;
  PENSTOCK_TRY(take_side(kLeft, left, context, joined));
  PENSTOCK_TRY(take_side(kRight, right, context, joined));
  if (left.watermark) state_.give(kLeft, *left.watermark);
  if (right.watermark) state_.give(kRight, *right.watermark);
  PENSTOCK_TRY(tell_unmatched(context, joined));
  joined.flow.watermark = state_.output_watermark();
  return joined;
}

Status JoinStep::take_side(std::size_t side, const Flow& input, EpochContext& context, Joined& joined) {
  const auto coming = context.rebuilds ? JoinState::Coming::rebuilt : context.mode == EpochMode::redrive ? JoinState::Coming::redriven : JoinState::Coming::live;
  for (const Flow::Part& part : input.parts) {
    if (part.rows.rows() == 0) continue;
    const Batch rows = conform(part.rows, state_.side(side).schema());
    PENSTOCK_ASSIGN(const JoinState::Added added,
                    state_.add(side, rows, coming, context.now, [&](JoinState::Pairs pairs) { return take_pairs(std::move(pairs), context, joined); }));
    if (!added.late.empty()) joined.late.parts.push_back(take(part, added.late));
    if (added.matchless.empty()) continue;
    if (state_.keeps(side)) add_unmatched(side, rows.take(added.matchless), joined, false);
    else joined.matchless += static_cast<std::int64_t>(added.matchless.size());
  }
  return {};
}

// Those for which the rest of the condition holds, too.
Status JoinStep::take_pairs(JoinState::Pairs pairs, EpochContext& context, Joined& joined) {
  std::array<Batch, 2> sides{state_.side(kLeft).gather(pairs.rows[kLeft]), state_.side(kRight).gather(pairs.rows[kRight])};
  std::vector<std::uint8_t> origins;
  for (std::size_t i = 0; i < pairs.rows[kLeft].size(); ++i)
    origins.push_back(state_.side(kRight).time(pairs.rows[kRight][i]) > state_.side(kLeft).time(pairs.rows[kLeft][i]) ? kRight : kLeft);
  Flow::Part part = part_of(sides, origins, false);
  if (condition_) {
    PENSTOCK_ASSIGN(const StepOutput held, condition_->run(std::span(&part.rows, 1)));
    for (const RowError& error : held.errors) {
      context.dead_letters.append({spec_.name, "", error.message, context.hop, context.now}, part.rows, error.row, &part.rows, error.row);
      ++context.dead;
      ++joined.dead;
    }
    if (held.input_row.size() < origins.size()) {
      JoinState::Pairs holding;
      for (const std::int64_t row : held.input_row)
        for (const std::size_t side : {kLeft, kRight}) holding.rows[side].push_back(pairs.rows[side][static_cast<std::size_t>(row)]);
      pairs = std::move(holding);
      part = take(part, held.input_row);
    }
  }
  state_.mark(pairs);
  if (part.rows.rows() > 0) joined.flow.parts.push_back(std::move(part));
  return {};
}

Status JoinStep::tell_unmatched(EpochContext& context, Joined& joined) {
  const auto until = context.close_windows  ? JoinState::Until::all
                     : context.rebuild_ends && context.hold_windows ? JoinState::Until::all_closed
                     : context.hold_windows ? JoinState::Until::closed
                                            : JoinState::Until::watermark;
  const auto told = state_.close(context.now, until);
  for (const std::size_t side : {kLeft, kRight}) {
    const std::vector<JoinState::RowId>& all = told[side];
    for (std::size_t first = 0; first < all.size(); first += kMaxBatchRows)
      add_unmatched(side, state_.side(side).gather(std::span(all).subspan(first, std::min<std::size_t>(kMaxBatchRows, all.size() - first))), joined, true);
  }
  state_.forget();
  return {};
}

void JoinStep::add_unmatched(std::size_t side, const Batch& rows, Joined& joined, bool has_waited) const {
  std::array<Batch, 2> sides;
  sides[side] = rows;
  sides[1 - side] = nothing(state_.side(1 - side).schema(), rows.rows());
  joined.flow.parts.push_back(part_of(sides, std::vector<std::uint8_t>(static_cast<std::size_t>(rows.rows()), static_cast<std::uint8_t>(side)), has_waited));
}

// `origins`: per row the side whose origin it has.
Flow::Part JoinStep::part_of(const std::array<Batch, 2>& sides, const std::vector<std::uint8_t>& origins, bool has_waited) const {
  Flow::Part part;
  const auto own_columns = std::make_shared<const Schema>(origin::columns());
  BatchBuilder own(own_columns), partners(partner_schema());
  for (std::size_t column = 0; column < own_columns->size(); ++column) {
    const std::array<ColumnView, 2> views{*sides[kLeft].find((*own_columns)[column].name), *sides[kRight].find((*own_columns)[column].name)};
    for (std::size_t row = 0; row < origins.size(); ++row) {
      own[column].append_from(views[origins[row]], static_cast<std::int64_t>(row));
      if (column < kPartnerCloses) partners[column].append_from(views[1 - origins[row]], static_cast<std::int64_t>(row));
    }
  }
  for (std::size_t row = 0; row < origins.size(); ++row) {
    const std::size_t side = origins[row];
    const std::int64_t closes = has_waited ? state_.closes_at(sides[side].column(state_.side(side).time_column()).int64(static_cast<std::int64_t>(row))) : 0;
    partners[kPartnerCloses].append_int64(closes);
    part.window_end = std::max(part.window_end, closes);
  }
  part.rows = Batch::join_columns(Batch::join_columns(sides[kLeft], sides[kRight]), own.finish()).with_schema(plan_.joined);
  part.partners = partners.finish();
  return part;
}

}  // namespace penstock
