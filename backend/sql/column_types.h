#pragma once

// Private to this folder: DuckDB's types and vectors against those of record/.

#include "record/batch_builder.h"
#include "sql/duckdb_handles.h"

namespace penstock {

duck::LogicalType to_duckdb_type(Type type);

// The column type that values of `type` become: small integers widen to int32 or int64, FLOAT to float64, HUGEINT
// and UBIGINT (what sum() gives) to int64, TIMESTAMP without zone is taken as UTC. Error: unsupported, with the
// cast to write instead.
Result<Type> from_duckdb_type(duckdb_logical_type type);

// Copies `rows` values of `column`, from `first`, into `vector`, from its row `at`. Long strings are not copied: they point
// into the column, which must outlive the query.
void write_vector(const ColumnView& column, std::int64_t first, std::int64_t rows, duckdb_vector vector, std::int64_t at);

// Appends `rows` values of `vector`. Error: invalid_argument, when a value does not fit the column.
Status read_vector(duckdb_vector vector, std::int64_t rows, ColumnBuilder& column);

}  // namespace penstock
