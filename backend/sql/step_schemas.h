#pragma once

#include <span>

#include "record/schema.h"

namespace penstock {

// Columns of a source's rows: the contract's, the origin's, then `_key`, `_headers` and `_raw`.
SchemaPtr source_schema(const Schema& contract);

// Those of a stream over a landed table of these columns: without their own origin and record.
SchemaPtr table_source_schema(const Schema& table);

// Inputs united by name: every column of any of them, in the order in which they come; NULL where one lacks it.
// Error: invalid_argument, for a column that has two types.
Result<SchemaPtr> united_schema(std::span<const SchemaPtr> inputs);

// The rows of a window as its SQL sees them: with window_start and window_end.
SchemaPtr window_schema(const Schema& input);

// Rows of windows of one shard among several: with `_shard`.
SchemaPtr sharded_schema(const Schema& rows);

// Rows as changes: with `_op`.
SchemaPtr change_schema(const Schema& rows);

}  // namespace penstock
