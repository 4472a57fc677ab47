#pragma once

// One step of a stream: its SQL, window or join, expectations and dedupe, run once per epoch on the shard's thread.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sql/step_program.h"
#include "sql/window_partials.h"
#include "stream/aggregate_state.h"
#include "stream/dedupe.h"
#include "stream/epoch_context.h"
#include "stream/join_step.h"
#include "stream/lookup_step.h"
#include "stream/memory_plan.h"
#include "stream/score_step.h"
#include "stream/session_state.h"
#include "stream/window_state.h"
#include "telemetry/report.h"

namespace penstock {

class StepRunner {
 public:
  struct Input {
    std::string name;                // of a step or source
    SchemaPtr schema;
    bool behind_join = false;        // its rows say their watermark by themselves
    std::vector<std::string> change_key;      // its rows are changes by these columns; empty: they are not
  };
  // Compiles the step for inputs of these schemas; `table`: the columns of what a lookup looks into; `shard`: what the rows of its
  // windows have as `_shard`, where the stream has several; `models`: for a score. Errors say where in the workspace.
  static Result<std::unique_ptr<StepRunner>> compile(Session& session, const StepSpec& spec, const std::vector<Input>& inputs, SchemaPtr table = nullptr,
                                                     std::optional<std::int32_t> shard = std::nullopt, const ModelLoader& models = {});

  void set_window_rows(std::int64_t rows) { window_rows_ = rows; }
  // The step's SQL anew: small seeds stand in it as their values, so it is due when one has changed.
  Status recompile(Session& session);

  const StepSpec& spec() const { return spec_; }
  const SchemaPtr& input_schema() const { return input_; }
  const SchemaPtr& output_schema() const { return output_; }
  bool windowed() const { return window_ || sessions_; }
  LookupStep* lookup() { return lookup_.get(); }      // null: the step is none
  ScoreStep* score() { return score_.get(); }         // the same
  bool stateful() const { return windowed() || aggregate_ || join_ || dedupe_; }
  // Its rows are changes by these columns; empty: they are not.
  const std::vector<std::string>& change_key() const { return change_key_; }
  // What it holds waits for a watermark: windows, and rows for their matches.
  bool closes() const { return windowed() || join_; }
  // Its rows come out of a join: their watermark is the join's.
  bool behind_join() const { return join_ || behind_join_; }

  Status restore(const StateStore& state, std::int64_t now);
  // `inputs`: what each of the step's inputs handed on. Error: an expectation with `on_fail: fail` failed, or the SQL
  // cannot run at all; then nothing of the epoch may be written.
  Result<Flow> run(const std::vector<const Flow*>& inputs, EpochContext& context);
  // Late rows of the last run, in the input's schema.
  Flow take_late();
  // Windows that are to be computed again from what is landed, as their starts: closed ones that a redriven row belongs to,
  // and those whose partial rows do not give a result.
  std::vector<std::int64_t> take_closed_windows();
  // Runs the window's SQL over `rows`, which are all rows of the window that begins at `start`.
  Result<Flow> recompute_window(std::int64_t start, const std::vector<Batch>& rows, EpochContext& context);
  Status log(std::int64_t epoch, const StateStore& state, StateWrite& write);

  // `input`: by which of its inputs the partition's rows come.
  void add_partition(std::size_t input, const PartitionKey& partition, std::int64_t now);
  // Watermark::await(); of every partition without one.
  void await(const std::optional<PartitionKey>& partition, std::int64_t now);
  void clock_was_set(std::int64_t by);                 // as Watermark's
  std::int64_t watermark(std::int64_t now) const;      // Watermark::kNone where there is none
  bool window_due(std::int64_t now) const { return window_ ? window_->due(now) : sessions_ ? sessions_->due(now) : join_ && join_->state().due(now); }
  std::int64_t window_micros() const;
  // Only of steps that closes(); WindowState, SessionState and JoinState say what they mean.
  std::int64_t closed_until() const { return window_ ? window_->closed_until() : sessions_ ? sessions_->closed_until() : join_->state().closed_until(); }
  void close_until(std::int64_t end) { window_ ? window_->close_until(end) : sessions_ ? sessions_->close_until(end) : join_->state().close_until(end); }
  // The result that the open windows would have now.
  Result<std::vector<Batch>> open_windows();

  StepReport& report() { return report_; }

 private:
  StepRunner(StepSpec spec, StepProgramSpec program_spec, StepProgram program)
      : spec_(std::move(spec)), program_spec_(std::move(program_spec)), program_(std::move(program)) {}

  // `left_out`: rows of the one part of the input for which there is no row, nor an error.
  Result<Flow> run_rows(const Flow& input, EpochContext& context, std::vector<std::int64_t>* left_out = nullptr);
  Result<Flow> run_changes(const Flow& input, EpochContext& context);
  Flow::Part in_order(const Flow::Part& input, std::vector<std::int64_t> gone, std::vector<Flow::Part> kept) const;
  Batch removals(const Batch& rows, const std::vector<std::size_t>& from, const std::vector<std::int64_t>& which) const;
  Result<Flow> run_aggregate(const Flow& input, EpochContext& context);
  Status aggregate_rows(const Flow::Part& part, std::int64_t first, std::int64_t count, EpochContext& context, Flow& output);
  Status hand_on_changes(StepOutput result, const Batch& asked, const std::vector<bool>& given, const Batch& changed, EpochContext& context, Flow& output);
  Result<Flow> run_join(const std::vector<const Flow*>& inputs, EpochContext& context);
  Result<Flow> run_windows(const Flow& input, EpochContext& context);
  Status keep_for_windows(const Flow& input, EpochContext& context);
  Result<Flow> run_sessions(const Flow& input, EpochContext& context);
  // Puts partial rows in the place of the rows that wait.
  Status reduce_waiting(EpochContext& context);
  // Of its rows that cannot be computed, those that can be told apart are left out.
  Result<StepOutput> result_of(const WindowState::Closed& window, std::vector<RowError>& failing);
  Result<StepOutput> result_of_rows(const std::vector<Batch>& rows, std::int64_t start, std::int64_t end);
  // With `_shard`, where the rows of several shards are told apart.
  Batch told_apart(Batch rows) const;
  Result<Flow> close_window(const WindowState::Closed& closed, EpochContext& context);
  std::vector<EpochRecords::Place> dead_letter_failing(EpochContext& context, const std::vector<Batch>& rows, const std::vector<RowError>& failing);
  void dead_letter_all(EpochContext& context, const std::vector<Batch>& rows, std::string_view reason);
  void dead_letter_waiting(EpochContext& context, const Batch& rows, std::int64_t row, std::string_view reason);
  Result<Flow::Part> finish(StepOutput output, std::vector<std::int64_t> records, Batch partners, EpochContext& context, std::vector<std::int64_t> places = {});
  void dead_letter(EpochContext& context, const Flow::Part& input, std::int64_t row, std::string_view reason);

  // Constant after compile().
  const StepSpec spec_;
  const StepProgramSpec program_spec_;
  SchemaPtr input_;
  SchemaPtr output_;
  std::size_t time_column_ = 0;      // windows only
  bool behind_join_ = false;
  std::optional<std::int32_t> shard_;        // of its windows' rows
  std::vector<std::string> change_key_;

  StepProgram program_;
  std::optional<WindowPartials> partials_;
  std::int64_t window_rows_ = kWindowRows;
  std::unique_ptr<WindowState> window_;
  std::unique_ptr<SessionState> sessions_;
  std::unique_ptr<AggregateState> aggregate_;
  std::unique_ptr<JoinStep> join_;
  std::unique_ptr<LookupStep> lookup_;
  std::unique_ptr<ScoreStep> score_;
  std::unique_ptr<Dedupe> dedupe_;
  Flow late_;
  std::vector<std::int64_t> closed_windows_;
  StepReport report_;
};

}  // namespace penstock
