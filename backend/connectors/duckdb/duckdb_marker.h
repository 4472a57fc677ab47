#pragma once

// The marker of a sink: a row of `penstock_epochs` in the file, which changes in the transaction of the rows.

#include <optional>
#include <string>

#include "io/sink.h"
#include "sql/duckdb_file.h"

namespace penstock::duckdb_file {

// Within a transaction. Errors: failed_precondition where another state of the stream has written, or has taken this one over.
Result<std::optional<Holding>> find_holding(DuckDbFile& file, const Marker& marker);
Status claim(DuckDbFile& file, const Marker& marker, bool take_over);
// The last epoch; none when it has none yet.
Result<std::optional<std::int64_t>> read_epoch(DuckDbFile& file, const Marker& marker);
Status write_epoch(DuckDbFile& file, const Marker& marker, std::int64_t epoch, const std::string& progress);

}  // namespace penstock::duckdb_file
