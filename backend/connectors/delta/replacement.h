#pragma once

// Takes rows away from a table: files that hold some are written anew without them, in the commit that adds what
// replaces them.

#include <map>
#include <string>
#include <vector>

#include "connectors/delta/snapshot.h"
#include "io/parquet.h"
#include "io/sink.h"

namespace penstock::delta {

// A SQL expression that is true for the rows to take away.
std::string sql_condition(const Replacement& replacement);

// One that is true for the rows that stay; empty where all do.
std::string sql_none_of(const std::vector<Replacement>& replacements);

// Error: failed_precondition where a table lacks the columns by which such rows are found.
Status check_columns(const Schema& schema, const std::vector<Replacement>& replacements);

// Whether a file can hold such rows, by its statistics; true when they do not tell.
bool may_hold(const AddFile& file, const Replacement& replacement);
bool may_hold_any(const AddFile& file, const std::vector<Replacement>& replacements);

// Writes files anew, each once, however often the commit around it has to be planned again.
class Rewriter {
 public:
  Rewriter(std::string table_folder, std::string writer_tag, std::vector<Replacement> replacements, Parquet* parquet,
           ParquetOptions options)
      : table_(std::move(table_folder)), tag_(std::move(writer_tag)), replacements_(std::move(replacements)),
        parquet_(parquet), options_(std::move(options)) {}

  // The removes and adds that take the rows away from `snapshot`. Error: unsupported for a table with columns that
  // Penstock cannot write; whatever Parquet says.
  Result<std::vector<Action>> plan(const Snapshot& snapshot, std::int64_t epoch, std::int64_t now_ms);
  // Removes what it wrote and `committed` does not hold: plans that another writer overtook, or all of it (an empty
  // snapshot) when nothing was committed.
  void discard_unused(const Snapshot& committed);

 private:
  struct Rewritten {
    bool untouched = false;           // none of its rows had to go
    std::optional<AddFile> file;      // none: all of its rows had to go
  };
  Result<Rewritten> rewrite(const AddFile& file, const SchemaPtr& schema, std::int64_t epoch, std::int64_t now_ms);

  const std::string table_;
  const std::string tag_;
  const std::vector<Replacement> replacements_;
  Parquet* const parquet_;
  const ParquetOptions options_;
  std::map<std::string, Rewritten> done_;   // by the old file's path
};

}  // namespace penstock::delta
