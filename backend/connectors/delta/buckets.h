#pragma once

// Where the rows of a table with a key lie: in buckets by the hash of their key, so that a change only asks for the files of
// its bucket. The bucket stands in a file's name, and their number grows with the table: a file is divided when it is written
// anew. Files of other writers, and those of before the table had a key, are the one bucket of one.

#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/delta/snapshot.h"

namespace penstock::delta {

inline constexpr std::int64_t kBucketBytes = 16 << 20;
inline constexpr std::uint32_t kMostBuckets = 4'096;

// The keys whose fnv_hash() modulo `count`, a power of two, is `number`.
struct Bucket {
  std::uint32_t number = 0;
  std::uint32_t count = 1;

  bool holds(std::uint64_t hash) const { return (hash & (count - 1)) == number; }
  // Of a bucket among at least as many.
  bool covers(std::uint32_t finer_number) const { return (finer_number & (count - 1)) == number; }
  std::string to_string() const;        // "b3of8"
};

// The bucket that the name of a data file says.
Bucket bucket_of(std::string_view path);

// How many buckets the next files are divided into: no less than any file stands for, twice as many where they hold
// `bucket_bytes` on average.
std::uint32_t bucket_count(const Snapshot& snapshot, std::int64_t bucket_bytes);

}  // namespace penstock::delta
