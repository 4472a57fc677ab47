#pragma once

#include <memory>

#include "io/parquet.h"

namespace penstock {

struct ParquetFilesOptions {
  std::int64_t memory_bytes = 128 << 20;
};

// Parquet by DuckDB, in a database of its own. Varchar and json columns are written as strings, timestamps as UTC
// microseconds, all columns optional. Columns that a file lacks are read as NULL; others are cast to the schema.
// Errors: resource_exhausted (disk full, memory), already_exists, not_found, io, data_loss (not a Parquet file).
Result<std::unique_ptr<Parquet>> make_parquet_files(const ParquetFilesOptions& options = {});

}  // namespace penstock
