#pragma once

// Builds batches column by column. Not thread-safe. A builder may be used again after finish().

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "record/batch.h"

namespace penstock {

// One column. Every append adds one row; which append fits is decided by the column's type.
class ColumnBuilder {
 public:
  explicit ColumnBuilder(Type type);

  Type type() const { return type_; }
  std::int64_t rows() const { return rows_; }
  std::int64_t bytes() const;

  void append_null();
  void append_boolean(bool value);
  void append_int32(std::int32_t value);       // int32, date
  void append_int64(std::int64_t value);       // int64, timestamp
  void append_float64(double value);
  void append_decimal(Int128 value);
  void append_bytes(std::string_view value);   // varchar, json, blob
  // Row `row` of a column of the same type.
  void append_from(const ColumnView& column, std::int64_t row);
  void append_range(const ColumnView& column, std::int64_t first, std::int64_t rows);
  // Takes back the last row.
  void pop_back();
  void reserve(std::int64_t rows);

  // The column as an Arrow array, owned by the receiver; the builder is empty again.
  ArrowArray finish();

 private:
  void append_valid(bool valid);
  template <typename T>
  void append_fixed(T value);

  Type type_;
  std::int64_t rows_ = 0;
  std::int64_t nulls_ = 0;
  std::vector<std::uint8_t> validity_;     // bits; empty while there is no null
  std::vector<std::uint8_t> fixed_;        // fixed-width values (bits for boolean)
  std::vector<std::int32_t> offsets_;      // varchar, json, blob
  std::vector<char> data_;
};

class BatchBuilder {
 public:
  explicit BatchBuilder(SchemaPtr schema);

  const SchemaPtr& schema() const { return schema_; }
  ColumnBuilder& operator[](std::size_t column) { return columns_[column]; }
  std::int64_t rows() const { return columns_.empty() ? 0 : columns_.front().rows(); }
  std::int64_t bytes() const;
  void append_row(const Batch& batch, std::int64_t row);       // equal schemas
  void append_rows(const Batch& batch);

  // All columns must have the same number of rows. The builder is empty again.
  Batch finish();

 private:
  SchemaPtr schema_;
  std::vector<ColumnBuilder> columns_;
};

}  // namespace penstock
