#pragma once

// What a step with `aggregate:` keeps: one partial row (sql/window_partials.h) for each key, in memory. What an epoch changes is
// logged as one value; earlier values go when all their rows are overwritten, and what lingers in them is moved into later
// ones, a little with each epoch: neither memory nor state holds much more than twice the keys, and no epoch writes all of them.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "record/batch_builder.h"
#include "stream/row_key.h"
#include "stream/state_store.h"

namespace penstock {

class AggregateState {
 public:
  struct Options {
    std::string state_prefix;                // "step/<step>/aggregate/"
    SchemaPtr partial;                       // of partial rows
    std::vector<std::size_t> key_columns;    // of a partial row
    std::int64_t ttl = 0;                    // micros of the wall clock after which a key that got no row is forgotten; 0: never
  };
  explicit AggregateState(Options options);
  ~AggregateState();

  Status restore(const StateStore& state, std::int64_t now);

  // What is kept of the keys of `partials`; keys that have expired have nothing.
  struct Known {
    Batch partials;                          // partial rows, in no order
    std::vector<bool> given;                 // by row of the question: had its key a row among those that were handed on?
  };
  Known find(const Batch& partials, std::int64_t now) const;
  // Takes the place of what is kept of these keys; one row of each key. `given` by row.
  void put(const Batch& partials, const std::vector<bool>& given, std::int64_t now);

  std::int64_t keys() const;
  void log(StateWrite& write);

 private:
  struct Table;      // hash of a key → where its row is
  struct Segment {   // one logged value
    Batch rows;      // partial rows, then whether they were given and when they came
    std::int64_t live = 0;
  };

  std::vector<std::optional<KeyHash>> keys_of(const Batch& rows) const;
  void add_segment(std::int64_t number, Batch rows);
  // The rows of these segments that still count, as one new segment.
  void rewrite(std::int64_t first, std::int64_t last);
  void merge_small();
  void expire_some(std::int64_t now);
  std::vector<std::int64_t> live_rows(std::int64_t number, const Segment& segment) const;
  bool is_expired(std::int64_t came, std::int64_t now) const { return options_.ttl > 0 && came + options_.ttl <= now; }
  std::string segment_key(std::int64_t number) const;

  const Options options_;
  const SchemaPtr kept_;                     // of segments
  std::unique_ptr<Table> table_;
  std::map<std::int64_t, Segment> segments_; // by number
  std::int64_t rows_ = 0;                    // in segments
  std::int64_t next_ = 1;                    // number of a segment
  std::int64_t logged_ = 1;                  // those below are in the state
  std::int64_t swept_ = 0;                   // the last segment that was looked through for what has expired
  std::vector<std::string> gone_;            // keys of the state
  std::int64_t now_ = 0;                     // when it was last asked to keep something
};

}  // namespace penstock
