#pragma once

// The rows of a window step that wait for their windows to close (workspace/window_times.h says when). Rows are kept once,
// column by column per pane, and logged as one value per epoch. A row is late when the last of its windows is closed;
// those of its windows that are closed before it comes go without it, unless late rows update them: then a window is kept
// for a while after it was closed, and closes again with every epoch that brings rows of it.
//
// Whoever can say the same in fewer rows (sql/window_partials.h) takes the rows out and gives partial rows for them.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "record/batch_builder.h"
#include "stream/state_store.h"
#include "stream/watermark.h"
#include "workspace/window_times.h"

namespace penstock {

class WindowState {
 public:
  struct Options {
    std::string state_prefix;          // "step/<step>/window/"
    SchemaPtr input;                   // rows as they come in
    std::size_t time_column = 0;
    WindowTimes times{1, 1};
    Watermark::Options watermark;
    SchemaPtr partial = nullptr;       // of partial rows; null: there are none
    std::int64_t update_late = 0;      // micros after its end for which late rows update a closed window
    std::int64_t updates = 0;          // micros between two looks at the open windows; 0: none
  };
  explicit WindowState(Options options);

  // What became of the rows of one batch, by index.
  struct Assigned {
    std::vector<std::int64_t> late;              // their last window's end had been passed by their own partition
    std::vector<std::int64_t> late_by_idle;      // … was closed because their partition had been silent
    std::vector<std::int64_t> without_time;      // the time column is NULL
    std::int64_t accepted = 0;
  };
  // Rows of one batch in position order within each partition. `now` is the wall clock in micros.
  Assigned add(const Batch& rows, std::int64_t now);
  // For rows that are redriven: no lateness; windows of theirs that are closed already are returned.
  struct Redriven {
    std::vector<std::int64_t> closed_windows;    // starts, ascending, unique
    std::vector<std::int64_t> closed_rows;       // by index: all of their windows are closed
    std::int64_t accepted = 0;
    std::vector<std::int64_t> without_time;
  };
  Redriven add_redriven(const Batch& rows);

  void add_partition(const PartitionKey& partition, std::int64_t now) { watermark_.add_partition(partition, now); }
  void await(const PartitionKey& partition, std::int64_t now) { watermark_.await(partition, now); }
  void await_all(std::int64_t now) { watermark_.await_all(now); }
  void clock_was_set(std::int64_t by) {
    watermark_.clock_was_set(by);
    next_update_ += by;
  }
  void give_watermark(std::int64_t watermark) { watermark_.give(watermark); }
  std::int64_t watermark(std::int64_t now) const { return watermark_.lowest(now); }
  std::int64_t open_rows() const;
  // Every window that ends at or before this is closed.
  std::int64_t closed_until() const { return closed_until_; }
  // Says so of windows that were closed by an earlier state; those that are open are forgotten.
  void close_until(std::int64_t end);
  // Does an epoch now close a window, even if it brings no rows?
  bool due(std::int64_t now) const {
    const auto next = next_window();
    return (next && *next + options_.times.size() <= watermark_.lowest(now)) || updates_due(now);
  }

  // Rows that no partial rows stand for, of all panes; with the pane of each.
  struct Unreduced {
    std::int64_t pane = 0;             // its start
    std::vector<Batch> rows;
  };
  std::int64_t unreduced_rows() const { return unreduced_rows_; }
  // Takes them out. What stands for them comes before log(); rows for which nothing comes are gone.
  std::vector<Unreduced> take_unreduced();
  bool has_partials() const;
  // `reduced` rows of the pane are said by `partials` from now on.
  void add_partials(std::int64_t pane, Batch partials, std::int64_t reduced);
  // Makes one of the partial rows of each pane that has got many more of them since it was done the last time.
  Status merge_partials(const std::function<Result<std::vector<Batch>>(std::span<const Batch>)>& merge);

  struct Closed {
    std::int64_t start = 0;
    std::vector<Batch> rows;           // input schema
    std::vector<Batch> partials;
    bool again = false;                // what it gave before does not count any more
  };
  enum class Which {
    changed,       // none: only windows that are closed and have got rows since come again
    due,           // those whose end the watermark has passed
    all,           // the open ones too
  };
  // Would close() give any?
  bool closes(std::int64_t now, Which which) const;
  // What has changed of closed windows, then the windows that close, oldest first, then, where it is time for updates, open ones
  // that have changed.
  std::vector<Closed> close(std::int64_t now, Which which);
  // Copies of what is in the open windows.
  std::vector<Closed> open_windows() const;

  Status restore(const StateStore& state, std::int64_t now);
  void log(std::int64_t epoch, StateWrite& write);

 private:
  struct Partial {
    Batch rows;
    std::int64_t number = 0;           // in the state
    std::int64_t reduced = 0;          // rows that it stands for
  };
  struct Pane {
    explicit Pane(const SchemaPtr& schema) : rows(schema) {}
    BatchBuilder rows;
    std::vector<Batch> sealed;         // full batches
    std::vector<Partial> partials;
    std::int64_t merged = 0;           // partial rows after they were merged

    std::int64_t unreduced() const;
    std::int64_t reduced() const;
    // Takes the rows out.
    std::vector<Batch> take_rows();
  };

  // Its rows are not kept any more.
  bool is_gone(std::int64_t end) const { return end + options_.update_late <= closed_until_; }
  bool updates_due(std::int64_t now) const { return !changed_open_.empty() && now >= next_update_; }
  Closed window_at(std::int64_t start);
  bool is_closed(std::int64_t start) const { return start + options_.times.size() <= closed_until_; }
  void accept(const Batch& rows, std::int64_t row, std::int64_t time);
  void accept_fresh(const Batch& rows, std::int64_t row, std::int64_t time);
  // Where panes of open windows begin.
  std::map<std::int64_t, Pane>::const_iterator first_open_pane() const;
  // The start of the oldest open window that holds a row.
  std::optional<std::int64_t> next_window() const;
  // Panes of which all windows are closed.
  void drop_closed();
  std::string partial_key(std::int64_t pane, std::int64_t number) const;
  Status restore_partial(std::string_view key, std::string_view value);
  void put_partial(Pane& pane, Batch rows, std::int64_t reduced);

  const Options options_;
  Watermark watermark_;
  std::map<std::int64_t, Pane> panes_;          // by start
  std::int64_t closed_until_;                   // every window that ends at or before this is closed
  std::int64_t unreduced_rows_ = 0;
  bool closed_changed_ = false;
  std::set<std::int64_t> changed_closed_;       // starts of closed windows that have got rows
  std::set<std::int64_t> changed_open_;         // … of open ones that have, since they gave their last update
  std::int64_t next_update_ = 0;

  BatchBuilder fresh_;                          // accepted in this epoch
  std::int64_t fresh_last_end_;
  std::vector<Batch> fresh_sealed_;
  struct Logged {
    std::int64_t epoch = 0;
    std::int64_t last_end = 0;                  // of the windows its rows belong to
  };
  std::deque<Logged> logged_;

  std::int64_t next_partial_ = 1;
  std::int64_t logged_partials_ = 1;            // those below are in the state
  bool reduced_ = false;                        // since the last log(): no logged rows are needed any more
  std::vector<std::string> gone_partials_;      // keys
};

}  // namespace penstock
