#pragma once

#include <string_view>

#include "io/model.h"

namespace penstock {

// A ModelLoader for files of XGBoost, JSON or UBJSON, saved by up to 3.0.5. Predictions are those of Python's `Booster.predict` with all
// trees, computed on the caller's thread alone.
Result<std::unique_ptr<Model>> load_xgboost_model(const std::string& path);

// The same of a file called `name` with these bytes.
Result<std::unique_ptr<Model>> read_xgboost_model(std::string_view bytes, const std::string& name);

// What rows that are scored by this file's model carry as its version; the model is not looked at. Error: not_found, io.
Result<std::string> model_version(const std::string& path);

}  // namespace penstock
