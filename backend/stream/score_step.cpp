#include "stream/score_step.h"

#include <cmath>
#include <limits>

#include "base/log.h"
#include "record/batch_builder.h"

namespace penstock {
namespace {

// Of the magnitude, since a negative one would be the difference of two numbers that are too large for their digits.
double real_of(Int128 value) {
  const bool is_negative = value.high < 0;
  if (is_negative) {
    value.low = ~value.low + 1;
    value.high = static_cast<std::int64_t>(~static_cast<std::uint64_t>(value.high) + (value.low == 0 ? 1 : 0));
  }
  const double magnitude = std::ldexp(static_cast<double>(static_cast<std::uint64_t>(value.high)), 64) + static_cast<double>(value.low);
  return is_negative ? -magnitude : magnitude;
}

double power_of_ten(int exponent) {
  double power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

// Puts the column's values into every `stride`-th place, as 32 bits: that is what models compare with.
template <typename Value>
void spread(const ColumnView& column, std::size_t stride, float* to, Value value) {
  for (std::int64_t row = 0; row < column.rows(); ++row, to += stride) *to = column.is_null(row) ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(value(row));
}

void spread(const ColumnView& column, std::size_t stride, float* to) {
  switch (column.type().kind) {
    case TypeKind::boolean: return spread(column, stride, to, [&](std::int64_t row) { return column.boolean(row) ? 1 : 0; });
    case TypeKind::int32: return spread(column, stride, to, [&](std::int64_t row) { return column.int32(row); });
    case TypeKind::int64: return spread(column, stride, to, [&](std::int64_t row) { return column.int64(row); });
    case TypeKind::decimal: {
      const double scale = power_of_ten(column.type().scale);
      return spread(column, stride, to, [&](std::int64_t row) { return real_of(column.decimal(row)) / scale; });
    }
    default: return spread(column, stride, to, [&](std::int64_t row) { return column.float64(row); });
  }
}

}  // namespace

Result<std::unique_ptr<ScoreStep>> ScoreStep::compile(const ScoreSpec& spec, SchemaPtr rows, const ModelLoader& loader) {
  if (!loader) return Error(ErrorKind::unsupported, "nothing here can read models", "", spec.at.to_string());
  std::unique_ptr<ScoreStep> step(new ScoreStep(spec, std::move(rows), loader));
  step->seen_ = step->stamp();
  if (auto loaded = step->load(); !loaded.ok()) {
    Error error = loaded.error();
    error.where = spec.model_at.to_string();
    return error;
  }
  return step;
}

ScoreStep::Stamp ScoreStep::stamp() const {
  std::error_code ignored;
  Stamp stamp;
  stamp.bytes = std::filesystem::file_size(spec_.path, ignored);
  stamp.written = std::filesystem::last_write_time(spec_.path, ignored);
  return stamp;
}

Status ScoreStep::load() {
  PENSTOCK_ASSIGN(auto model, loader_(spec_.path));
  PENSTOCK_ASSIGN(plan_, plan_score(spec_, *rows_, model->info()));
  model_ = std::move(model);
  return {};
}

// The file is looked at before it is read: one that changes meanwhile is another one the next time.
void ScoreStep::refresh() {
  const Stamp now = stamp();
  if (now == seen_) return;
  seen_ = now;
  const std::string before = model_->info().version;
  if (const auto loaded = load(); !loaded.ok()) {
    concern_ = "the model in " + spec_.model + " is not taken: " + loaded.error().to_string() + "; " + before + " goes on";
    log_warn("{}", concern_);
    return;
  }
  concern_.clear();
  if (model_->info().version != before) log_info("{} takes the place of {}", model_->info().version, before);
}

Result<Batch> ScoreStep::run(const Batch& rows) {
  const std::size_t features = plan_.features.size();
  values_.resize(features * static_cast<std::size_t>(rows.rows()));
  for (std::size_t feature = 0; feature < features; ++feature) spread(rows.column(plan_.features[feature]), features, values_.data() + feature);
  PENSTOCK_ASSIGN(const std::vector<float> predictions, model_->predict(values_, rows.rows()));
  BatchBuilder builder(plan_.added);
  for (const float prediction : predictions) {
    if (std::isnan(prediction)) builder[0].append_null();
    else builder[0].append_float64(prediction);
    builder[1].append_bytes(model_->info().version);
  }
  const Batch scored = plan_.own.empty() ? builder.finish() : Batch::join_columns(rows.select(plan_.own), builder.finish());
  return plan_.origin.empty() ? scored.with_schema(plan_.schema) : Batch::join_columns(scored, rows.select(plan_.origin)).with_schema(plan_.schema);
}

}  // namespace penstock
