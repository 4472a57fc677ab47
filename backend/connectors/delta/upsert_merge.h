#pragma once

// Changes by key into a table: the files that hold a changed key are written anew without it, in the commit that adds the
// changed rows. A file without any is left alone, unless it is so small beside what is written into its bucket that it goes
// along: so a bucket has few files, and a new key does not cost its bucket.

#include <map>
#include <string>
#include <vector>

#include "connectors/delta/buckets.h"
#include "connectors/delta/snapshot.h"
#include "io/parquet.h"
#include "io/sink.h"
#include "record/last_changes.h"

namespace penstock::delta {

// Writes each file once, however often the commit around it has to be planned again. Not thread-safe.
class UpsertMerge {
 public:
  struct Target {
    std::string folder;                // of the table
    std::string writer_tag;
    std::int64_t bucket_bytes = kBucketBytes;
    ParquetOptions parquet;
  };
  // `replacements`: rows that go before the changes come. `changes` and `parquet` outlive it.
  UpsertMerge(Target target, const LastChanges& changes, std::vector<Replacement> replacements, Parquet* parquet);

  // The removes and adds that bring `snapshot` the changes. `schema`: of the table after the commit. Errors: failed_precondition
  // for a key that the table lacks; whatever Parquet says.
  Result<std::vector<Action>> plan(const Snapshot& snapshot, const SchemaPtr& schema, std::int64_t epoch, std::int64_t now_ms);
  // Of the last plan, in the words of Delta's MERGE: numSourceRows changes came, numOutputRows rows were written for them.
  const std::map<std::string, std::string>& metrics() const { return metrics_; }
  // The same two as numbers.
  RowsWritten rows_written() const { return rows_written_; }
  // Removes what it wrote and `committed` does not hold.
  void discard_unused(const Snapshot& committed);

 private:
  struct Change {
    std::uint64_t hash = 0;
    LastChanges::Row row;
  };
  // What is written into one bucket.
  struct Work {
    std::vector<LastChanges::Row> changes;
    std::vector<AddFile> files;        // of the bucket, that are written anew
    bool files_may_hold_keys = false;  // of changes
    std::vector<Batch> divided;        // what is left of files that stood for more than the bucket
    std::string divided_paths;
  };
  using Buckets = std::map<std::uint32_t, Work>;

  Buckets group(std::uint32_t count) const;
  Result<bool> must_go(const AddFile& file, const Buckets& buckets, std::uint32_t count, const SchemaPtr& schema);
  Result<bool> holds_a_key(const AddFile& file, const SchemaPtr& schema);
  Status divide(const AddFile& file, std::uint32_t count, const SchemaPtr& schema, Buckets& buckets);
  Status write_divided(Buckets& buckets, std::uint32_t count, const SchemaPtr& schema, std::int64_t epoch, std::int64_t now_ms, std::vector<Action>& actions);
  static void take_small_ones(Work& work, std::vector<AddFile> others);
  Result<AddFile> write(const Bucket& bucket, const Work& work, const SchemaPtr& schema, std::int64_t epoch, std::int64_t now_ms);
  void measure(const std::vector<Action>& actions);

  const Target target_;
  const LastChanges& changes_;
  const std::vector<Replacement> replacements_;
  Parquet* const parquet_;

  std::vector<Change> hashed_;
  std::map<std::string, bool> holds_;          // a changed key, by a file's path
  std::map<std::string, AddFile> written_;     // by what it was made of
  std::map<std::string, std::string> metrics_;
  RowsWritten rows_written_;
};

}  // namespace penstock::delta
