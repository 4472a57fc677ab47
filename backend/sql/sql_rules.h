#pragma once

// Private to this folder: what a step's SQL may not say, whatever step it is.

#include <set>
#include <string>
#include <vector>

#include "sql/sql_problem.h"
#include "sql/sql_tree.h"

namespace penstock {

// Names in lower case.
using NameSet = std::set<std::string>;

class SqlRules {
 public:
  // `columns`: those of the input, so that a column called "today" is not taken for the function.
  SqlRules(Session& session, const Schema& columns, std::vector<SqlProblem>& problems);

  // Functions whose value depends on when they are asked, parameters, tables that are not there, table functions
  // that read anything but their arguments: everywhere in `tree`. `names` are visible besides the session's tables.
  void check_everywhere(const SqlTree& tree, const NameSet& names);
  // Aggregates and window functions, outside of subqueries (where they may sum up a table).
  void check_one_row(const SqlTree& expression);

  void refuse(const SqlTree& where, std::string message, std::string expected);

 private:
  void check_function(const SqlTree& function);
  void check_table(const SqlTree& table, const NameSet& names);

  Session& session_;
  NameSet columns_;
  NameSet tables_;
  std::vector<SqlProblem>& problems_;
};

// sum, count, …; not those that are a plain function too.
bool is_aggregate_function(Session& session, const std::string& name);
// Table functions (lower case) that open nothing: unnest, range, ….
bool reads_only_arguments(const std::string& table_function);
// The names that WITH gives anywhere in the statement.
NameSet cte_names(const SqlTree& statement);
// Whether any table called by one of `names` is read in `tree`.
bool reads_any(const SqlTree& tree, const NameSet& names);
// "did you mean 'x'?" for the nearest of the names; "" when none is near.
std::string did_you_mean(std::string_view name, const NameSet& known);
// "one of a, b, c"
std::string one_of(const NameSet& names);

}  // namespace penstock
