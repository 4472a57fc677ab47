#include "record/batch.h"

#include <cstring>

#include "record/batch_builder.h"
#include "record/value_text.h"

namespace penstock {
namespace {

void release_owned(const ArrowArray* array) {
  auto* owned = const_cast<ArrowArray*>(array);
  if (owned->release) owned->release(owned);
  delete owned;
}

// A struct array or a column that only borrows: `keep` holds what it points into.
struct Borrowed {
  std::vector<std::shared_ptr<const ArrowArray>> keep;
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> child_pointers;
  const void* no_validity = nullptr;
};

void release_borrowed(ArrowArray* array) {
  delete static_cast<Borrowed*>(array->private_data);
  array->release = nullptr;
}

std::string blob_text(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && byte != '\\') {
      text += c;
    } else {
      text += "\\x";
      text += kHex[byte >> 4];
      text += kHex[byte & 15];
    }
  }
  return text;
}

std::int64_t column_bytes(const ArrowArray& array, Type type, std::int64_t offset, std::int64_t rows) {
  const std::int64_t validity = array.buffers[0] ? rows / 8 : 0;
  switch (type.kind) {
    case TypeKind::boolean: return validity + rows / 8;
    case TypeKind::int32:
    case TypeKind::date: return validity + rows * 4;
    case TypeKind::int64:
    case TypeKind::float64:
    case TypeKind::timestamp: return validity + rows * 8;
    case TypeKind::decimal: return validity + rows * 16;
    case TypeKind::varchar:
    case TypeKind::json:
    case TypeKind::blob: {
      if (rows == 0) return 0;
      const auto* offsets = static_cast<const std::int32_t*>(array.buffers[1]) + array.offset + offset;
      return validity + rows * 4 + offsets[rows] - offsets[0];
    }
  }
  return 0;
}

}  // namespace

std::string ColumnView::to_text(std::int64_t row) const {
  if (is_null(row)) return "";
  switch (type_.kind) {
    case TypeKind::boolean: return boolean(row) ? "true" : "false";
    case TypeKind::int32: return std::to_string(int32(row));
    case TypeKind::int64: return std::to_string(int64(row));
    case TypeKind::float64: return real_text(float64(row));
    case TypeKind::decimal: return decimal_text(decimal(row), type_.scale);
    case TypeKind::varchar:
    case TypeKind::json: return std::string(bytes(row));
    case TypeKind::blob: return blob_text(bytes(row));
    case TypeKind::date: return date_text(int32(row));
    case TypeKind::timestamp: return timestamp_text(int64(row));
  }
  return "";
}

Batch::Batch(SchemaPtr schema, ArrowArray array) : schema_(std::move(schema)), rows_(array.length) {
  assert(array.n_children == static_cast<std::int64_t>(schema_->size()));
  // The parent's offset and length apply to every child; children are moved out so that columns live on their own.
  const std::shared_ptr<const ArrowArray> parent(new ArrowArray(array), release_owned);
  offset_ = array.offset;
  columns_.reserve(schema_->size());
  for (std::int64_t i = 0; i < array.n_children; ++i) columns_.emplace_back(parent, array.children[i]);
}

ColumnView Batch::column(std::size_t index) const {
  return ColumnView(columns_[index].get(), (*schema_)[index].type, offset_, rows_);
}

std::optional<ColumnView> Batch::find(std::string_view name) const {
  if (!schema_) return std::nullopt;
  const auto index = schema_->find(name);
  if (!index) return std::nullopt;
  return column(*index);
}

std::int64_t Batch::bytes() const {
  std::int64_t total = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) total += column_bytes(*columns_[i], (*schema_)[i].type, offset_, rows_);
  return total;
}

Batch Batch::slice(std::int64_t first, std::int64_t rows) const {
  assert(first >= 0 && rows >= 0 && first + rows <= rows_);
  Batch part = *this;
  part.offset_ += first;
  part.rows_ = rows;
  return part;
}

Batch Batch::take(std::span<const std::int64_t> indices) const {
  BatchBuilder builder(schema_);
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const ColumnView view = column(c);
    builder[c].reserve(static_cast<std::int64_t>(indices.size()));
    // Runs of neighbours are copied as ranges: a filter keeps most rows.
    for (std::size_t i = 0; i < indices.size();) {
      std::size_t end = i + 1;
      while (end < indices.size() && indices[end] == indices[end - 1] + 1) ++end;
      builder[c].append_range(view, indices[i], static_cast<std::int64_t>(end - i));
      i = end;
    }
  }
  return builder.finish();
}

Batch Batch::select(std::span<const std::size_t> columns) const {
  std::vector<Field> fields;
  Batch part = *this;
  part.columns_.clear();
  for (const std::size_t column : columns) {
    fields.push_back((*schema_)[column]);
    part.columns_.push_back(columns_[column]);
  }
  part.schema_ = std::make_shared<const Schema>(std::move(fields));
  return part;
}

Batch Batch::with_schema(SchemaPtr schema) const {
  assert(schema->size() == columns_.size());
  Batch same = *this;
  same.schema_ = std::move(schema);
  return same;
}

Batch Batch::join_columns(const Batch& left, const Batch& right) {
  assert(left.rows_ == right.rows_);
  std::vector<Field> fields = left.schema_->fields();
  fields.insert(fields.end(), right.schema_->fields().begin(), right.schema_->fields().end());
  Batch joined;
  joined.schema_ = std::make_shared<const Schema>(std::move(fields));
  joined.rows_ = left.rows_;
  // Each side has its own offset; both are folded into shallow copies of the columns.
  for (const Batch* side : {&left, &right}) {
    for (const auto& column : side->columns_) {
      if (side->offset_ == 0) {
        joined.columns_.push_back(column);
        continue;
      }
      struct Shifted { std::shared_ptr<const ArrowArray> keep; ArrowArray array; };
      auto shifted = std::make_shared<Shifted>(Shifted{column, *column});
      shifted->array.offset += side->offset_;
      shifted->array.release = nullptr;
      joined.columns_.emplace_back(shifted, &shifted->array);
    }
  }
  return joined;
}

Batch Batch::concat(std::span<const Batch> batches) {
  assert(!batches.empty());
  if (batches.size() == 1) return batches.front();
  BatchBuilder builder(batches.front().schema());
  for (const Batch& batch : batches) builder.append_rows(batch);
  return builder.finish();
}

ArrowArray Batch::export_array() const {
  auto* borrowed = new Borrowed;
  borrowed->keep = columns_;
  borrowed->children.resize(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    ArrowArray& child = borrowed->children[i];
    child = *columns_[i];
    child.offset += offset_;
    child.length = rows_;
    if (offset_ != 0 || columns_[i]->length != rows_) child.null_count = columns_[i]->null_count == 0 ? 0 : -1;
    child.release = [](ArrowArray* array) { array->release = nullptr; };
    child.private_data = nullptr;
    borrowed->child_pointers.push_back(&child);
  }
  ArrowArray array{};
  array.length = rows_;
  array.n_buffers = 1;
  array.buffers = &borrowed->no_validity;
  array.n_children = static_cast<std::int64_t>(columns_.size());
  array.children = borrowed->child_pointers.data();
  array.release = release_borrowed;
  array.private_data = borrowed;
  return array;
}

}  // namespace penstock
