#pragma once

// Builds batches column by column. Not thread-safe. A builder may be used again after finish().

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "record/batch.h"
#include "record/byte_buffer.h"

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
  // `rows` values, none NULL, that lie there as the column keeps them; not for boolean and variable length.
  void append_values(const void* values, std::int64_t rows);
  // Takes back the last row.
  void pop_back();
  // For so many more rows, and bytes of texts.
  void reserve(std::int64_t rows, std::int64_t bytes = 0);
  // Texts or bytes that lie one after the other, none NULL: the column takes over the buffer. `ends`: where each ends.
  // Only while the column is empty.
  void adopt(ByteBuffer bytes, std::vector<std::int32_t> ends);

  // The column as an Arrow array, owned by the receiver; the builder is empty again.
  ArrowArray finish();

 private:
  void begin_offsets();
  void append_valid(bool valid);
  void append_valid_rows(std::int64_t rows);

  Type type_;
  std::int64_t rows_ = 0;
  std::int64_t nulls_ = 0;
  std::vector<std::uint8_t> validity_;     // bits; empty while there is no null
  std::vector<std::uint8_t> bits_;         // boolean
  ByteBuffer fixed_;                       // fixed-width values
  std::vector<std::int32_t> offsets_;      // varchar, json, blob
  ByteBuffer data_;
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
