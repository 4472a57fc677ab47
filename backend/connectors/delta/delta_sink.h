#pragma once

// Rows into a Delta table, each epoch exactly once: the commit that adds an epoch's files also sets the `txn` of
// this sink's marker to the epoch (PROTOCOL.md, "Transaction Identifiers"). README.md tells the whole journey.

#include <chrono>
#include <memory>
#include <string>

#include "base/clock.h"
#include "connectors/delta/buckets.h"
#include "connectors/delta/compaction.h"
#include "connectors/delta/log.h"
#include "io/parquet.h"
#include "io/sink.h"

namespace penstock {

struct DeltaSinkOptions {
  std::string folder;                        // of the table, absolute
  std::string table;                         // "silver.sales": for messages
  bool append_only = false;                  // given to the table when this sink makes it
  std::vector<std::string> key;              // rows take the place of those with the same; empty: they are appended
  std::vector<std::string> partition_by;     // files hold one combination of their values; empty: as the table has it
  std::int64_t bucket_bytes = delta::kBucketBytes;     // with a key: its files are divided from so many on average
  bool take_over = false;                    // accept a table that another state of this stream has marked
  std::chrono::milliseconds flush{10'000};
  std::int64_t flush_bytes = 128 << 20;
  ParquetOptions parquet;
  std::int64_t background_bytes = 16 << 20;  // files of more together become one in the background
  // How long removed files and old log entries stay for readers, unless the table's properties say.
  std::chrono::milliseconds retention{std::chrono::hours(7 * 24)};

  std::string key_text() const;              // "sku,store"
};

// Made, used and destroyed by one thread; `parquet` must be thread-safe where files are put together in the background. Errors beside those of Sink: failed_precondition when the rows do not fit
// the table's columns, when the table is marked by another state (until `take_over`), or when a Replacement is asked
// of an append-only table; data_loss when a staged file is gone.
//
// With a key, `_op` says what a row does (record/schema.h) and the last change of a key counts; the key stands in the table's
// property `penstock.key`. Files that hold changed keys are written anew (upsert_merge.h).
//
// A delivery is one commit, except that an epoch with a Replacement begins a commit of its own, so that it also
// takes away what earlier epochs of the same delivery brought. Every commit carries its own last epoch.
class DeltaSink final : public Sink {
 public:
  DeltaSink(DeltaSinkOptions options, Parquet* parquet, const Clock* clock);
  ~DeltaSink() override;

  std::string name() const override { return "delta " + options_.table; }
  SinkTraits traits() const override;
  Result<std::optional<std::int64_t>> open(const Marker& marker, const SchemaPtr& schema) override;
  std::optional<Holding> holding() const override { return holding_; }
  Status deliver(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects,
                 Cancellation cancellation) override;
  RowsWritten rows_written() const override { return rows_written_; }

 private:
  struct Group;      // epochs that become one commit
  class Commit;      // what that commit adds

  std::vector<Group> group(const std::vector<SinkEpoch>& epochs) const;
  Status deliver_group(const Group& group, Cancellation cancellation);
  Status check_order(const std::vector<SinkEpoch>& epochs) const;
  // Whether rows of `schema` can go into the table as it is.
  Status check_mode(const delta::Snapshot& snapshot, const Schema& schema) const;
  // Those of the table, once it is there.
  const std::vector<std::string>& partition_columns() const;
  void put_files_together();
  std::int64_t now_ms() const;

  // Constant after construction.
  const DeltaSinkOptions options_;
  Parquet* const parquet_;
  const Clock* const clock_;

  // Set by open().
  Marker marker_;
  SchemaPtr rows_schema_;            // with `_op`
  SchemaPtr schema_;                 // as the table keeps it
  std::unique_ptr<delta::DeltaLog> log_;
  std::string writer_tag_;
  std::optional<std::int64_t> last_epoch_;
  std::optional<Holding> holding_;
  RowsWritten rows_written_;         // by the last delivery

  delta::BackgroundCompaction background_;      // uses options_, parquet_
};

}  // namespace penstock
