#pragma once

// What a lookup step makes of a row: its columns, then those of one row of a table, NULL where there is none.

#include <optional>
#include <vector>

#include "sql/sql_problem.h"
#include "workspace/spec.h"

namespace penstock {

struct LookupPlan {
  std::vector<std::size_t> keys, table_keys;       // columns of the rows and of the table, in pairs
  std::optional<std::size_t> as_of;                // a time of the rows
  std::size_t valid_from = 0, valid_to = 0;        // times of the table; with as_of
  std::vector<std::size_t> own;                    // columns of the rows that come first, …
  std::vector<std::size_t> added;                  // … then these of the table, …
  std::vector<std::size_t> origin;                 // … then the origin columns of the rows
  SchemaPtr schema;                                // of all that
};

// Nothing, and everything that is wrong in `problems`, where the table cannot be looked up by these rows.
std::optional<LookupPlan> plan_lookup(const LookupSpec& lookup, const Schema& rows, const Schema& table, std::vector<SqlProblem>& problems);
// The same with the first problem as the error.
Result<LookupPlan> plan_lookup(const LookupSpec& lookup, const Schema& rows, const Schema& table);

}  // namespace penstock
