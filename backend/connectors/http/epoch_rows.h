#pragma once

// The rows of a delivery as one sequence, in which each row keeps its place whatever was left out of it: what was sent once
// under a key must be what is sent under it again.

#include <cstdint>
#include <string>
#include <vector>

#include "io/sink.h"

namespace penstock::http {

// A place between rows, or that of the row behind it: how many rows of the epoch lie before it.
struct RowPlace {
  std::int64_t epoch = 0;
  std::int64_t row = 0;
  bool operator==(const RowPlace&) const = default;
};

class EpochRows {
 public:
  // `with_op`: changes keep their `_op`. The columns of origin are left out.
  EpochRows(const std::vector<SinkEpoch>& epochs, bool with_op);

  std::int64_t size() const { return size_; }                        // with those that were left out
  bool is_left_out(std::int64_t row) const;
  RowPlace place_of(std::int64_t row) const;
  RowPlace end_of(std::int64_t row) const;                           // behind that row
  // How many rows lie before a place: 0 where its epoch was before these, size() where it comes after them.
  std::int64_t before(const RowPlace& place) const;
  // The place that others know the row by: among those that were delivered.
  RefusedRow refused(std::int64_t row, std::string reason) const;
  void append_json(std::int64_t row, std::string& out) const;

 private:
  struct Epoch {
    std::int64_t number = 0;
    std::int64_t begin = 0;                                          // of all rows
    std::int64_t rows = 0;
    Batch delivered;
    std::vector<std::int64_t> left_out;
    std::vector<std::size_t> columns;
  };
  const Epoch& epoch_of(std::int64_t row) const;
  static std::int64_t delivered_row(const Epoch& epoch, std::int64_t row);

  std::vector<Epoch> epochs_;                                        // those with rows
  std::int64_t size_ = 0;
};

}  // namespace penstock::http
