#pragma once

// The texts of a join step, taken apart before it runs: which columns of its sides have to be equal, what else its condition
// asks of two rows, and what the step makes of rows that were joined.

#include <optional>
#include <string>
#include <vector>

#include "sql/session.h"
#include "sql/sql_problem.h"
#include "sql/step_program.h"
#include "workspace/spec.h"

namespace penstock {

// The columns of a side that a join keeps: all but the envelope of the record, which stays at bronze.
SchemaPtr kept_columns(const Schema& input);

// Can rows be matched by the hash of such values: are they equal just where their texts are?
bool are_keys(const Type& left, const Type& right);

struct JoinPlan {
  SchemaPtr left, right;                       // what is kept of each side
  // Rows of both sides: "<side>.<column>" of all columns of the left one, of the right one, then the origin columns.
  SchemaPtr joined;
  // Columns of each side, in pairs: rows match only where they are equal. Never empty.
  std::vector<std::size_t> left_keys, right_keys;
  // What else the condition asks, over joined rows: it gives a row for each for which that holds. None: nothing.
  std::optional<StepProgramSpec> condition;
  StepProgramSpec output;                      // over joined rows
};

// Nothing, and everything that is wrong in `problems`, when the step's `on` and `select` cannot be carried out over these
// inputs. Expectations and masks are checked where `output` is compiled.
std::optional<JoinPlan> plan_join(Session& session, const StepSpec& step, const Schema& left, const Schema& right, std::vector<SqlProblem>& problems);
// The same with the first problem as the error.
Result<JoinPlan> plan_join(Session& session, const StepSpec& step, const Schema& left, const Schema& right);

}  // namespace penstock
