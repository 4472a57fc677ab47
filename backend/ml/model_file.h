#pragma once

// What the file of an XGBoost model says, before the library gets it: JSON or UBJSON as `save_model()` writes them
// (https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html).

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace penstock {

struct ModelFile {
  std::size_t features = 0;                   // at least 1
  std::vector<std::string> feature_names;     // empty, or as many
  std::string objective;                      // "binary:logistic"
  std::string saved_by;                       // "3.0.5"
};

// `name` is the file's, for messages. Errors: unsupported, where the model would not be computed as it was trained: written by 3.1 or
// later, in the old binary format, a booster other than `gbtree` and `dart`, categories, several outputs. data_loss: it is
// no model, or a damaged one, that the library must not see.
Result<ModelFile> check_model_file(std::string_view bytes, const std::string& name);

}  // namespace penstock
