#pragma once

// A Batch is one Arrow struct array with its schema: columns, never row objects. It is immutable and cheap to
// copy (shared), so that steps, sinks and `query` may hold the same rows. Thread-safe to read.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/schema.h"

namespace penstock {

inline constexpr std::int64_t kMaxBatchRows = 65'536;

// 128 bits, little endian halves, as Arrow's decimal128.
struct Int128 {
  std::uint64_t low = 0;
  std::int64_t high = 0;
  auto operator<=>(const Int128& other) const {
    return high != other.high ? high <=> other.high : low <=> other.low;
  }
  bool operator==(const Int128&) const = default;
};

// A view of one column of a batch; valid while that batch lives. `row` counts from 0 within the batch.
class ColumnView {
 public:
  ColumnView(const ArrowArray* array, Type type, std::int64_t offset, std::int64_t rows)
      : array_(array), type_(type), offset_(offset), rows_(rows) {}

  Type type() const { return type_; }
  std::int64_t rows() const { return rows_; }
  bool is_null(std::int64_t row) const {
    if (!has_nulls()) return false;
    const auto at = array_->offset + offset_ + row;
    return (static_cast<const std::uint8_t*>(array_->buffers[0])[at >> 3] >> (at & 7) & 1) == 0;
  }
  bool boolean(std::int64_t row) const {
    const auto at = array_->offset + offset_ + row;
    return static_cast<const std::uint8_t*>(array_->buffers[1])[at >> 3] >> (at & 7) & 1;
  }
  std::int32_t int32(std::int64_t row) const { return value<std::int32_t>(row); }      // int32, date
  std::int64_t int64(std::int64_t row) const { return value<std::int64_t>(row); }      // int64, timestamp
  double float64(std::int64_t row) const { return value<double>(row); }
  Int128 decimal(std::int64_t row) const { return value<Int128>(row); }
  std::string_view bytes(std::int64_t row) const {                                     // varchar, json, blob
    const auto* offsets = static_cast<const std::int32_t*>(array_->buffers[1]) + array_->offset + offset_ + row;
    return {static_cast<const char*>(array_->buffers[2]) + offsets[0], static_cast<std::size_t>(offsets[1] - offsets[0])};
  }
  // Whole columns, for whoever copies or scans many rows; offsets and bytes only where the length varies.
  bool has_nulls() const { return array_->null_count != 0 && array_->buffers[0] != nullptr; }
  std::span<const std::int32_t> offsets() const {
    return {static_cast<const std::int32_t*>(array_->buffers[1]) + array_->offset + offset_, static_cast<std::size_t>(rows_ + 1)};
  }
  std::string_view bytes_between(std::int64_t first, std::int64_t end) const {
    const auto ends = offsets();
    return {static_cast<const char*>(array_->buffers[2]) + ends[first], static_cast<std::size_t>(ends[end] - ends[first])};
  }
  const std::uint8_t* fixed_bytes() const {      // from row 0 on; not for boolean
    return static_cast<const std::uint8_t*>(array_->buffers[1]) + static_cast<std::size_t>(array_->offset + offset_) * fixed_width(type_.kind);
  }
  // The value as a person reads it and as CSV and JSON (without quotes) write it; "" when null.
  std::string to_text(std::int64_t row) const;

 private:
  template <typename T>
  T value(std::int64_t row) const {
    return static_cast<const T*>(array_->buffers[1])[array_->offset + offset_ + row];
  }

  const ArrowArray* array_;
  Type type_;
  std::int64_t offset_;
  std::int64_t rows_;
};

class Batch {
 public:
  Batch() = default;
  // Takes over `array` (a struct array whose children match `schema`) and releases it with the last copy.
  Batch(SchemaPtr schema, ArrowArray array);

  bool empty() const { return rows_ == 0; }
  std::int64_t rows() const { return rows_; }
  const SchemaPtr& schema() const { return schema_; }
  ColumnView column(std::size_t index) const;
  // By name; null when there is none.
  std::optional<ColumnView> find(std::string_view name) const;
  // Memory of the rows' own buffers, counted by what the rows use.
  std::int64_t bytes() const;

  Batch slice(std::int64_t first, std::int64_t rows) const;     // no copy
  // The rows at `indices`, in that order, copied.
  Batch take(std::span<const std::int64_t> indices) const;
  // The same rows with only these columns, in this order; no copy.
  Batch select(std::span<const std::size_t> columns) const;
  // The same rows under another schema of as many columns, whose types are these; no copy.
  Batch with_schema(SchemaPtr schema) const;
  // The same rows with one batch's columns after the other's; both have as many rows; no copy.
  static Batch join_columns(const Batch& left, const Batch& right);
  // One batch with the rows of all, in order. All have equal schemas. Copies unless there is only one.
  static Batch concat(std::span<const Batch> batches);

  // An Arrow array that shares these rows; the receiver releases it.
  ArrowArray export_array() const;

 private:
  SchemaPtr schema_;
  std::vector<std::shared_ptr<const ArrowArray>> columns_;
  std::int64_t offset_ = 0;     // added to each child's own
  std::int64_t rows_ = 0;
};

}  // namespace penstock
