#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "record/batch.h"

namespace penstock {

struct ParquetOptions {
  std::string compression = "snappy";    // snappy, lz4_raw, zstd, uncompressed
  std::int64_t row_group_rows = 65'536;
  bool in_background = false;            // it takes long, and nobody waits for it: whatever else is written goes on beside it
  Cancellation cancellation = {};        // of a rewrite
};

struct ParquetFile {
  std::int64_t bytes = 0;
  std::int64_t rows = 0;
  std::string statistics;                // Delta's `stats`: {"numRecords":…,"minValues":…,"maxValues":…,"nullCount":…}
};

// A file out of several, in which some rows take the place of those with the same key.
struct ParquetMerge {
  std::vector<std::string> paths;        // none: the file holds `rows`
  std::string condition;                 // SQL: only rows of the files for which it holds; empty: all
  std::vector<Batch> keys;               // rows of the files with one of these keys are left out; NULL is like NULL
  std::vector<Batch> rows;               // of the file's schema
};

// What a Parquet file holds, whoever wrote it.
struct ParquetLook {
  SchemaPtr columns;                     // nested ones as json, times without a zone as UTC; what has no column type as text
  std::int64_t rows = 0;
};

// A column that a file does not hold: it is the same in all of its rows (Delta's partition columns).
struct ParquetConstant {
  std::string column;
  std::optional<std::string> value;      // as text; none: NULL
};

// Some rows of one file, in their order.
struct ParquetRange {
  std::string path;
  std::vector<ParquetConstant> constants;
  std::int64_t first_row = 0;
  std::int64_t rows = std::numeric_limits<std::int64_t>::max();
  std::string condition;                 // SQL: of these rows, those for which it holds; empty: all
};

// Parquet files, written and read by whoever holds DuckDB (sql/); connectors are handed this. Thread-compatible:
// one thread at a time.
class Parquet {
 public:
  virtual ~Parquet() = default;
  // Writes aside, fsyncs the file, renames it to `path` and fsyncs the folder. `path` must not exist.
  virtual Result<ParquetFile> write(const std::vector<Batch>& rows, const SchemaPtr& schema, const std::string& path,
                                    const ParquetOptions& options = {}) = 0;
  // One file out of several, keeping only the rows for which `condition` (a SQL expression, empty: all) holds. Error: cancelled.
  virtual Result<ParquetFile> rewrite(const std::vector<std::string>& paths, const std::string& condition,
                                      const SchemaPtr& schema, const std::string& path,
                                      const ParquetOptions& options = {}) = 0;
  // The file that `merge` says, of `schema`.
  virtual Result<ParquetFile> merge(const ParquetMerge& merge, const SchemaPtr& schema, const std::string& path,
                                    const ParquetOptions& options = {}) = 0;
  // A Delta log checkpoint: `ndjson` holds one JSON object per action, `columns` is the DuckDB struct of the row.
  virtual Status write_json(const std::string& ndjson_path, const std::string& columns, const std::string& path) = 0;
  // Rows of a Parquet file as JSON lines (to read checkpoints).
  virtual Status read_json(const std::string& path, const std::function<Status(std::string_view)>& line) = 0;
  // The rows of these files, in order, in batches of at most kMaxBatchRows.
  virtual Status read(const std::vector<std::string>& paths, const std::string& condition, const SchemaPtr& schema,
                      const std::function<Status(const Batch&)>& rows) = 0;
  // The rows of a range, of `schema`: NULL where neither the file nor a constant has a column.
  virtual Status read_range(const ParquetRange& range, const SchemaPtr& schema, const std::function<Status(const Batch&)>& rows) = 0;
  // Error: not_found, data_loss (not a Parquet file).
  virtual Result<ParquetLook> look(const std::string& path) = 0;
};

}  // namespace penstock
