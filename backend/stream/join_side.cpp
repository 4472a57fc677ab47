#include "stream/join_side.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <array>

#include "stream/flow.h"

namespace penstock {

struct JoinSide::Index {
  absl::flat_hash_map<KeyHash, RowId> newest;
};

JoinSide::JoinSide(SchemaPtr schema, std::vector<std::size_t> keys, std::size_t time_column)
    : schema_(std::move(schema)), keys_(std::move(keys)), time_column_(time_column), index_(std::make_unique<Index>()) {}
JoinSide::~JoinSide() = default;

void JoinSide::begin_at(RowId next) {
  if (rows_.empty()) base_ = next;
}

JoinSide::RowId JoinSide::newest(const KeyHash& key) const {
  const auto found = index_->newest.find(key);
  return found == index_->newest.end() ? kNoRow : found->second;
}

JoinSide::RowId JoinSide::add(const Batch& rows, const std::vector<KeyHash>& keys) {
  const RowId first = next();
  const ColumnView times = rows.column(time_column_);
  Chunk chunk{rows, first, kNoTime};
  for (std::int64_t row = 0; row < rows.rows(); ++row) {
    const KeyHash& key = keys[static_cast<std::size_t>(row)];
    const std::int64_t time = times.is_null(row) ? kNoTime : times.int64(row);
    chunk.newest = std::max(chunk.newest, time);
    const auto [found, is_new] = index_->newest.try_emplace(key, next());
    rows_.push_back({is_new ? kNoRow : std::exchange(found->second, next()), time, false});
    hashes_.push_back(key);
  }
  if (rows.rows() > 0) chunks_.push_back(std::move(chunk));
  return first;
}

Batch JoinSide::gather(std::span<const RowId> rows) const {
  std::vector<EpochRecords::Place> places;
  places.reserve(rows.size());
  const Chunk* near = nullptr;
  bool one_chunk = !rows.empty();
  for (const RowId row : rows) {
    if (row == kNoRow) {
      places.push_back({});
      one_chunk = false;
      continue;
    }
    const auto holds = [&](const Chunk& chunk) { return row >= chunk.first && row < chunk.first + static_cast<RowId>(chunk.rows.rows()); };
    if (!near || !holds(*near)) {
      one_chunk = one_chunk && !near;
      near = &*std::prev(std::upper_bound(chunks_.begin(), chunks_.end(), row, [](RowId id, const Chunk& chunk) { return id < chunk.first; }));
    }
    places.push_back({&near->rows, static_cast<std::int64_t>(row - near->first)});
  }
  if (!one_chunk) return gather_rows(schema_, places);
  std::vector<std::int64_t> indices;
  indices.reserve(places.size());
  for (const auto& place : places) indices.push_back(place.row);
  return near->rows.take(indices);
}

// Each row is copied as often as its batch doubles.
void JoinSide::gather_small() {
  while (chunks_.size() > 1) {
    Chunk& last = chunks_.back();
    Chunk& before = chunks_[chunks_.size() - 2];
    if (before.rows.rows() > 2 * last.rows.rows() || before.rows.rows() + last.rows.rows() > kMaxBatchRows) return;
    const std::array<Batch, 2> both{before.rows, last.rows};
    before.rows = Batch::concat(both);
    before.newest = std::max(before.newest, last.newest);
    chunks_.pop_back();
  }
}

void JoinSide::drop_before(std::int64_t time) {
  while (!chunks_.empty() && chunks_.front().newest < time) {
    for (std::int64_t rows = chunks_.front().rows.rows(); rows > 0; --rows, ++base_) {
      // Where the newest of a key goes, all of them have gone.
      if (const auto found = index_->newest.find(hashes_.front()); found != index_->newest.end() && found->second == base_) index_->newest.erase(found);
      rows_.pop_front();
      hashes_.pop_front();
    }
    chunks_.pop_front();
  }
}

}  // namespace penstock
