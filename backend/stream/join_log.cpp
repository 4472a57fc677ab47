// How the rows of a join are logged: one value per epoch, a sequence of entries, so that values that are put one after the
// other are a value again.
//
//   u8 kind, u8 side, u64 number, u32 size, then so many bytes:
//     kind 0: rows, as batch_bytes.h writes them; the first has this number
//     kind 1: numbers of rows (u64 each) that have found a match
// Integers are little endian.

#include <algorithm>
#include <cstring>

#include "record/batch_bytes.h"
#include "stream/flow.h"
#include "stream/join_state.h"
#include "stream/watermark_log.h"

namespace penstock {
namespace {

enum Kind : std::uint8_t { kRows, kMatched };

constexpr std::size_t kSmallSegment = 16 << 10;       // bytes
constexpr std::size_t kMergeAfter = 256;              // small segments

struct EntryHead {
  std::uint8_t kind = 0;
  std::uint8_t side = 0;
  std::uint64_t number = 0;
  std::uint32_t size = 0;
};
constexpr std::size_t kHeadBytes = 14;

void append_head(const EntryHead& head, std::string& out) {
  out.push_back(static_cast<char>(head.kind));
  out.push_back(static_cast<char>(head.side));
  out.append(reinterpret_cast<const char*>(&head.number), sizeof head.number);
  out.append(reinterpret_cast<const char*>(&head.size), sizeof head.size);
}

EntryHead read_head(std::string_view bytes) {
  EntryHead head{static_cast<std::uint8_t>(bytes[0]), static_cast<std::uint8_t>(bytes[1])};
  std::memcpy(&head.number, bytes.data() + 2, sizeof head.number);
  std::memcpy(&head.size, bytes.data() + 10, sizeof head.size);
  return head;
}

Error damaged() { return Error(ErrorKind::data_loss, "logged rows of a join are damaged"); }

std::string text_value(std::int64_t number) {
  std::string value;
  append_key(number, value);
  return value;
}

}  // namespace

std::string JoinState::segment_key(std::int64_t epoch) const {
  std::string key = options_.state_prefix + "rows/";
  append_key(epoch, key);
  return key;
}

void JoinState::keep(std::size_t side, const Batch& rows, const std::vector<KeyHash>& keys) {
  const RowId first = sides_[side].add(rows, keys);
  std::string bytes;
  append_batch_bytes(rows, bytes);
  append_head({kRows, static_cast<std::uint8_t>(side), first, static_cast<std::uint32_t>(bytes.size())}, fresh_);
  fresh_ += bytes;
  for (RowId row = first; row < sides_[side].next(); ++row) fresh_newest_[side] = std::max(fresh_newest_[side], sides_[side].time(row));
}

Status JoinState::read_logged(std::string_view value, Segment& segment) {
  while (!value.empty()) {
    if (value.size() < kHeadBytes) return damaged();
    const EntryHead head = read_head(value);
    value.remove_prefix(kHeadBytes);
    if (head.kind > kMatched || head.side > kRight || value.size() < head.size) return damaged();
    const std::string_view bytes = value.substr(0, head.size);
    value.remove_prefix(head.size);
    JoinSide& side = sides_[head.side];
    if (head.kind == kMatched) {
      for (std::size_t at = 0; at + sizeof(RowId) <= bytes.size(); at += sizeof(RowId)) {
        RowId row = 0;
        std::memcpy(&row, bytes.data() + at, sizeof row);
        if (side.holds(row)) side.set_matched(row);
      }
      continue;
    }
    PENSTOCK_ASSIGN(const Batch logged, parse_batch_bytes(bytes));
    // A contract may have got a column since.
    const Batch rows = conform(logged, side.schema());
    std::vector<KeyHash> keys;
    for (const auto& key : key_hashes(rows, side.keys())) {
      if (!key) return damaged();
      keys.push_back(*key);
    }
    side.begin_at(head.number);
    if (head.number != side.next()) return damaged();
    const RowId first = side.add(rows, keys);
    side.gather_small();
    wait_for_match(head.side, first);
    for (RowId row = first; row < side.next(); ++row) segment.newest[head.side] = std::max(segment.newest[head.side], side.time(row));
  }
  return {};
}

Status JoinState::restore(const StateStore& state, std::int64_t now) {
  PENSTOCK_ASSIGN(const auto closed, state.get(options_.state_prefix + "closed"));
  if (closed) closed_until_ = read_key(*closed);
  PENSTOCK_TRY(restore_watermark(watermark_, state, options_.state_prefix + "max/", now));
  return state.scan(options_.state_prefix + "rows/", [&](std::string_view key, std::string_view value) -> Status {
    Segment segment{read_key(key), {JoinSide::kNoTime, JoinSide::kNoTime}, value.size()};
    PENSTOCK_TRY(read_logged(value, segment));
    segments_.push_back(segment);
    return {};
  });
}

Status JoinState::log(std::int64_t epoch, const StateStore& state, StateWrite& write) {
  for (const std::size_t side : {kLeft, kRight}) {
    sides_[side].gather_small();
    const std::vector<RowId> matched = std::exchange(fresh_matched_[side], {});
    if (matched.empty()) continue;
    const auto size = static_cast<std::uint32_t>(matched.size() * sizeof(RowId));
    append_head({kMatched, static_cast<std::uint8_t>(side), 0, size}, fresh_);
    fresh_.append(reinterpret_cast<const char*>(matched.data()), size);
  }
  if (!fresh_.empty()) {
    write.put(segment_key(epoch), fresh_);
    segments_.push_back({epoch, std::exchange(fresh_newest_, {JoinSide::kNoTime, JoinSide::kNoTime}), fresh_.size()});
    fresh_.clear();
  }
  log_watermark(watermark_, options_.state_prefix + "max/", write);
  if (std::exchange(closed_changed_, false)) write.put(options_.state_prefix + "closed", text_value(closed_until_));
  // From the front only: the numbers of those that stay have no gap, and whoever has found a match is behind its row.
  while (options_.within_micros && !segments_.empty() && std::all_of(segments_.front().newest.begin(), segments_.front().newest.end(), [&](std::int64_t newest) {
           return newest == JoinSide::kNoTime || closes_at(newest) <= closed_until_;
         })) {
    write.erase(segment_key(segments_.front().epoch));
    segments_.pop_front();
  }
  return merge_small_segments(epoch, state, write);
}

// What is kept for ever, or long, would else be as many values as there were epochs.
Status JoinState::merge_small_segments(std::int64_t epoch, const StateStore& state, StateWrite& write) {
  std::size_t end = segments_.size();
  if (end > 0 && segments_.back().epoch == epoch) --end;      // not stored yet
  std::size_t begin = end;
  while (begin > 0 && segments_[begin - 1].bytes < kSmallSegment) --begin;
  if (end - begin < kMergeAfter) return {};
  Segment whole = segments_[begin];
  std::string merged;
  for (std::size_t i = begin; i < end; ++i) {
    PENSTOCK_ASSIGN(const auto bytes, state.get(segment_key(segments_[i].epoch)));
    if (!bytes) return damaged();
    merged += *bytes;
    for (const std::size_t side : {kLeft, kRight}) whole.newest[side] = std::max(whole.newest[side], segments_[i].newest[side]);
    if (i > begin) write.erase(segment_key(segments_[i].epoch));
  }
  whole.bytes = merged.size();
  write.put(segment_key(whole.epoch), merged);
  segments_.erase(segments_.begin() + static_cast<std::ptrdiff_t>(begin), segments_.begin() + static_cast<std::ptrdiff_t>(end));
  segments_.insert(segments_.begin() + static_cast<std::ptrdiff_t>(begin), whole);
  return {};
}

}  // namespace penstock
