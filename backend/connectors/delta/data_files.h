#pragma once

// The names of data files, and which of them no commit knows.
//
//   part-<tag>-<epoch>-<random>.parquet      rows of one or more epochs, the last of which is <epoch>
//   compact-<tag>-<epoch>-<random>.parquet   rows of older files, arranged anew
//   bucket-<tag>-<epoch>-b3of8-<random>.parquet   rows of a table with a key, of one bucket (buckets.h)
//
// The tag is the writer's: one sink of one shard. So a writer may remove what its own earlier life left behind,
// while others of the same table are just about to commit theirs.

#include <string>
#include <string_view>

#include "connectors/delta/buckets.h"
#include "connectors/delta/snapshot.h"
#include "io/sink.h"

namespace penstock::delta {

std::string writer_tag(const Marker& marker);

inline constexpr std::string_view kBucketPrefix = "bucket-";

enum class DataFileKind { part, compact };
std::string data_file_name(DataFileKind kind, const std::string& tag, std::int64_t epoch);
std::string bucket_file_name(const Bucket& bucket, const std::string& tag, std::int64_t epoch);

// Removes this writer's files that the snapshot knows neither as added nor as removed. Only while it writes none.
// `depth`: so many folders below the table's its files may lie.
void remove_orphans(const std::string& table_folder, const Snapshot& snapshot, const std::string& tag, std::size_t depth = 0);

// Error: data_loss when a file that is about to be committed is gone or has another size.
Status check_present(const std::string& table_folder, const AddFile& file);

}  // namespace penstock::delta
