#pragma once

// Private to this folder: a step's SELECT, made to read the step's rows and to carry along what follows unseen.

#include <string>
#include <vector>

#include "sql/sql_rules.h"

namespace penstock {

struct StepInput {
  NameSet names;                           // by which FROM may call the input, lower case
  std::string scan;                        // the table function that gives its rows
  std::vector<std::string> following;      // columns appended to the output of row-wise SQL, in this order
  std::vector<std::string> left_out;       // columns that `*` does not mean, though they can be named
};

// Checks that `statement` makes each of its rows from one row of the input, then rewrites it: the input's name
// becomes its scan, and `following` stands at the end of its columns. False when a problem was found.
bool rewrite_row_wise(SqlTree& statement, const StepInput& input, SqlRules& rules);

// SQL over all the rows of a window: only the input's name is rewritten.
void rewrite_window(SqlTree& statement, const StepInput& input);

}  // namespace penstock
