#pragma once

// SQL over all rows of a window, or of a key, computed in parts: rows are reduced to partial rows as they come, and these give
// the result. Belongs to its session's thread; not thread-safe.

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sql/step_program.h"

namespace penstock {

class WindowPartials {
 public:
  // Nothing where the SQL needs all rows of a window together (window_aggregates.h says when). `spec` has compiled to a
  // program with the columns `output`.
  static std::optional<WindowPartials> compile(Session& session, const StepProgramSpec& spec, const Schema& output);
  // The same for a spec with an `aggregate_key`. Error: why the SQL cannot be computed so.
  static Result<WindowPartials> compile_aggregate(Session& session, const StepProgramSpec& spec, const Schema& output);
  ~WindowPartials();
  WindowPartials(WindowPartials&&) noexcept;
  WindowPartials& operator=(WindowPartials&&) noexcept;

  // Of rows that know their pane (with_pane), the partial rows by pane: one for each key, or a few. A row that raises an error is
  // left out and named.
  struct Reduced {
    std::map<std::int64_t, Batch> by_pane;
    std::vector<RowError> errors;
  };
  Result<Reduced> reduce(std::span<const Batch> rows);
  // Fewer partial rows that say the same.
  Result<std::vector<Batch>> merge(std::span<const Batch> partials);
  // The result of a window out of all its partial rows.
  Result<StepOutput> finish(std::span<const Batch> partials, std::int64_t window_start, std::int64_t window_end);

  // Of partial rows.
  const SchemaPtr& schema() const;
  // Of an aggregate: where a partial row has the columns of `aggregate_key`, in their order.
  const std::vector<std::size_t>& key_columns() const;

 private:
  struct Impl;
  explicit WindowPartials(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The rows with the start of their pane, micros, as a last column.
Batch with_pane(const Batch& rows, std::int64_t pane);
// `rows` rows of window_start and window_end.
Batch window_columns(std::int64_t rows, std::int64_t start, std::int64_t end);

}  // namespace penstock
