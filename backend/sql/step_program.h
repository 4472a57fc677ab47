#pragma once

// The SQL of one step of a stream, compiled once and run for each batch: its SELECT, its expectations and its
// masked columns in one prepared statement. Belongs to its session's thread; not thread-safe.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "record/batch.h"
#include "sql/session.h"
#include "sql/sql_problem.h"
#include "workspace/spec.h"

namespace penstock {

struct StepProgramSpec {
  std::string name;                      // of the step; its expectations may say `name.column`
  std::vector<std::string> inputs;       // names by which FROM may call the input; "input" always works
  SchemaPtr schema;                      // of the input, with its origin columns (and window_start, window_end)
  std::string sql;                       // empty: the rows as they come
  std::vector<ExpectationSpec> expect;
  std::vector<std::string> mask;         // output columns that become their SHA-256 in hex (NULL stays NULL)
  // False: each row by itself; the origin columns of the input follow its rows.
  // True: over all rows of one window; the output has no origin columns, and must have window_start.
  bool window = false;
  // With `window`: over all rows of a key, of which there is no end. The output has these columns, in one row for each key.
  std::vector<std::string> aggregate_key;
};

struct RowError {
  std::int64_t row = 0;                  // in the input, counted through its batches
  std::string message;
};

struct StepOutput {
  // Every row that the SELECT gave, failed or not, masked. Row-wise: in the order of the input's rows; rows that a
  // join or unnest made of one input row stand together, and may make it longer than kMaxBatchRows.
  Batch rows;
  std::vector<std::int64_t> input_row;                     // row-wise: for each row, the input row that it came from
  std::vector<std::vector<std::int64_t>> failed_rows;      // per expectation, ascending rows of `rows`
  std::int64_t filtered = 0;                               // row-wise: input rows that gave no row and no error
  std::vector<RowError> errors;                            // row-wise: input rows that cannot be computed, ascending
};

class StepProgram {
 public:
  // Nothing, and everything that is wrong in `problems`. Tables must be loaded into the session before.
  static std::optional<StepProgram> compile(Session& session, const StepProgramSpec& spec, std::vector<SqlProblem>& problems);
  // The same with the first problem as the error; `where` is "line:column" of the SQL text, or the expectation.
  static Result<StepProgram> compile(Session& session, const StepProgramSpec& spec);

  ~StepProgram();
  StepProgram(StepProgram&&) noexcept;
  StepProgram& operator=(StepProgram&&) noexcept;

  // What the SELECT gives, then the origin columns of the input.
  const SchemaPtr& output_schema() const;
  // The rows of all batches, which have the spec's schema. Row-wise: a row that raises an error (a cast, an
  // overflow) ends in `errors` while the others pass. Error: window SQL that raised one; memory; interrupted.
  Result<StepOutput> run(std::span<const Batch> input);

 private:
  struct Impl;
  explicit StepProgram(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
