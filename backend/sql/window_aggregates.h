#pragma once

// Private to this folder: SQL over a window whose aggregates can be computed in parts, taken apart.

#include <optional>
#include <string>
#include <vector>

#include "sql/sql_rules.h"

namespace penstock {

inline constexpr const char* kPaneColumn = "penstock_pane";

// `SELECT sku, window_start, sum(qty) FROM rows GROUP BY ALL` is, of some of the rows, one partial row for each pane and sku
// with their sum; and of all partial rows, the sum of these sums. Key and aggregate columns are called penstock_k0,
// penstock_p0, ….
struct WindowAggregates {
  SqlTree partial;                      // reads the rows and kPaneColumn, from the input's name
  SqlTree merge;                        // reads partial rows from "input", and gives fewer
  std::string final_sql;                // reads partial rows, window_start and window_end from "input"
  std::vector<std::string> keys;        // by column of the output: the column of partial rows that it is; "": it is none
  std::size_t key_columns = 0;          // of partial rows, after the pane
  bool across_groups = false;           // it orders, numbers or limits what the groups give
};

// Nothing where only all rows together give the result: DISTINCT, lists, medians, subqueries, joins; or where a value
// would change by being kept (a type that no column has). `rows`: the window's rows with window_start and window_end, called
// by any of `names`; `output`: the columns that `sql`, which has compiled, gives.
std::optional<WindowAggregates> take_apart(Session& session, const std::string& sql, const NameSet& names, const Schema& rows, const Schema& output);

}  // namespace penstock
