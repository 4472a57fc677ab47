#pragma once

// Partitioned tables: files that hold the rows of one combination of values, which stands in the log and not in the file
// (PROTOCOL.md, "Partition Value Serialization").

#include <string>
#include <vector>

#include "connectors/delta/actions.h"
#include "io/parquet.h"

namespace penstock::delta {

struct PartitionRows {
  PartitionValues values;
  std::vector<Batch> rows;               // without the partition's columns
};

// Error: failed_precondition for a column that the rows do not have or that cannot divide a table.
Status check_partition_columns(const Schema& rows, const std::vector<std::string>& columns);

// The rows by their values in these columns, in their order. An empty text is NULL, as the protocol says.
std::vector<PartitionRows> divide(const std::vector<Batch>& rows, const std::vector<std::string>& columns);

SchemaPtr without_columns(const Schema& schema, const std::vector<std::string>& columns);

// "region=uk/day=2026-11-20/", in the order of the columns: where the files of these values lie. Characters that would mean
// something in a path are %XX, NULL is __HIVE_DEFAULT_PARTITION__: only for people and for tools that look at folders.
std::string partition_folder(const PartitionValues& values, const std::vector<std::string>& columns);

// What a reader adds to the file's own columns.
std::vector<ParquetConstant> constants_of(const PartitionValues& values);

}  // namespace penstock::delta
