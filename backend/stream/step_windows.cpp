// What a step with `window:` does: rows are kept, reduced while they wait where the SQL allows, and computed when their window
// closes.

#include <algorithm>

#include "base/clock.h"
#include "sql/step_schemas.h"
#include "stream/step_runner.h"

namespace penstock {
namespace {

constexpr std::size_t kOpenSessions = 1'000;      // that a look at them shows

// What the SQL is to blame for, not the machine.
bool is_about_data(const Error& error) { return error.kind != ErrorKind::resource_exhausted && error.kind != ErrorKind::cancelled; }

}  // namespace

Status StepRunner::keep_for_windows(const Flow& input, EpochContext& context) {
  for (const Flow::Part& part : input.parts) {
    std::vector<std::int64_t> without_time;
    if (context.mode == EpochMode::redrive) {
      WindowState::Redriven redriven = sessions_ ? sessions_->add_redriven(part.rows) : window_->add_redriven(part.rows);
      without_time = std::move(redriven.without_time);
      if (context.can_recompute && window_) {      // what a session was is not known any more
        closed_windows_.insert(closed_windows_.end(), redriven.closed_windows.begin(), redriven.closed_windows.end());
      } else {
        report_.late += static_cast<std::int64_t>(redriven.closed_rows.size());
        if (!redriven.closed_rows.empty()) late_.parts.push_back(take(part, redriven.closed_rows));
      }
    } else {
      WindowState::Assigned assigned = sessions_ ? sessions_->add(part.rows, context.now) : window_->add(part.rows, context.now);
      without_time = std::move(assigned.without_time);
      std::vector<std::int64_t> late = std::move(assigned.late);
      late.insert(late.end(), assigned.late_by_idle.begin(), assigned.late_by_idle.end());
      std::sort(late.begin(), late.end());
      report_.late += static_cast<std::int64_t>(late.size());
      if (!late.empty()) late_.parts.push_back(take(part, late));
    }
    for (const std::int64_t row : without_time) dead_letter(context, part, row, spec_.window->time + " is NULL: the row belongs to no window");
    if (window_ && window_->unreduced_rows() >= window_rows_) PENSTOCK_TRY(reduce_waiting(context));
  }
  return {};
}

Result<Flow> StepRunner::run_windows(const Flow& input, EpochContext& context) {
  if (context.mode == EpochMode::upstream) return Flow{};
  PENSTOCK_TRY(keep_for_windows(input, context));
  if (input.watermark) window_->give_watermark(*input.watermark);
  Flow output;
  const auto which = context.hold_windows ? WindowState::Which::changed : context.close_windows ? WindowState::Which::all : WindowState::Which::due;
  if (window_->closes(context.now, which)) {
    // Rows and partial rows of one window are not computed together, nor the same rows again and again.
    if (window_->has_partials() || spec_.window->replaces()) PENSTOCK_TRY(reduce_waiting(context));
    for (const WindowState::Closed& closed : window_->close(context.now, which)) {
      PENSTOCK_ASSIGN(Flow rows, close_window(closed, context));
      output.parts.insert(output.parts.end(), std::make_move_iterator(rows.parts.begin()), std::make_move_iterator(rows.parts.end()));
      if (closed.again) output.replaced_windows.push_back(closed.start);
    }
  }
  report_.open = window_->open_rows();
  return output;
}

Result<Flow> StepRunner::run_sessions(const Flow& input, EpochContext& context) {
  if (context.mode == EpochMode::upstream) return Flow{};
  PENSTOCK_TRY(keep_for_windows(input, context));
  if (input.watermark) sessions_->watermark().give(*input.watermark);      // which says of rows to come, not of these
  Flow output;
  if (context.hold_windows) {
    sessions_->forget_closed(context.now);
  } else {
    for (const SessionState::Session& session : sessions_->close(context.now, context.close_windows)) {
      auto result = result_of_rows(session.rows, session.start, session.end);
      if (!result.ok() && !is_about_data(result.error())) return result.error();
      if (!result.ok()) {
        dead_letter_all(context, session.rows, result.error().message);
        continue;
      }
      PENSTOCK_ASSIGN(Flow::Part part, finish(std::move(*result), {}, {}, context));
      part.window_end = session.end;
      if (part.rows.rows() > 0) output.parts.push_back(std::move(part));
    }
  }
  report_.open = sessions_->open_rows();
  return output;
}

Status StepRunner::reduce_waiting(EpochContext& context) {
  if (!partials_) return {};
  std::vector<Batch> rows;
  std::map<std::int64_t, std::int64_t> counts;       // by pane
  for (const auto& [pane, batches] : window_->take_unreduced())
    for (const Batch& batch : batches) {
      rows.push_back(with_pane(batch, pane));
      counts[pane] += batch.rows();
    }
  PENSTOCK_ASSIGN(WindowPartials::Reduced reduced, partials_->reduce(rows));
  for (const auto& [batch, row] : dead_letter_failing(context, rows, reduced.errors)) --counts[batch->column(batch->schema()->size() - 1).int64(row)];
  for (const auto& [pane, count] : counts) {
    const auto partials = reduced.by_pane.find(pane);
    // A window of which no row passes the WHERE may have a result all the same.
    window_->add_partials(pane, partials == reduced.by_pane.end() ? BatchBuilder(partials_->schema()).finish() : partials->second, count);
  }
  return window_->merge_partials([this](std::span<const Batch> all) { return partials_->merge(all); });
}

Result<StepOutput> StepRunner::result_of_rows(const std::vector<Batch>& rows, std::int64_t start, std::int64_t end) {
  std::vector<Batch> input;
  for (const Batch& batch : rows) input.push_back(Batch::join_columns(batch, window_columns(batch.rows(), start, end)));
  return program_.run(input);
}

Result<StepOutput> StepRunner::result_of(const WindowState::Closed& window, std::vector<RowError>& failing) {
  const std::int64_t end = window.start + window_micros();
  if (window.partials.empty()) {
    auto result = result_of_rows(window.rows, window.start, end);
    if (result.ok() || !partials_ || !is_about_data(result.error())) return result;
  }
  std::vector<Batch> rows, partials = window.partials;
  for (const Batch& batch : window.rows) rows.push_back(with_pane(batch, window.start));
  PENSTOCK_ASSIGN(WindowPartials::Reduced reduced, partials_->reduce(rows));
  for (const auto& [pane, part] : reduced.by_pane) partials.push_back(part);
  failing = std::move(reduced.errors);
  return partials_->finish(partials, window.start, end);
}

Result<Flow> StepRunner::close_window(const WindowState::Closed& closed, EpochContext& context) {
  std::vector<RowError> failing;
  auto result = result_of(closed, failing);
  if (result.ok()) {
    dead_letter_failing(context, closed.rows, failing);
    PENSTOCK_ASSIGN(Flow::Part part, finish(std::move(*result), {}, {}, context));
    part.rows = told_apart(std::move(part.rows));
    part.window_end = closed.start + window_micros();
    part.again = closed.again;
    Flow output;
    if (part.rows.rows() > 0) output.parts.push_back(std::move(part));
    return output;
  }
  if (!is_about_data(result.error())) return result.error();
  if (closed.start + window_micros() > window_->closed_until()) return Flow{};      // only an update: told when the window closes
  if (closed.partials.empty()) {
    dead_letter_all(context, closed.rows, result.error().message);
    return Flow{};
  }
  // In the table that it was computed from are its rows, of which each can be rejected with the reason.
  if (!context.can_recompute)
    return Error(ErrorKind::failed_precondition,
                 "the window of " + spec_.name + " that begins at " + to_iso8601(from_micros(closed.start)) + " has no result: " + result.error().message,
                 "mend the step's SQL, then resume; nothing of this epoch was written", spec_.sql_at.to_string());
  closed_windows_.push_back(closed.start);
  return Flow{};
}

// Gives where they are.
std::vector<EpochRecords::Place> StepRunner::dead_letter_failing(EpochContext& context, const std::vector<Batch>& rows, const std::vector<RowError>& failing) {
  std::vector<EpochRecords::Place> places;
  std::size_t at = 0;
  std::int64_t first = 0;
  for (const RowError& error : failing) {
    while (error.row >= first + rows[at].rows()) first += rows[at++].rows();
    dead_letter_waiting(context, rows[at], error.row - first, error.message);
    places.push_back({&rows[at], error.row - first});
  }
  return places;
}

// None of the rows of a window without a result may vanish.
void StepRunner::dead_letter_all(EpochContext& context, const std::vector<Batch>& rows, std::string_view reason) {
  for (const Batch& batch : rows)
    for (std::int64_t row = 0; row < batch.rows(); ++row) dead_letter_waiting(context, batch, row, reason);
}

void StepRunner::dead_letter_waiting(EpochContext& context, const Batch& rows, std::int64_t row, std::string_view reason) {
  context.dead_letters.append({spec_.name, "", reason, context.hop, context.now}, rows, row, &rows, row);
  ++report_.dead;
  ++context.dead;
}

Result<Flow> StepRunner::recompute_window(std::int64_t start, const std::vector<Batch>& rows, EpochContext& context) {
  std::vector<Batch> input;
  for (const Batch& batch : rows) input.push_back(conform(batch, input_));
  PENSTOCK_ASSIGN(Flow output, close_window({start, std::move(input), {}}, context));
  output.replaced_windows.push_back(start);
  return output;
}

std::vector<std::int64_t> StepRunner::take_closed_windows() {
  std::vector<std::int64_t> starts = std::exchange(closed_windows_, {});
  std::sort(starts.begin(), starts.end());
  starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
  return starts;
}

Result<std::vector<Batch>> StepRunner::open_windows() {
  std::vector<Batch> results;
  if (sessions_) {
    for (const SessionState::Session& open : sessions_->open_sessions(kOpenSessions)) {
      PENSTOCK_ASSIGN(StepOutput output, result_of_rows(open.rows, open.start, open.end));
      if (output.rows.rows() > 0) results.push_back(std::move(output.rows));
    }
    return results;
  }
  for (const WindowState::Closed& open : window_->open_windows()) {
    std::vector<RowError> failing;      // told when the window closes
    PENSTOCK_ASSIGN(StepOutput output, result_of(open, failing));
    if (output.rows.rows() > 0) results.push_back(told_apart(std::move(output.rows)));
  }
  return results;
}

Batch StepRunner::told_apart(Batch rows) const {
  if (!shard_) return rows;
  static const SchemaPtr schema = sharded_schema(Schema({}));
  BatchBuilder column(schema);
  for (std::int64_t row = 0; row < rows.rows(); ++row) column[0].append_int32(*shard_);
  return Batch::join_columns(rows, column.finish());
}

}  // namespace penstock
