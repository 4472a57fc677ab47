#pragma once

// The columns of a database's table against those of the rows that a sink brings to it.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "record/schema.h"

namespace penstock {

struct TargetColumn {
  std::string type;           // as the database says it
  bool required = false;      // NOT NULL and nothing fills it
};
using TargetColumns = std::map<std::string, TargetColumn>;

// failed_precondition: "the table <table> <what>". `table` is quoted already.
Error does_not_fit(const std::string& table, const std::string& what, const std::string& action);

// The columns of the rows that go into the table: all but `_op`, and the origin's where the table lacks them. Error:
// failed_precondition for any other missing column, a type that does not take the values, a required column that the rows lack.
Result<std::vector<std::size_t>> match_columns(const std::string& table, const Schema& rows, const TargetColumns& found,
                                               const std::function<bool(const Type&, const std::string& declared)>& fits);

// The columns of the rows that the table lacks and may get: those that may be NULL, without the origin's and `_op`.
std::vector<Field> addable_columns(const Schema& rows, const TargetColumns& found);

}  // namespace penstock
