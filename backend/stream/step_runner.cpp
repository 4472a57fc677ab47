#include "stream/step_runner.h"

#include <algorithm>

#include "sql/step_schemas.h"

namespace penstock {
namespace {

const char* name_of(OnFail on_fail) {
  switch (on_fail) {
    case OnFail::warn: return "warn";
    case OnFail::drop: return "drop";
    case OnFail::quarantine: return "quarantine";
    case OnFail::fail: return "fail";
  }
  return "warn";
}

Result<std::size_t> column_of(const Schema& schema, const std::string& name, const char* what, const Location& at) {
  if (const auto found = schema.find(name)) return *found;
  return Error(ErrorKind::invalid_argument, std::string(what) + " '" + name + "' is not a column of the step's rows", "the columns are " + schema.to_string(), at.to_string());
}

Watermark::Options watermark_of(const WindowSpec& window, bool is_given) {
  return {window.lateness.count(), window.idle_timeout.count(), window.idle_advance, is_given};
}

// Rows of the input that gave no row and no error.
std::vector<std::int64_t> rows_without(std::int64_t count, const StepOutput& output) {
  std::vector<bool> gave(static_cast<std::size_t>(count), false);
  for (const std::int64_t row : output.input_row) gave[static_cast<std::size_t>(row)] = true;
  for (const RowError& error : output.errors) gave[static_cast<std::size_t>(error.row)] = true;
  std::vector<std::int64_t> without;
  for (std::int64_t row = 0; row < count; ++row)
    if (!gave[static_cast<std::size_t>(row)]) without.push_back(row);
  return without;
}

}  // namespace

Result<std::unique_ptr<StepRunner>> StepRunner::compile(Session& session, const StepSpec& spec, const std::vector<Input>& inputs, SchemaPtr table,
                                                        std::optional<std::int32_t> shard, const ModelLoader& models) {
  std::vector<SchemaPtr> schemas;
  for (const Input& one : inputs) schemas.push_back(one.schema);
  SchemaPtr input = schemas.front();
  if (auto united = united_schema(schemas); united.ok()) input = *united;
  else if (!spec.join || !spec.join->late_to.empty()) return united.error();      // the sides of a join meet only in the table of late rows
  std::unique_ptr<JoinStep> join;
  std::unique_ptr<LookupStep> lookup;
  std::unique_ptr<ScoreStep> score;
  StepProgramSpec program;
  if (spec.join) {
    PENSTOCK_ASSIGN(join, JoinStep::compile(session, spec, {inputs.front().schema, inputs.front().behind_join}, {inputs.back().schema, inputs.back().behind_join}));
    program = join->output();
  } else {
    program.name = spec.name;
    for (const Input& one : inputs) program.inputs.push_back(one.name);
    if (spec.lookup) {
      PENSTOCK_ASSIGN(lookup, LookupStep::compile(*spec.lookup, *input, std::move(table)));
    }
    if (spec.score) {
      PENSTOCK_ASSIGN(score, ScoreStep::compile(*spec.score, input, models));
    }
    program.schema = spec.window ? window_schema(*input) : lookup ? lookup->output_schema() : score ? score->output_schema() : input;
    program.sql = spec.sql;
    program.expect = spec.expect;
    program.mask = spec.mask;
    program.window = spec.window || spec.aggregate;
    if (spec.aggregate) program.aggregate_key = spec.aggregate->key;
  }
  auto compiled = StepProgram::compile(session, program);
  if (!compiled.ok()) return compiled.error().within("step " + spec.name);

  std::unique_ptr<StepRunner> runner(new StepRunner(spec, std::move(program), std::move(*compiled)));
  runner->input_ = input;
  runner->output_ = runner->program_.output_schema();
  runner->join_ = std::move(join);
  runner->lookup_ = std::move(lookup);
  runner->score_ = std::move(score);
  runner->behind_join_ = std::any_of(inputs.begin(), inputs.end(), [](const Input& one) { return one.behind_join; });
  runner->report_.step = spec.name;
  runner->report_.from = spec.from;
  for (const ExpectationSpec& expectation : spec.expect)
    runner->report_.expectations.push_back({expectation.name, expectation.sql, name_of(expectation.on_fail), 0, 0, 0});

  for (const Input& one : inputs)
    if (!one.change_key.empty()) runner->change_key_ = one.change_key;
  if (spec.aggregate) {
    auto partials = WindowPartials::compile_aggregate(session, runner->program_spec_, *runner->output_);
    if (!partials.ok()) return partials.error().within("step " + spec.name);
    runner->partials_ = std::move(*partials);
    runner->output_ = change_schema(*runner->output_);
    runner->change_key_ = spec.aggregate->key;
    runner->aggregate_ = std::make_unique<AggregateState>(AggregateState::Options{
        .state_prefix = "step/" + spec.name + "/aggregate/",
        .partial = runner->partials_->schema(),
        .key_columns = runner->partials_->key_columns(),
        .ttl = spec.aggregate->ttl.count()});
  }
  if (spec.window && spec.window->is_session()) {
    SessionState::Options options{.state_prefix = "step/" + spec.name + "/window/", .input = input, .gap = spec.window->gap.count(), .watermark = watermark_of(*spec.window, runner->behind_join_)};
    PENSTOCK_ASSIGN(options.time_column, column_of(*input, spec.window->time, "the session's time", spec.window->at));
    for (const std::string& key : spec.window->key) {
      PENSTOCK_ASSIGN(const std::size_t column, column_of(*input, key, "the session's key", spec.window->at));
      options.key_columns.push_back(column);
    }
    runner->sessions_ = std::make_unique<SessionState>(std::move(options));
  } else if (spec.window) {
    runner->partials_ = WindowPartials::compile(session, runner->program_spec_, *runner->output_);
    PENSTOCK_ASSIGN(runner->time_column_, column_of(*input, spec.window->time, "the window's time", spec.window->at));
    runner->window_ = std::make_unique<WindowState>(WindowState::Options{
        .state_prefix = "step/" + spec.name + "/window/",
        .input = input,
        .time_column = runner->time_column_,
        .times = spec.window->times(),
        .watermark = watermark_of(*spec.window, runner->behind_join_),
        .partial = runner->partials_ ? runner->partials_->schema() : nullptr,
        .update_late = spec.window->update_late.count(),
        .updates = spec.window->updates.count()});
    runner->shard_ = shard;
    if (shard) runner->output_ = sharded_schema(*runner->output_);
  }
  if (spec.dedupe) {
    Dedupe::Options options{"step/" + spec.name + "/dedupe/", {}, 0, spec.dedupe->within.count()};
    for (const std::string& key : spec.dedupe->key) {
      PENSTOCK_ASSIGN(const std::size_t column, column_of(*runner->output_, key, "the dedupe key", spec.dedupe->at));
      options.key_columns.push_back(column);
    }
    const std::string time = spec.dedupe->time.empty() ? std::string(origin::source_time) : spec.dedupe->time;
    PENSTOCK_ASSIGN(options.time_column, column_of(*runner->output_, time, "the dedupe time", spec.dedupe->at));
    runner->dedupe_ = std::make_unique<Dedupe>(std::move(options));
  }
  return runner;
}

Status StepRunner::recompile(Session& session) {
  PENSTOCK_ASSIGN(program_, StepProgram::compile(session, program_spec_));
  if (partials_) partials_ = WindowPartials::compile(session, program_spec_, *program_.output_schema());
  return join_ ? join_->recompile(session) : Status();
}

Status StepRunner::restore(const StateStore& state, std::int64_t now) {
  if (window_) {
    PENSTOCK_TRY(window_->restore(state, now));
    report_.open = window_->open_rows();
  }
  if (aggregate_) PENSTOCK_TRY(aggregate_->restore(state, now));
  if (sessions_) {
    PENSTOCK_TRY(sessions_->restore(state, now));
    report_.open = sessions_->open_rows();
  }
  if (join_) {
    PENSTOCK_TRY(join_->state().restore(state, now));
    report_.open = join_->state().rows();
  }
  if (dedupe_) PENSTOCK_TRY(dedupe_->restore(state));
  return {};
}

Status StepRunner::log(std::int64_t epoch, const StateStore& state, StateWrite& write) {
  if (window_) window_->log(epoch, write);
  if (sessions_) sessions_->log(write);
  if (aggregate_) aggregate_->log(write);
  if (join_) PENSTOCK_TRY(join_->state().log(epoch, state, write));
  if (dedupe_) PENSTOCK_TRY(dedupe_->log(epoch, state, write));
  return {};
}

Result<Flow> StepRunner::run(const std::vector<const Flow*>& inputs, EpochContext& context) {
  Flow input;
  if (join_) {
    PENSTOCK_ASSIGN(input, run_join(inputs, context));
  } else {
    for (const Flow* flow : inputs) {
      for (const Flow::Part& part : flow->parts)
        if (part.rows.rows() > 0) input.parts.push_back({conform(part.rows, input_), part.records, part.window_end, part.again, part.partners});
      input.replaced_windows.insert(input.replaced_windows.end(), flow->replaced_windows.begin(), flow->replaced_windows.end());
      if (flow->watermark) input.watermark = std::min(*flow->watermark, input.watermark.value_or(*flow->watermark));
    }
    if (context.mode != EpochMode::upstream) report_.rows_in += input.rows();
    if (lookup_)
      for (Flow::Part& part : input.parts) part.rows = lookup_->run(part.rows);
    if (score_)
      for (Flow::Part& part : input.parts) {
        PENSTOCK_ASSIGN(part.rows, score_->run(part.rows));
      }
  }
  const bool changes = !aggregate_ && !change_key_.empty();
  PENSTOCK_ASSIGN(Flow output, window_ ? run_windows(input, context) : sessions_ ? run_sessions(input, context) : aggregate_ ? run_aggregate(input, context) : changes ? run_changes(input, context) : run_rows(input, context));
  if (!windowed()) output.watermark = input.watermark;
  if (context.mode != EpochMode::upstream) report_.rows_out += output.rows();
  output.replaced_windows.insert(output.replaced_windows.end(), input.replaced_windows.begin(), input.replaced_windows.end());
  return output;
}

// The joined rows, before the step's own SELECT.
Result<Flow> StepRunner::run_join(const std::vector<const Flow*>& inputs, EpochContext& context) {
  if (context.mode != EpochMode::upstream)
    for (const Flow* flow : inputs) report_.rows_in += flow->rows();
  PENSTOCK_ASSIGN(JoinStep::Joined joined, join_->run(*inputs.front(), *inputs.back(), context));
  report_.filtered += joined.matchless;
  report_.dead += joined.dead;
  report_.late += joined.late.rows();
  report_.open = join_->state().rows();
  if (!spec_.join->late_to.empty())
    for (Flow::Part& part : joined.late.parts) late_.parts.push_back({conform(part.rows, input_), std::move(part.records), part.window_end, false, std::move(part.partners)});
  return std::move(joined.flow);
}

Result<Flow> StepRunner::run_rows(const Flow& input, EpochContext& context, std::vector<std::int64_t>* left_out) {
  Flow output;
  for (const Flow::Part& part : input.parts) {
    PENSTOCK_ASSIGN(StepOutput rows, program_.run(std::span(&part.rows, 1)));
    for (const RowError& error : rows.errors) dead_letter(context, part, error.row, error.message);
    if (left_out) *left_out = rows_without(part.rows.rows(), rows);
    else if (context.mode != EpochMode::upstream) report_.filtered += rows.filtered;
    std::vector<std::int64_t> records;
    if (!part.records.empty()) {
      records.reserve(rows.input_row.size());
      for (const std::int64_t row : rows.input_row) records.push_back(part.records[static_cast<std::size_t>(row)]);
    }
    const Batch partners = part.partners.empty() ? Batch() : part.partners.take(rows.input_row);
    std::vector<std::int64_t> places;
    if (left_out) places.assign(rows.input_row.begin(), rows.input_row.end());
    PENSTOCK_ASSIGN(Flow::Part finished, finish(std::move(rows), std::move(records), partners, context, std::move(places)));
    finished.window_end = part.window_end;
    finished.again = part.again;
    if (finished.rows.rows() > 0) output.parts.push_back(std::move(finished));
  }
  return output;
}

Result<Flow::Part> StepRunner::finish(StepOutput output, std::vector<std::int64_t> records, Batch partners, EpochContext& context, std::vector<std::int64_t> places) {
  Flow::Part part{std::move(output.rows), std::move(records), 0, false, std::move(partners), std::move(places)};
  if (context.mode == EpochMode::upstream) return part;
  const auto rows = static_cast<std::size_t>(part.rows.rows());

  // The gravest of the expectations that a row fails decides what becomes of it. Empty: every row passes.
  std::vector<int> verdict;
  for (std::size_t i = 0; i < spec_.expect.size(); ++i) {
    const ExpectationSpec& expectation = spec_.expect[i];
    const std::vector<std::int64_t>& failed = output.failed_rows[i];
    ExpectationReport& report = report_.expectations[i];
    report.checked += part.rows.rows();
    report.failed += static_cast<std::int64_t>(failed.size());
    if (failed.empty()) continue;
    report.last_failed_at = context.now;
    if (expectation.on_fail == OnFail::fail)
      return Error(ErrorKind::failed_precondition, "expectation " + expectation.name + " failed for " + std::to_string(failed.size()) + " rows; nothing of this epoch was written",
                   "mend the data or the expectation, then resume", expectation.at.to_string());
    if (expectation.on_fail == OnFail::warn) {
      report_.warned += static_cast<std::int64_t>(failed.size());
      continue;
    }
    verdict.resize(rows, -1);
    for (const std::int64_t row : failed) {
      int& worst = verdict[static_cast<std::size_t>(row)];
      if (worst < 0 || spec_.expect[static_cast<std::size_t>(worst)].on_fail < expectation.on_fail) worst = static_cast<int>(i);
    }
  }

  std::vector<std::int64_t> passed;
  passed.reserve(verdict.size());
  for (std::size_t row = 0; row < verdict.size(); ++row) {
    if (verdict[row] < 0) {
      passed.push_back(static_cast<std::int64_t>(row));
      continue;
    }
    const ExpectationSpec& expectation = spec_.expect[static_cast<std::size_t>(verdict[row])];
    if (expectation.on_fail == OnFail::drop) {
      ++report_.dropped;
      continue;
    }
    ++report_.quarantined;
    const auto at = static_cast<std::int64_t>(row);
    const EpochRecords::Place place = part.records.empty() ? EpochRecords::Place{&part.rows, at} : context.records.find(part.records[row]);
    context.quarantine.append({spec_.name, expectation.name, expectation.sql + " does not hold", context.hop, context.now}, *place.records, place.row, &part.rows, at);
  }
  if (passed.size() < verdict.size()) part = take(part, passed);

  if (dedupe_ && part.rows.rows() > 0) {
    const std::vector<std::int64_t> firsts = dedupe_->first_rows(part.rows);
    report_.duplicates += part.rows.rows() - static_cast<std::int64_t>(firsts.size());
    if (static_cast<std::int64_t>(firsts.size()) < part.rows.rows()) part = take(part, firsts);
  }
  return part;
}

void StepRunner::dead_letter(EpochContext& context, const Flow::Part& input, std::int64_t row, std::string_view reason) {
  if (context.mode == EpochMode::upstream) return;
  const auto at = static_cast<std::size_t>(row);
  const EpochRecords::Place place = input.records.empty() ? EpochRecords::Place{&input.rows, row} : context.records.find(input.records[at]);
  context.dead_letters.append({spec_.name, "", reason, context.hop, context.now}, *place.records, place.row, nullptr, 0);
  ++report_.dead;
  ++context.dead;
}

Flow StepRunner::take_late() { return std::exchange(late_, {}); }

void StepRunner::add_partition(std::size_t input, const PartitionKey& partition, std::int64_t now) {
  if (window_) window_->add_partition(partition, now);
  if (sessions_) sessions_->watermark().add_partition(partition, now);
  if (join_) join_->state().add_partition(input, partition, now);
}

void StepRunner::await(const std::optional<PartitionKey>& partition, std::int64_t now) {
  if (join_) join_->state().await(partition, now);
  if (sessions_) partition ? sessions_->watermark().await(*partition, now) : sessions_->watermark().await_all(now);
  if (!window_) return;
  partition ? window_->await(*partition, now) : window_->await_all(now);
}

void StepRunner::clock_was_set(std::int64_t by) {
  if (window_) window_->clock_was_set(by);
  if (sessions_) sessions_->watermark().clock_was_set(by);
  if (join_) join_->state().clock_was_set(by);
}

std::int64_t StepRunner::watermark(std::int64_t now) const { return window_ ? window_->watermark(now) : sessions_ ? sessions_->lowest_watermark(now) : join_ ? join_->state().watermark(now) : Watermark::kNone; }

std::int64_t StepRunner::window_micros() const { return spec_.window->size.count(); }

}  // namespace penstock
