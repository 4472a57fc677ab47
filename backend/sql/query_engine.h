#pragma once

// The `query` command: one SELECT over tables and steps, closed to files, network and settings, and bounded in
// memory, time and rows.

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/cancellation.h"
#include "base/clock.h"
#include "record/batch.h"
#include "sql/query_turns.h"

namespace penstock {

struct QueryFile {
  std::string path;                                                     // absolute, Parquet
  std::map<std::string, std::optional<std::string>> partition;          // columns that are not in the file
};

// What a name in FROM stands for, at one moment.
struct QueryTable {
  SchemaPtr schema;
  std::vector<QueryFile> files;          // must stay until the query is done
  std::vector<Batch> tail;               // rows that are in no file yet; have the table's schema
  // Rows of files of such a window do not count any more.
  struct ReplacedWindow {
    std::int64_t start = 0;             // its window_start, micros
    std::int32_t shard = -1;            // only rows with this `_shard`; -1: all
  };
  std::vector<ReplacedWindow> replaced_windows;
  std::vector<Batch> hidden_keys;        // rows of files with one of these keys are not shown; NULL is like NULL
  std::string csv;                       // a seed: its file instead of all the above; empty: none
};

// A moment of a table's past, as `AT (VERSION => 12)` and `AT (TIMESTAMP => '2026-11-20T14:00:00Z')` say it: what was committed by then.
using TableMoment = std::variant<std::int64_t, Timestamp>;

// Opens tables for queries. Thread-safe: queries run side by side.
class TableProvider {
 public:
  virtual ~TableProvider() = default;
  // `name` is "layer.name", "stream.step" or "ref.seed". Error: not_found.
  virtual Result<QueryTable> open(const std::string& name) = 0;
  // The table in a folder, as `delta_scan('…')` says it. Errors: not_found, permission_denied outside of the roots.
  virtual Result<QueryTable> open_path(const std::string& path) = 0;
  // A table, or with `is_path` the one in a folder, as it was. Errors also: not_found for a version that is not there yet, or not any more.
  virtual Result<QueryTable> open_past(const std::string& name, bool is_path, const TableMoment& moment) = 0;
  // What open() knows, to say what may have been meant.
  virtual std::vector<std::string> names() = 0;
};

struct QueryLimits {
  std::int64_t rows = 100'000;
  std::int64_t skip_rows = 0;
  std::int64_t page_rows = 1'000;                       // a batch holds at most so many
  std::int64_t memory_bytes = 256 << 20;
  std::chrono::milliseconds time{30'000};
  int threads = 1;
};

struct QueryOutcome {
  std::int64_t rows = 0;
  bool truncated = false;                               // there were more than limits.rows
};

class QueryEngine {
 public:
  using OnColumns = std::function<Status(const SchemaPtr&)>;
  using OnBatch = std::function<Status(const Batch&)>;

  // `tables` outlives the engine.
  explicit QueryEngine(TableProvider& tables);

  // Calls `on_columns` once, then `on_batch` for each page, on a thread of the query's own that gives way to others, while the
  // caller waits; an error of either ends the query. Until its first page it takes a turn (sql/query_turns.h).
  // Nested values come as JSON, other types that no column has as text. Thread-safe: each call has its own database.
  // Errors: invalid_argument (no SELECT, does not bind: `where` is "line:column"), not_found, permission_denied,
  // cancelled, deadline_exceeded, resource_exhausted.
  Result<QueryOutcome> run(const std::string& sql, const QueryLimits& limits, Cancellation cancellation,
                           const OnColumns& on_columns, const OnBatch& on_batch) const;

 private:
  Result<QueryOutcome> run_here(const std::string& sql, const QueryLimits& limits, const Cancellation& cancellation, const OnColumns& on_columns,
                                const OnBatch& on_batch) const;

  TableProvider& tables_;
  mutable QueryTurns turns_;
};

}  // namespace penstock
