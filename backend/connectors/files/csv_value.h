#pragma once

#include <optional>
#include <string>

#include "base/iso8601.h"
#include "connectors/files/csv_cells.h"
#include "io/contract.h"
#include "io/value_checker.h"
#include "record/batch_builder.h"

namespace penstock::files {

struct CsvFieldPlan {
  ContractField field;
  std::optional<ValueChecker> checker;
  Zone zone = Zone::required;      // of times
};

// Appends one cell, or NULL. False: nothing was appended, and `fault` says what was expected and what was got.
bool append_cell(const CsvCell& cell, const CsvFieldPlan& plan, ColumnBuilder& column, std::string& fault);

}  // namespace penstock::files
