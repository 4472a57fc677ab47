#include "ml/xgboost_model.h"

#include <openssl/evp.h>
#include <xgboost/c_api.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

#include "ml/model_file.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;
constexpr std::uintmax_t kMostBytes = 256 << 20;      // it is read as a whole, and the library needs as much again
constexpr std::size_t kVersionDigits = 12;

std::string file_name(const std::string& path) { return fs::path(path).filename().string(); }

Result<std::string> read_file(const std::string& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return Error(ErrorKind::not_found, "there is no model " + file_name(path), "the file's place in the workspace: models/fraud.json", path);
  const std::uintmax_t bytes = fs::file_size(path, error);
  if (error || bytes > kMostBytes)
    return Error(ErrorKind::io, error ? "the model cannot be read: " + error.message() : "the model has " + std::to_string(bytes) + " bytes", "a file of at most 256 MiB that this user may read", path);
  std::ifstream stream(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream.good() && !stream.eof()) return Error(ErrorKind::io, "the model cannot be read", "a file that this user may read", path);
  return text;
}

std::string version_of(const std::string& name, std::string_view bytes) {
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), hash, &size, EVP_sha256(), nullptr);
  std::string version = name + "@";
  for (std::size_t i = 0; i < kVersionDigits; ++i) version += "0123456789abcdef"[i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 15];
  return version;
}

// "[15:47:22] src/learner.cc:738: Check failed: …" and a stack below it: what is wrong stands in the first line, behind the place.
std::string last_error() {
  std::string text = XGBGetLastError();
  text = text.substr(0, text.find('\n'));
  if (const auto place = text.find(": ", text.find("] ")); text.starts_with("[") && place != std::string::npos) text = text.substr(place + 2);
  return text;
}

class XgboostModel final : public Model {
 public:
  explicit XgboostModel(ModelInfo info) : info_(std::move(info)) {}
  ~XgboostModel() override {
    if (booster_) XGBoosterFree(booster_);
  }

  Status load(std::string_view bytes) {
    // The trees are still read by several; what is asked afterwards is computed by one.
    const bool loaded = XGBoosterCreate(nullptr, 0, &booster_) == 0 && XGBoosterLoadModelFromBuffer(booster_, bytes.data(), bytes.size()) == 0 && use_one_thread();
    if (!loaded) return failed("cannot be loaded", "a model saved with XGBoost 3.0.5 or before");
    const auto nothing = predict(std::vector<float>(info_.features, std::numeric_limits<float>::quiet_NaN()), 1);
    return nothing.ok() ? Status() : Status(nothing.error());
  }

  const ModelInfo& info() const override { return info_; }

  Result<std::vector<float>> predict(const std::vector<float>& values, std::int64_t rows) override {
    if (rows == 0) return std::vector<float>();
    // NumPy's array interface, version 3; the library only reads.
    char array[160];
    std::snprintf(array, sizeof array, R"({"data": [%zu, true], "shape": [%lld, %zu], "typestr": "<f4", "version": 3})", reinterpret_cast<std::size_t>(values.data()),
                  static_cast<long long>(rows), info_.features);
    constexpr char kHow[] = R"({"type": 0, "training": false, "iteration_begin": 0, "iteration_end": 0, "strict_shape": false, "cache_id": 0, "missing": NaN})";
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* predictions = nullptr;
    if (XGBoosterPredictFromDense(booster_, array, kHow, nullptr, &shape, &dimensions, &predictions) != 0) return failed("cannot predict", "");
    bst_ulong count = 1;
    for (bst_ulong i = 0; i < dimensions; ++i) count *= shape[i];
    if (count != static_cast<bst_ulong>(rows)) return Error(ErrorKind::unsupported, info_.version + " gives several numbers a row", "a model of one output, such as binary:logistic");
    return std::vector<float>(predictions, predictions + count);
  }

 private:
  bool use_one_thread() { return XGBoosterSetParam(booster_, "nthread", "1") == 0; }
  Error failed(const std::string& what, const std::string& action) const { return Error(ErrorKind::unsupported, info_.version + " " + what + ": " + last_error(), action); }

  const ModelInfo info_;
  BoosterHandle booster_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Model>> load_xgboost_model(const std::string& path) {
  PENSTOCK_ASSIGN(const std::string bytes, read_file(path));
  return read_xgboost_model(bytes, file_name(path));
}

Result<std::unique_ptr<Model>> read_xgboost_model(std::string_view bytes, const std::string& name) {
  PENSTOCK_ASSIGN(ModelFile file, check_model_file(bytes, name));
  auto model = std::make_unique<XgboostModel>(ModelInfo{version_of(name, bytes), file.features, std::move(file.feature_names)});
  PENSTOCK_TRY(model->load(bytes));
  return std::unique_ptr<Model>(std::move(model));
}

Result<std::string> model_version(const std::string& path) {
  PENSTOCK_ASSIGN(const std::string bytes, read_file(path));
  return version_of(file_name(path), bytes);
}

}  // namespace penstock
