#pragma once

// Rows into a table over ODBC, each epoch exactly once: rows, bound by arrays, and marker go in by one transaction.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "connectors/odbc/odbc_marker.h"
#include "connectors/odbc/odbc_table.h"
#include "io/sink.h"

namespace penstock {

struct OdbcSinkOptions {
  odbc::ConnectionOptions connection;
  odbc::TableName table;
  std::vector<std::string> key;              // a row takes the place of that with the same, `_op` d removes it; empty: append
  std::int64_t array = 1'000;                // rows of one call, at most
  bool take_over = false;                    // accept a table that another state of this stream has marked
  bool adds_columns = false;                 // nullable ones, that the table lacks
  std::chrono::milliseconds flush{0};
};

// Made, used and destroyed by one thread. Errors beside those of Sink: failed_precondition when the table does not fit the rows.
class OdbcSink final : public Sink {
 public:
  explicit OdbcSink(OdbcSinkOptions options) : options_(std::move(options)) {}

  std::string name() const override { return "odbc " + options_.table.quoted(); }
  SinkTraits traits() const override { return {.idempotent = true, .replaces = true, .flush = options_.flush}; }
  Result<std::optional<std::int64_t>> open(const Marker& marker, const SchemaPtr& schema) override;
  std::optional<Holding> holding() const override { return holding_; }
  Status deliver(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects, Cancellation cancellation) override;

 private:
  // Rows of an epoch, in its order.
  struct Rows {
    std::int64_t epoch = 0;
    Batch batch;
  };
  Result<std::optional<std::int64_t>> prepare(const Marker& marker, const Schema& schema);
  Status transact(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects, const Cancellation& cancellation);
  Status write(const Rows& rows, std::int64_t begin, std::int64_t end, std::vector<RefusedRow>& refused, const Cancellation& cancellation);
  Status try_range(const Batch& rows, std::int64_t begin, std::int64_t end, const Cancellation& cancellation);
  Status send(const Batch& rows, std::int64_t begin, std::int64_t end, bool removed);
  Status take_away(const Replacement& replacement);

  // Constant after construction.
  const OdbcSinkOptions options_;

  // Set by open().
  std::unique_ptr<odbc::Connection> connection_;
  std::unique_ptr<odbc::EpochRow> marker_;
  odbc::TargetTable table_;
  SchemaPtr schema_;
  std::optional<std::int64_t> last_epoch_;
  std::optional<Holding> holding_;
};

}  // namespace penstock
