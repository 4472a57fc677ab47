#pragma once

// Rows of a step with a key, put together: of each key only the last change counts.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "record/batch.h"

namespace penstock {

// The schema without `_op`: what a target keeps. The same object where there is none.
SchemaPtr stored_schema(const SchemaPtr& schema);
// The rows under `schema`: columns that they lack, or have as another type, are NULL; those that it lacks are left out.
Batch fit_columns(const Batch& rows, const SchemaPtr& schema);

// Not thread-safe. Holds the batches that it was given.
class LastChanges {
 public:
  struct Row {
    std::size_t batch = 0;          // in the order of add()
    std::int64_t row = 0;
    bool removed = false;           // the key is no more
  };

  struct KeyHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
  };
  using Rows = std::unordered_map<std::string, Row, KeyHash, std::equal_to<>>;

  explicit LastChanges(std::vector<std::string> key) : key_(std::move(key)) {}

  // In order. Rows without an `_op` are updates. Error: failed_precondition where a column of the key is missing;
  // invalid_argument for an `_op` that is none of the three.
  Status add(const Batch& rows);

  std::int64_t changes() const { return changes_; }                          // rows added
  const std::vector<std::string>& key() const { return key_; }
  const Rows& rows() const { return rows_; }                                 // by key_bytes
  bool holds(std::string_view key_bytes) const { return rows_.contains(key_bytes); }
  const Batch& batch(std::size_t index) const { return batches_[index]; }

  // The rows that are there afterwards, under `schema`, and the keys of all; in the order in which they came.
  std::vector<Batch> kept(const SchemaPtr& schema) const;
  std::vector<Batch> keys(const SchemaPtr& schema) const;
  // The same for some of rows().
  std::vector<Batch> collect(std::vector<Row> rows, const SchemaPtr& schema, bool with_removed) const;

  // The columns of the key. Error: failed_precondition, naming one that is missing.
  static Result<std::vector<ColumnView>> key_columns(const Batch& rows, const std::vector<std::string>& key);

 private:
  std::vector<Row> all_rows() const;

  const std::vector<std::string> key_;
  std::vector<Batch> batches_;
  Rows rows_;
  std::int64_t changes_ = 0;
};

}  // namespace penstock
