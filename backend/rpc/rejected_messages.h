#pragma once

// Rejected rows: penstock.v1 quality messages ↔ values (store/rejected_index.h).

#include <vector>

#include "penstock/v1/quality.pb.h"
#include "record/schema.h"
#include "store/rejected_index.h"

namespace penstock::rpc {

// invalid_argument: an unknown table or status.
Result<RejectedFilter> read_filter(const v1::RejectedFilter& message);

// All but `values`.
void write(const RejectedRow& row, v1::RejectedRow& message);
// The columns of rows that were rejected at one step: those of `known` (its output; may be null), else as the first row's
// JSON has them.
std::vector<Field> value_columns(const std::vector<RejectedRow>& rows, const SchemaPtr& known);
void write_values(const RejectedRow& row, const std::vector<Field>& columns, v1::RejectedRow& message);

}  // namespace penstock::rpc
