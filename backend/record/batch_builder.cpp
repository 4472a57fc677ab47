#include "record/batch_builder.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>

namespace penstock {
namespace {

void set_bit(std::vector<std::uint8_t>& bits, std::int64_t at, bool value) {
  if (static_cast<std::int64_t>(bits.size()) * 8 <= at) bits.resize(static_cast<std::size_t>(at / 8 + 1), 0);
  const auto mask = static_cast<std::uint8_t>(1u << (at & 7));
  if (value) bits[at >> 3] |= mask; else bits[at >> 3] &= static_cast<std::uint8_t>(~mask);
}

struct OwnedColumn {
  std::vector<std::uint8_t> validity;
  std::vector<std::uint8_t> bits;
  ByteBuffer fixed;
  std::vector<std::int32_t> offsets;
  ByteBuffer data;
  std::array<const void*, 3> buffers{};
};

struct OwnedStruct {
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> child_pointers;
  const void* no_validity = nullptr;
};

}  // namespace

ColumnBuilder::ColumnBuilder(Type type) : type_(type) {}

// Not before they are needed: most builders of rejected rows never get one.
void ColumnBuilder::begin_offsets() {
  if (offsets_.empty()) offsets_.push_back(0);
}

std::int64_t ColumnBuilder::bytes() const {
  return static_cast<std::int64_t>(validity_.size() + bits_.size() + fixed_.size() + offsets_.size() * 4 + data_.size());
}

void ColumnBuilder::append_valid(bool valid) {
  if (!valid) {
    if (validity_.empty()) {
      validity_.assign(static_cast<std::size_t>(rows_ / 8 + 1), 0xff);
    }
    ++nulls_;
  }
  if (!validity_.empty()) set_bit(validity_, rows_, valid);
  ++rows_;
}

void ColumnBuilder::append_valid_rows(std::int64_t rows) {
  if (!validity_.empty())
    for (std::int64_t row = rows_; row < rows_ + rows; ++row) set_bit(validity_, row, true);
  rows_ += rows;
}

void ColumnBuilder::append_null() {
  if (is_variable(type_.kind)) {
    begin_offsets();
    offsets_.push_back(offsets_.back());
  } else if (type_.kind == TypeKind::boolean) {
    set_bit(bits_, rows_, false);
  } else {
    fixed_.append_zeros(fixed_width(type_.kind));
  }
  append_valid(false);
}

void ColumnBuilder::append_boolean(bool value) {
  assert(type_.kind == TypeKind::boolean);
  set_bit(bits_, rows_, value);
  append_valid(true);
}

void ColumnBuilder::append_int32(std::int32_t value) {
  assert(fixed_width(type_.kind) == 4);
  fixed_.append_value(value);
  append_valid(true);
}

void ColumnBuilder::append_int64(std::int64_t value) {
  assert(type_.kind == TypeKind::int64 || type_.kind == TypeKind::timestamp);
  fixed_.append_value(value);
  append_valid(true);
}

void ColumnBuilder::append_float64(double value) {
  assert(type_.kind == TypeKind::float64);
  fixed_.append_value(value);
  append_valid(true);
}

void ColumnBuilder::append_decimal(Int128 value) {
  assert(type_.kind == TypeKind::decimal);
  fixed_.append_value(value);
  append_valid(true);
}

void ColumnBuilder::append_bytes(std::string_view value) {
  assert(is_variable(type_.kind));
  begin_offsets();
  data_.append(value);
  offsets_.push_back(static_cast<std::int32_t>(data_.size()));
  append_valid(true);
}

void ColumnBuilder::append_from(const ColumnView& column, std::int64_t row) {
  if (column.is_null(row)) return append_null();
  switch (type_.kind) {
    case TypeKind::boolean: return append_boolean(column.boolean(row));
    case TypeKind::int32:
    case TypeKind::date: return append_int32(column.int32(row));
    case TypeKind::int64:
    case TypeKind::timestamp: return append_int64(column.int64(row));
    case TypeKind::float64: return append_float64(column.float64(row));
    case TypeKind::decimal: return append_decimal(column.decimal(row));
    case TypeKind::varchar:
    case TypeKind::json:
    case TypeKind::blob: return append_bytes(column.bytes(row));
  }
}

void ColumnBuilder::append_range(const ColumnView& column, std::int64_t first, std::int64_t rows) {
  // Bits and NULLs go one by one; everything else is copied as it lies.
  if (type_.kind == TypeKind::boolean || column.has_nulls()) {
    for (std::int64_t row = first; row < first + rows; ++row) append_from(column, row);
    return;
  }
  if (rows == 0) return;
  if (is_variable(type_.kind)) {
    const std::span<const std::int32_t> ends = column.offsets().subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(rows + 1));
    const std::string_view bytes = column.bytes_between(first, first + rows);
    begin_offsets();
    const std::int32_t shift = offsets_.back() - ends.front();
    data_.append(bytes);
    std::transform(ends.begin() + 1, ends.end(), std::back_inserter(offsets_), [shift](std::int32_t end) { return end + shift; });
  } else {
    return append_values(column.fixed_bytes() + static_cast<std::size_t>(first) * fixed_width(type_.kind), rows);
  }
  append_valid_rows(rows);
}

void ColumnBuilder::append_values(const void* values, std::int64_t rows) {
  assert(fixed_width(type_.kind) > 0);
  fixed_.append(values, static_cast<std::size_t>(rows) * fixed_width(type_.kind));
  append_valid_rows(rows);
}

void ColumnBuilder::pop_back() {
  assert(rows_ > 0);
  --rows_;
  if (!validity_.empty() && !(validity_[rows_ >> 3] >> (rows_ & 7) & 1)) --nulls_;
  if (is_variable(type_.kind)) {
    offsets_.pop_back();
    data_.shrink(static_cast<std::size_t>(offsets_.back()));
  } else {
    fixed_.shrink(fixed_.size() - fixed_width(type_.kind));
  }
}

void ColumnBuilder::reserve(std::int64_t rows, std::int64_t bytes) {
  if (is_variable(type_.kind)) {
    offsets_.reserve(static_cast<std::size_t>(rows_ + rows + 1));
    data_.ensure(data_.size() + static_cast<std::size_t>(bytes));
  } else {
    fixed_.ensure(fixed_.size() + static_cast<std::size_t>(rows) * fixed_width(type_.kind));
  }
}

void ColumnBuilder::adopt(ByteBuffer bytes, std::vector<std::int32_t> ends) {
  assert(is_variable(type_.kind) && rows_ == 0);
  data_ = std::move(bytes);
  begin_offsets();
  offsets_.insert(offsets_.end(), ends.begin(), ends.end());
  rows_ = static_cast<std::int64_t>(ends.size());
}

ArrowArray ColumnBuilder::finish() {
  if (is_variable(type_.kind)) begin_offsets();
  auto* owned = new OwnedColumn{std::move(validity_), std::move(bits_), std::move(fixed_), std::move(offsets_), std::move(data_), {}};
  ArrowArray array{};
  array.length = rows_;
  array.null_count = nulls_;
  owned->buffers[0] = nulls_ == 0 ? nullptr : owned->validity.data();
  if (is_variable(type_.kind)) {
    owned->data.ensure(1);    // the buffer must not be null, even where every text is empty
    owned->buffers[1] = owned->offsets.data();
    owned->buffers[2] = owned->data.data();
    array.n_buffers = 3;
  } else {
    owned->bits.reserve(1);
    owned->fixed.ensure(1);
    owned->buffers[1] = type_.kind == TypeKind::boolean ? static_cast<const void*>(owned->bits.data()) : owned->fixed.data();
    array.n_buffers = 2;
  }
  array.buffers = owned->buffers.data();
  array.private_data = owned;
  array.release = [](ArrowArray* self) {
    delete static_cast<OwnedColumn*>(self->private_data);
    self->release = nullptr;
  };
  validity_.clear();
  bits_.clear();
  offsets_.clear();
  fixed_ = {};
  data_ = {};
  rows_ = nulls_ = 0;
  return array;
}

BatchBuilder::BatchBuilder(SchemaPtr schema) : schema_(std::move(schema)) {
  columns_.reserve(schema_->size());
  for (const Field& field : schema_->fields()) columns_.emplace_back(field.type);
}

std::int64_t BatchBuilder::bytes() const {
  std::int64_t total = 0;
  for (const ColumnBuilder& column : columns_) total += column.bytes();
  return total;
}

void BatchBuilder::append_row(const Batch& batch, std::int64_t row) {
  for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].append_from(batch.column(i), row);
}

void BatchBuilder::append_rows(const Batch& batch) {
  for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].append_range(batch.column(i), 0, batch.rows());
}

Batch BatchBuilder::finish() {
  auto* owned = new OwnedStruct;
  ArrowArray array{};
  array.length = rows();
  owned->children.reserve(columns_.size());
  for (ColumnBuilder& column : columns_) {
    assert(column.rows() == array.length);
    owned->children.push_back(column.finish());
  }
  for (ArrowArray& child : owned->children) owned->child_pointers.push_back(&child);
  array.n_buffers = 1;
  array.buffers = &owned->no_validity;
  array.n_children = static_cast<std::int64_t>(owned->children.size());
  array.children = owned->child_pointers.data();
  array.private_data = owned;
  array.release = [](ArrowArray* self) {
    auto* columns = static_cast<OwnedStruct*>(self->private_data);
    for (ArrowArray& child : columns->children)
      if (child.release) child.release(&child);
    delete columns;
    self->release = nullptr;
  };
  return Batch(schema_, array);
}

}  // namespace penstock
