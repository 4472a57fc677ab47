#pragma once

// The rows of one side of a join: kept in batches as they came, found by the hash of their key. A row has a number, given in
// the order of arrival, by which it is known for as long as it is kept. Not thread-safe.

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "record/batch_builder.h"
#include "stream/row_key.h"

namespace penstock {

class JoinSide {
 public:
  using RowId = std::uint64_t;
  static constexpr RowId kNoRow = 0;
  static constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();      // of a row whose time is NULL

  JoinSide(SchemaPtr schema, std::vector<std::size_t> keys, std::size_t time_column);
  ~JoinSide();

  const SchemaPtr& schema() const { return schema_; }
  const std::vector<std::size_t>& keys() const { return keys_; }
  std::size_t time_column() const { return time_column_; }

  // Keeps all rows of the batch, whose keys these are; the number of the first.
  RowId add(const Batch& rows, const std::vector<KeyHash>& keys);
  // The next row gets this number; only while there is none.
  void begin_at(RowId next);
  RowId next() const { return base_ + rows_.size(); }
  bool holds(RowId row) const { return row >= base_ && row < next(); }
  std::int64_t rows() const { return static_cast<std::int64_t>(rows_.size()); }

  // The newest row of this key, and those before it; kNoRow: there is none (any more).
  RowId newest(const KeyHash& key) const;
  RowId before(RowId row) const {
    const RowId older = rows_[row - base_].older;
    return older < base_ ? kNoRow : older;
  }
  std::int64_t time(RowId row) const { return rows_[row - base_].time; }
  bool matched(RowId row) const { return rows_[row - base_].matched; }
  // True when it was not known before.
  bool set_matched(RowId row) { return !std::exchange(rows_[row - base_].matched, true); }

  // These rows, in this order; kNoRow is a row of NULLs.
  Batch gather(std::span<const RowId> rows) const;
  // Makes few batches of many small ones.
  void gather_small();
  // Lets rows go, oldest first and whole batches only, that are all older than `time`.
  void drop_before(std::int64_t time);

 private:
  struct Row {
    RowId older = kNoRow;              // the one before it with the same key
    std::int64_t time = 0;
    bool matched = false;
  };
  struct Chunk {
    Batch rows;
    RowId first = 0;
    std::int64_t newest = 0;           // time
  };
  struct Index;

  const SchemaPtr schema_;
  const std::vector<std::size_t> keys_;
  const std::size_t time_column_;
  std::deque<Chunk> chunks_;
  std::deque<Row> rows_;               // from base_ on
  std::deque<KeyHash> hashes_;         // of the same rows
  RowId base_ = 1;
  std::unique_ptr<Index> index_;       // key → its newest row
};

}  // namespace penstock
