#pragma once

// The rows that a join keeps of both sides until nothing can match them any more. Two rows match where their keys are equal
// and, with `within`, their times are at most that far apart; the rest of the condition is for whoever asks for pairs.
//
// Event time: a row is late when its time is before the watermark of its own partition, as in Flink's interval join; rows
// that are not late find all their matches. A row is let go, and told where it has found no match and its side is kept, once
// the lowest watermark of both sides has passed its time + within. Without `within` no row is late or goes.
//
// Rows are logged as one value per epoch, with the numbers of those that have found a match (semantics.md, "Epoch").

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "stream/join_side.h"
#include "stream/state_store.h"
#include "stream/watermark.h"

namespace penstock {

class JoinState {
 public:
  using RowId = JoinSide::RowId;
  static constexpr std::size_t kLeft = 0, kRight = 1;

  struct SideOptions {
    SchemaPtr schema;                        // of what is kept
    std::vector<std::size_t> keys;
    std::size_t time_column = 0;
    bool keeps_unmatched = false;            // needs `within`
    bool is_given = false;                   // its watermark is said by give(): its rows come out of a join
  };
  struct Options {
    std::string state_prefix;                // "step/<step>/join/"
    std::array<SideOptions, 2> sides;
    std::optional<std::int64_t> within_micros;
    Watermark::Options watermark;
  };
  explicit JoinState(Options options);

  // How rows come in.
  enum class Coming { live, redriven, rebuilt };      // redriven: late only where their matches may have gone; rebuilt: never by idleness

  struct Added {
    std::vector<std::int64_t> late;          // by index
    std::vector<std::int64_t> matchless;     // by index: with a NULL in their key or time they match nothing, and are not kept
  };
  struct Pairs {
    std::array<std::vector<RowId>, 2> rows;  // as many of each side
  };
  // At most kMaxBatchRows pairs at once. It calls mark() with those that hold.
  using TakePairs = std::function<Status(Pairs pairs)>;
  // Keeps the rows of one batch, in position order within each partition, and finds what they match among those that the
  // other side holds. `now` is the wall clock in micros. Error: that of `take`.
  Result<Added> add(std::size_t side, const Batch& rows, Coming coming, std::int64_t now, const TakePairs& take);
  void mark(const Pairs& pairs);

  // How far close() goes.
  enum class Until {
    watermark,
    closed,        // the watermark, but no further than what was said to be closed
    all_closed,    // what was said to be closed
    all            // no row will come any more
  };
  // Numbers of the rows that have waited for a match in vain, oldest first.
  std::array<std::vector<RowId>, 2> close(std::int64_t now, Until until);
  // Lets go what nothing can match any more. After the rows that close() told were gathered.
  void forget();

  const JoinSide& side(std::size_t side) const { return sides_[side]; }
  bool keeps(std::size_t side) const { return options_.sides[side].keeps_unmatched; }
  // When a row of this time has waited long enough: closed_until() is then at or past it.
  std::int64_t closes_at(std::int64_t time) const { return time + options_.within_micros.value_or(0) + 1; }
  std::int64_t rows() const { return sides_[kLeft].rows() + sides_[kRight].rows(); }
  // The watermark that was last closed at: rows of earlier times are late.
  std::int64_t closed_until() const { return closed_until_; }
  void close_until(std::int64_t end);
  // No joined row to come has a time before this, of either side; without `within`: of the later one.
  std::int64_t output_watermark() const;
  // Does an epoch now tell rows, even if it brings none?
  bool due(std::int64_t now);

  void add_partition(std::size_t side, const PartitionKey& partition, std::int64_t now) { watermark_.add_partition(key_of(side, partition), now); }
  void await(const std::optional<PartitionKey>& partition, std::int64_t now);
  void clock_was_set(std::int64_t by) { watermark_.clock_was_set(by); }
  // No row to come of this side has a time before this.
  void give(std::size_t side, std::int64_t watermark) { given_[side] = watermark; }
  std::int64_t watermark(std::int64_t now) const;

  Status restore(const StateStore& state, std::int64_t now);
  Status log(std::int64_t epoch, const StateStore& state, StateWrite& write);

 private:
  struct Waiting {
    std::int64_t time = 0;
    RowId row = 0;
    bool operator>(const Waiting& other) const { return time != other.time ? time > other.time : row > other.row; }
  };
  struct Segment {                           // one logged value
    std::int64_t epoch = 0;
    std::array<std::int64_t, 2> newest;      // time of each side's rows
    std::size_t bytes = 0;
  };

  // The same partition may feed both sides, each with a watermark of its own.
  static PartitionKey key_of(std::size_t side, const PartitionKey& partition) { return {(side == kLeft ? "l" : "r") + partition.first, partition.second}; }
  bool is_late(std::size_t side, std::int64_t time, const Watermark::Partition& partition, Coming coming) const;
  std::vector<std::int64_t> sort_out(std::size_t side, const Batch& rows, const std::vector<std::optional<KeyHash>>& keys, Coming coming, std::int64_t now, Added& added);
  void keep(std::size_t side, const Batch& rows, const std::vector<KeyHash>& keys);
  void wait_for_match(std::size_t side, RowId first);
  Status read_logged(std::string_view value, Segment& segment);
  Status merge_small_segments(std::int64_t epoch, const StateStore& state, StateWrite& write);
  std::string segment_key(std::int64_t epoch) const;

  const Options options_;
  Watermark watermark_;                      // of the partitions of sides that are not given
  std::array<std::int64_t, 2> given_{Watermark::kNone, Watermark::kNone};
  std::array<JoinSide, 2> sides_;
  std::array<std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>>, 2> waiting_;      // of sides whose rows are kept
  std::int64_t closed_until_;
  std::int64_t forget_before_;               // rows older than this minus `within` go
  bool closed_changed_ = false;

  std::string fresh_;                        // what this epoch's value will hold
  std::array<std::vector<RowId>, 2> fresh_matched_;
  std::array<std::int64_t, 2> fresh_newest_;
  std::deque<Segment> segments_;
};

}  // namespace penstock
