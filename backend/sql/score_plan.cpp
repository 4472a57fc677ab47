#include "sql/score_plan.h"

#include <algorithm>

#include "sql/join_plan.h"
#include "sql/sql_rules.h"
#include "sql/sql_text.h"

namespace penstock {
namespace {

class ScorePlanner {
 public:
  ScorePlanner(const ScoreSpec& score, const Schema& rows, const ModelInfo& model, std::vector<SqlProblem>& problems)
      : score_(score), rows_(rows), model_(model), problems_(problems) {}

  std::optional<ScorePlan> plan() {
    const auto before = problems_.size();
    check_columns();
    for (const std::string& feature : in_model_order()) add_feature(feature);
    lay_out();
    if (problems_.size() != before) return std::nullopt;
    return std::move(plan_);
  }

 private:
  void refuse(std::string message, std::string expected, std::string suggestion = {}) {
    problems_.push_back({.message = std::move(message), .expected = std::move(expected), .suggestion = std::move(suggestion)});
  }

  // Also those that the model does not know.
  void check_columns() {
    NameSet columns;
    for (const Field& field : rows_.fields()) columns.insert(field.name);
    for (const std::string& feature : score_.features)
      if (const auto column = rows_.find(feature); !column)
        refuse("there is no column '" + feature + "' in the step's rows", one_of(columns), did_you_mean(feature, columns));
      else if (!is_feature(rows_[*column].type))
        refuse("the feature '" + feature + "' is " + rows_[*column].type.sql_name() + ", not a number", "a number or a boolean, made of it in the step above");
  }

  std::vector<std::string> in_model_order() {
    std::vector<std::string> said = score_.features;
    std::sort(said.begin(), said.end());
    for (auto twice = std::adjacent_find(said.begin(), said.end()); twice != said.end(); twice = std::adjacent_find(twice + 1, said.end()))
      refuse("the feature '" + *twice + "' is there twice", "each feature once");
    const std::string count = score_.model + " was trained with " + std::to_string(model_.features) + " features";
    const NameSet known(model_.feature_names.begin(), model_.feature_names.end());
    if (score_.features.size() != model_.features)
      refuse(count + ", and these are " + std::to_string(score_.features.size()), known.empty() ? "as many columns, in the order of the training" : "its features: " + one_of(known));
    for (const std::string& feature : score_.features)
      if (!known.empty() && !known.contains(feature))
        refuse(score_.model + " has no feature '" + feature + "'", one_of(known) + ", by AS in the step above", did_you_mean(feature, known));
    return known.empty() ? score_.features : model_.feature_names;
  }

  void add_feature(const std::string& feature) {
    if (const auto column = rows_.find(feature)) plan_.features.push_back(*column);
  }

  void lay_out() {
    plan_.added = std::make_shared<const Schema>(std::vector<Field>{{score_.as, {TypeKind::float64}}, {std::string(kModelColumn), {TypeKind::varchar}}});
    const SchemaPtr kept = kept_columns(rows_);
    std::vector<Field> first, last;
    for (const Field& field : kept->fields()) {
      const bool of_origin = origin::is_origin(field.name);
      (of_origin ? plan_.origin : plan_.own).push_back(*rows_.find(field.name));
      (of_origin ? last : first).push_back(field);
      for (const Field& added : plan_.added->fields())
        if (same_name(added.name, field.name)) refuse("the rows have a column '" + field.name + "' already", "another name for it, with AS in the step above");
    }
    first.insert(first.end(), plan_.added->fields().begin(), plan_.added->fields().end());
    first.insert(first.end(), last.begin(), last.end());
    plan_.schema = std::make_shared<const Schema>(std::move(first));
  }

  const ScoreSpec& score_;
  const Schema& rows_;
  const ModelInfo& model_;
  std::vector<SqlProblem>& problems_;
  ScorePlan plan_;
};

}  // namespace

bool is_feature(const Type& type) {
  switch (type.kind) {
    case TypeKind::boolean:
    case TypeKind::int32:
    case TypeKind::int64:
    case TypeKind::float64:
    case TypeKind::decimal: return true;
    default: return false;
  }
}

std::optional<ScorePlan> plan_score(const ScoreSpec& score, const Schema& rows, const ModelInfo& model, std::vector<SqlProblem>& problems) {
  return ScorePlanner(score, rows, model, problems).plan();
}

Result<ScorePlan> plan_score(const ScoreSpec& score, const Schema& rows, const ModelInfo& model) {
  std::vector<SqlProblem> problems;
  if (auto plan = plan_score(score, rows, model, problems)) return *std::move(plan);
  return Error(ErrorKind::invalid_argument, problems.front().message, problems.front().expected, score.at.to_string());
}

}  // namespace penstock
