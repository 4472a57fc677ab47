#pragma once

// A trained model that gives rows a number. Whoever can read model files gives a ModelLoader to the composition root.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace penstock {

struct ModelInfo {
  std::string version;                        // "fraud.json@3f9a0c21b7de": the file's name and the beginning of its SHA-256
  std::size_t features = 0;                   // of a row
  std::vector<std::string> feature_names;     // in the model's order; empty: it does not name them
};

// Not thread-safe.
class Model {
 public:
  virtual ~Model() = default;
  virtual const ModelInfo& info() const = 0;
  // `values`: of each row its features in the model's order, row after row; NaN where there is none. A prediction for each row.
  virtual Result<std::vector<float>> predict(const std::vector<float>& values, std::int64_t rows) = 0;
};

// Errors: not_found; unsupported: a model that would not be computed as it was trained; data_loss: no model at all. Each says
// what to do. The file may be replaced while it is read: then it is an error, or the one or the other.
using ModelLoader = std::function<Result<std::unique_ptr<Model>>(const std::string& path)>;

}  // namespace penstock
