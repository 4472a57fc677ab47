#pragma once

// Keeps the first row of each key (`dedupe: { key, within }`). Keys are held as 128-bit hashes in memory and logged as
// one value per epoch, so that an epoch costs one put however many keys it brings (semantics.md, "Epoch").

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "record/batch.h"
#include "stream/state_store.h"

namespace penstock {

class Dedupe {
 public:
  struct Options {
    std::string state_prefix;                // "step/<step>/dedupe/"
    std::vector<std::size_t> key_columns;
    std::size_t time_column = 0;
    std::int64_t within_micros = 0;
  };
  explicit Dedupe(Options options);
  ~Dedupe();

  Status restore(const StateStore& state);
  // Indexes of the rows that are the first of their key; rows whose key is NULL always are. A row is a duplicate
  // when its time is at most `within` away from its first. Keys are forgotten 2 × within behind the newest time, so
  // rows that come more than `within` out of order may pass twice.
  std::vector<std::int64_t> first_rows(const Batch& rows);
  // Logs what this epoch learned, and drops what has expired.
  Status log(std::int64_t epoch, const StateStore& state, StateWrite& write);

  std::size_t keys() const;

 private:
  struct Table;      // hash → time of its first row
  struct Segment {   // one logged value
    std::int64_t epoch = 0;
    std::int64_t newest_time = 0;
    std::size_t keys = 0;
  };

  void expire(const StateStore& state, StateWrite& write);
  void merge_small_segments(std::int64_t epoch, const StateStore& state, StateWrite& write);
  std::string segment_key(std::int64_t epoch) const;

  const Options options_;
  std::unique_ptr<Table> table_;
  std::deque<Segment> segments_;
  std::string fresh_;              // this epoch's keys: hash and time, 24 bytes each
  std::int64_t fresh_newest_ = 0;
  std::int64_t newest_time_ = 0;
};

}  // namespace penstock
