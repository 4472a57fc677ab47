#pragma once

// Penstock's column types as PostgreSQL's, and rows as the text format of COPY
// (https://www.postgresql.org/docs/15/sql-copy.html, "Text Format").

#include <string>
#include <vector>

#include "record/batch.h"

namespace penstock::postgres {

// What a column of a new table is: "numeric(18,2)", "timestamptz", "jsonb", …
std::string sql_type(Type type);

// Whether values of `type` may go into a column that the server calls `udt_name` ("int4", "text", "jsonb", …).
bool fits(Type type, const std::string& udt_name);

// Appends one line for `row` with these columns of `batch`.
void append_copy_line(const Batch& batch, const std::vector<std::size_t>& columns, std::int64_t row, std::string& out);

}  // namespace penstock::postgres
