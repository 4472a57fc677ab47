#pragma once

// Rows for quarantine and dead letters: both tables of a stream have one schema, so that one page shows both.

#include <optional>
#include <string>
#include <string_view>

#include "record/batch_builder.h"

namespace penstock {

// The five origin columns, `_key`, `_headers`, `_raw` as they came, then
//   _step         where: "decode", a step, or a sink
//   _expectation  which expectation failed; NULL in dead letters
//   _reason       a sentence
//   _hop          how many times it had been redriven before
//   _values       the row's columns at that step as JSON (masked); NULL when it was not decoded
//   _rejected_at
const SchemaPtr& reject_schema();

// One rejected row; views are copied by append().
struct Reject {
  std::string_view step;
  std::string_view expectation;     // empty: none
  std::string_view reason;
  std::int32_t hop = 0;
  std::int64_t rejected_at = 0;
};

// Builds rows of reject_schema(). Costs nothing until there is one. Not thread-safe.
class RejectBuilder {
 public:
  // Row `row` of `records` (arrival.h: origin columns and envelope) failed; `values` holds it at that step, or is
  // null. A column that `records` does not have is NULL (a sink's refused rows have no `_raw`).
  void append(const Reject& reject, const Batch& records, std::int64_t row, const Batch* values, std::int64_t value_row);
  std::int64_t rows() const { return columns_ ? columns_->rows() : 0; }
  Batch finish() { return columns_ ? columns_->finish() : Batch(); }

 private:
  std::optional<BatchBuilder> columns_;
};

}  // namespace penstock
