#pragma once

// The rows of a step with session windows (workspace.md, "Steps"). A session is the rows of one key of which none is more than
// `gap` after the one before; it begins with its first row and ends `gap` after its last. Rows are kept once, as they came, and
// logged as one value per epoch and batch, with the rows that are not needed any more; a row that comes between two sessions makes
// one of them.
//
// A row is late when the end of a session of its own, `gap` after it, is at or before the watermark of its own partition. A
// session closes when the lowest watermark has passed its end: within the lateness no row can join it then.

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "record/batch_builder.h"
#include "stream/row_key.h"
#include "stream/state_store.h"
#include "stream/watermark.h"
#include "stream/window_state.h"

namespace penstock {

class SessionState {
 public:
  struct Options {
    std::string state_prefix;                // "step/<step>/window/"
    SchemaPtr input;
    std::size_t time_column = 0;
    std::vector<std::size_t> key_columns;    // NULL is a value like any other
    std::int64_t gap = 0;                    // micros
    Watermark::Options watermark;
  };
  explicit SessionState(Options options);
  ~SessionState();

  // As WindowState has it: rows in position order within each partition, `now` in micros of the wall clock.
  WindowState::Assigned add(const Batch& rows, std::int64_t now);
  // No lateness; rows whose session would have ended are told by `closed_rows`.
  WindowState::Redriven add_redriven(const Batch& rows);

  Watermark& watermark() { return watermark_; }
  std::int64_t lowest_watermark(std::int64_t now) const { return watermark_.lowest(now); }
  std::int64_t open_rows() const { return open_rows_; }
  // Sessions that end before this are closed.
  std::int64_t closed_until() const { return closed_until_; }
  void close_until(std::int64_t end);
  bool due(std::int64_t now) const;

  struct Session {
    std::int64_t start = 0;
    std::int64_t end = 0;
    std::vector<Batch> rows;                 // input schema, as they came
  };
  // In the order of their ends; `all` closes the open ones too.
  std::vector<Session> close(std::int64_t now, bool all);
  // While state is computed again nothing closes: what was closed before is let go.
  void forget_closed(std::int64_t now);
  // At most so many, those that end first.
  std::vector<Session> open_sessions(std::size_t most) const;

  Status restore(const StateStore& state, std::int64_t now);
  void log(StateWrite& write);

 private:
  struct RowPlace {
    std::int64_t entry = 0;
    std::int64_t row = 0;
  };
  struct Open {
    std::int64_t first = 0;                  // times of its rows
    std::int64_t last = 0;
    std::vector<RowPlace> rows;
  };
  struct Entry {                             // rows of one epoch
    Batch rows;
    std::int64_t live = 0;
  };
  struct Keys;
  using Ends = std::set<std::pair<std::int64_t, std::int64_t>>;      // end, and the number of the session

  void accept(const Batch& rows, const std::vector<std::int64_t>& which, const std::vector<std::optional<KeyHash>>& keys);
  void place(const KeyHash& key, std::int64_t time, RowPlace at);
  Open remove(std::int64_t number);
  std::vector<Batch> rows_of(const Open& session) const;
  void release(const Open& session);
  // All rows that are still needed, as one entry.
  void rewrite();
  std::string entry_key(std::int64_t entry) const;
  std::string dead_key(std::int64_t entry) const;
  void drop(std::map<std::int64_t, Entry>::iterator entry);

  const Options options_;
  Watermark watermark_;
  std::unique_ptr<Keys> keys_;
  std::map<std::int64_t, Open> sessions_;    // by number
  Ends ends_;
  std::map<std::int64_t, Entry> entries_;
  std::int64_t next_session_ = 1;
  std::int64_t next_entry_ = 1;
  std::int64_t logged_ = 1;                  // entries below are in the state
  std::int64_t open_rows_ = 0;
  std::int64_t kept_rows_ = 0;               // in entries
  std::int64_t closed_until_;
  bool closed_changed_ = false;
  std::vector<std::int64_t> gone_;           // entries
  std::map<std::int64_t, std::vector<std::int64_t>> dead_;      // rows of closed sessions in entries that stay, since the last log()
  std::int64_t logs_ = 0;
};

}  // namespace penstock
