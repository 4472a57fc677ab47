#pragma once

// Private to this folder: single Parquet files, also of writers that know types which no column of ours has.

#include "io/parquet.h"
#include "sql/session.h"

namespace penstock {

// Error: not_found, data_loss (not a Parquet file).
Result<ParquetLook> look_at_parquet(Session& session, const std::string& path);

// Error: not_found, data_loss; invalid_argument where a value does not fit the schema.
Status read_parquet_range(Session& session, const ParquetRange& range, const SchemaPtr& schema, const std::function<Status(const Batch&)>& rows);

}  // namespace penstock
