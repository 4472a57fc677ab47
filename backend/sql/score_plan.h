#pragma once

// What a score step makes of a row: its columns, the prediction of a model and the model's version.

#include <optional>
#include <vector>

#include "io/model.h"
#include "sql/sql_problem.h"
#include "workspace/spec.h"

namespace penstock {

inline constexpr std::string_view kModelColumn = "_model";

struct ScorePlan {
  std::vector<std::size_t> features;             // columns of the rows, in the model's order
  std::vector<std::size_t> own;                  // columns of the rows that come first, …
  std::vector<std::size_t> origin;               // … and those that come after the prediction and `_model`
  SchemaPtr added;                               // the prediction (DOUBLE) and `_model` (VARCHAR)
  SchemaPtr schema;                              // of all that
};

// May values of this type be a feature: numbers and booleans?
bool is_feature(const Type& type);

// Nothing, and everything that is wrong in `problems`, where the model cannot score these rows. A model that names its features gets
// them by name, in whatever order the step says them; one that does not, in the step's order.
std::optional<ScorePlan> plan_score(const ScoreSpec& score, const Schema& rows, const ModelInfo& model, std::vector<SqlProblem>& problems);
// The same with the first problem as the error.
Result<ScorePlan> plan_score(const ScoreSpec& score, const Schema& rows, const ModelInfo& model);

}  // namespace penstock
