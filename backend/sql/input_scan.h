#pragma once

// Private to this folder: batches as a table function.

#include <memory>
#include <string>
#include <vector>

#include "record/batch.h"
#include "sql/duckdb_handles.h"

namespace penstock {

// What a registered table function gives. The statement is bound to the schema once; each execution scans the
// rows that stand here when it begins.
struct ScanInput {
  SchemaPtr schema;
  std::vector<Batch> rows;
  // Adds a last column of this name, BIGINT: the row's number, counted through all batches from `first_row`.
  std::string row_column;
  std::int64_t first_row = 0;
};

// Registers `function_name()`; `input` lives as long as the database.
Status register_scan(duckdb_connection connection, const std::string& function_name, std::shared_ptr<ScanInput> input);

}  // namespace penstock
