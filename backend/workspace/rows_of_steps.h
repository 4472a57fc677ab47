#pragma once

// How the rows that a step hands on come (semantics.md, "Append or changes"): once and for good, or again.

#include <map>
#include <string>

#include "workspace/problem.h"
#include "workspace/spec.h"

namespace penstock {

struct RowsOfStep {
  enum class Come {
    once,            // each row is new
    by_window,       // all rows of a window may come again, in the place of those that came before
    by_key,          // changes: a row takes the place of the one of its key, or takes it away (record/schema.h, `change`)
  };
  Come come = Come::once;
  std::vector<std::string> key;          // by_key: the columns
  const StepSpec* because = nullptr;     // the step that makes it so; null for `once`, and where a source does
  const SourceSpec* source = nullptr;    // the source that gives changes; null: none does

  bool again() const { return come != Come::once; }
};

// Of each step and source, by name. Steps that read from what is not there, or in a circle, are taken as they are without it.
std::map<std::string, RowsOfStep> rows_of_steps(const StreamSpec& stream);

// The step with session windows that the rows of `step` come out of; null: there is none.
const StepSpec* session_above(const StreamSpec& stream, const std::string& step);

// Steps and sinks that cannot take rows that come again. Sinks of changes that leave out `mode` and `key` upsert by the key.
void resolve_rows_that_come_again(StreamSpec& stream, Problems& problems);

}  // namespace penstock
