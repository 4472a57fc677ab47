#pragma once

// A model beside a step's rows: each gets its prediction and the model's version, as sql/score_plan.h lays them out. The model is
// read anew when its file changes. Not thread-safe.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "record/batch.h"
#include "sql/score_plan.h"

namespace penstock {

class ScoreStep {
 public:
  // Reads the model. Errors say where in the workspace.
  static Result<std::unique_ptr<ScoreStep>> compile(const ScoreSpec& spec, SchemaPtr rows, const ModelLoader& loader);

  const SchemaPtr& output_schema() const { return plan_.schema; }
  // Looks whether the file has changed, and takes its model from the next run() on. One that cannot be read, or does not fit the
  // rows, leaves the one before in place.
  void refresh();
  // Why the file's model was not taken, and which goes on; empty: nothing is wrong.
  const std::string& concern() const { return concern_; }

  // As many rows, in their order. NULL is a missing value.
  Result<Batch> run(const Batch& rows);

 private:
  struct Stamp {
    std::filesystem::file_time_type written;
    std::uintmax_t bytes = 0;
    bool operator==(const Stamp&) const = default;
  };
  ScoreStep(const ScoreSpec& spec, SchemaPtr rows, ModelLoader loader) : spec_(spec), rows_(std::move(rows)), loader_(std::move(loader)) {}
  Stamp stamp() const;
  Status load();

  // Constant after compile().
  const ScoreSpec spec_;
  const SchemaPtr rows_;
  const ModelLoader loader_;

  std::unique_ptr<Model> model_;
  ScorePlan plan_;
  Stamp seen_;                       // of the file when it was read last
  std::string concern_;
  std::vector<float> values_;
};

}  // namespace penstock
