#pragma once

// What every decoder does with rows that it refuses, or that hold more than their contract.

#include <algorithm>
#include <string>

#include "io/codec.h"

namespace penstock {

// Makes the row that was begun, of which some columns may lack their value, one of NULLs. `rows_before`: of each column, before it.
inline void refuse_row(BatchBuilder& columns, std::int64_t rows_before) {
  for (std::size_t column = 0; column < columns.schema()->size(); ++column) {
    if (columns[column].rows() > rows_before) columns[column].pop_back();
    columns[column].append_null();
  }
}

// Counts a field that the contract does not know, in record `row`.
inline void count_drifted(Decoded& decoded, const std::string& name, std::int64_t row) {
  auto known = std::find_if(decoded.drift.begin(), decoded.drift.end(), [&](const DriftedField& drifted) { return drifted.name == name; });
  if (known == decoded.drift.end()) known = decoded.drift.insert(known, {name, "added", row, 0});
  ++known->rows;
}

}  // namespace penstock
