#pragma once

#include "penstock/v1/common.pb.h"
#include "record/batch.h"

namespace penstock::rpc {

void write(const Field& field, v1::Column& message);
// Dates are text ("2026-11-20"), decimals too; NULL is a cell without a value.
void write(const ColumnView& column, std::int64_t row, v1::Cell& message);
void write(const Batch& rows, std::int64_t row, v1::Row& message);

}  // namespace penstock::rpc
