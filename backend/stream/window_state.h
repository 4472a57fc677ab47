#pragma once

// The rows of a tumbling window step that wait for their window to close. A window is [start, start + size), starts
// being multiples of the size since 1970-01-01T00:00:00Z (semantics.md, "Event time"). Rows are kept column by column
// per window, and logged as one value per epoch.

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "record/batch_builder.h"
#include "stream/state_store.h"
#include "stream/watermark.h"

namespace penstock {

class WindowState {
 public:
  struct Options {
    std::string state_prefix;          // "step/<step>/window/"
    SchemaPtr input;                   // rows as they come in
    std::size_t time_column = 0;
    std::int64_t size_micros = 0;
    Watermark::Options watermark;
  };
  explicit WindowState(Options options);

  // What became of the rows of one batch, by index.
  struct Assigned {
    std::vector<std::int64_t> late;              // their window's end had been passed by their own partition
    std::vector<std::int64_t> late_by_idle;      // … was closed because their partition had been silent
    std::vector<std::int64_t> without_time;      // the time column is NULL
    std::int64_t accepted = 0;
  };
  // Rows of one batch in position order within each partition. `now` is the wall clock in micros.
  Assigned add(const Batch& rows, std::int64_t now);
  // For rows that are redriven: no lateness; those whose window is closed already are returned, with its start.
  struct Redriven {
    std::vector<std::int64_t> closed_windows;    // starts, ascending, unique
    std::vector<std::int64_t> closed_rows;       // by index
    std::int64_t accepted = 0;
    std::vector<std::int64_t> without_time;
  };
  Redriven add_redriven(const Batch& rows);

  void add_partition(const PartitionKey& partition, std::int64_t now) { watermark_.add_partition(partition, now); }
  void await(const PartitionKey& partition, std::int64_t now) { watermark_.await(partition, now); }
  void await_all(std::int64_t now) { watermark_.await_all(now); }
  std::int64_t watermark(std::int64_t now) const { return watermark_.lowest(now); }
  std::int64_t open_rows() const { return open_rows_; }
  // Every window that ends at or before this is closed.
  std::int64_t closed_until() const { return closed_until_; }
  // Says so of windows that were closed by an earlier state; those that are open are forgotten.
  void close_until(std::int64_t end);
  // Does an epoch now close a window, even if it brings no rows?
  bool due(std::int64_t now) const {
    return !windows_.empty() && windows_.begin()->first + options_.size_micros <= watermark_.lowest(now);
  }

  struct Closed {
    std::int64_t start = 0;
    std::vector<Batch> rows;           // input schema
  };
  // Windows whose end the watermark has passed, oldest first; `all` closes the open ones too.
  std::vector<Closed> close(std::int64_t now, bool all);
  // Copies of what is in the open windows.
  std::vector<Closed> open_windows() const;

  Status restore(const StateStore& state, std::int64_t now);
  void log(std::int64_t epoch, StateWrite& write);

 private:
  struct Window {
    explicit Window(const SchemaPtr& schema) : rows(schema) {}
    BatchBuilder rows;
    std::vector<Batch> sealed;         // full batches
  };

  std::int64_t start_of(std::int64_t time) const;
  void accept(const Batch& rows, std::int64_t row, std::int64_t start);

  const Options options_;
  Watermark watermark_;
  std::map<std::int64_t, Window> windows_;      // by start
  std::int64_t closed_until_;                   // every window that ends at or before this is closed
  std::int64_t open_rows_ = 0;
  bool closed_changed_ = false;

  BatchBuilder fresh_;                          // accepted in this epoch
  std::int64_t fresh_last_end_;
  std::vector<Batch> fresh_sealed_;
  struct Logged {
    std::int64_t epoch = 0;
    std::int64_t last_end = 0;                  // of the windows its rows belong to
  };
  std::deque<Logged> logged_;
};

}  // namespace penstock
