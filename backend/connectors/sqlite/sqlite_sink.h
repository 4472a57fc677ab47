#pragma once

// Rows into a table of an SQLite file, each epoch exactly once: rows and marker go in by one transaction.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "connectors/sqlite/sqlite_marker.h"
#include "connectors/sqlite/sqlite_table.h"
#include "connectors/sqlite/sqlite_values.h"
#include "io/sink.h"
#include "store/database.h"

namespace penstock {

struct SqliteSinkOptions {
  std::string path;                          // of the file, absolute; made when it is missing
  std::string table;
  std::vector<std::string> key;              // a row takes the place of that with the same, `_op` d removes it; empty: append
  bool take_over = false;                    // accept a file that another state of this stream has marked
  bool adds_columns = false;                 // nullable ones, that the table lacks
  std::chrono::milliseconds flush{0};
};

// Made, used and destroyed by one thread. Errors beside those of Sink: failed_precondition when the table does not fit the
// rows; data_loss when the file is damaged; unavailable while another program writes to it for longer than five seconds.
class SqliteSink final : public Sink {
 public:
  explicit SqliteSink(SqliteSinkOptions options) : options_(std::move(options)) {}

  std::string name() const override { return "sqlite " + options_.table; }
  SinkTraits traits() const override { return {.idempotent = true, .replaces = true, .flush = options_.flush}; }
  Result<std::optional<std::int64_t>> open(const Marker& marker, const SchemaPtr& schema) override;
  std::optional<Holding> holding() const override { return holding_; }
  Status deliver(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects, Cancellation cancellation) override;

 private:
  Status write_epoch(const SinkEpoch& epoch, std::vector<RefusedRow>& refused, const Cancellation& cancellation);
  Status write_row(const Batch& rows, std::int64_t row);
  Status take_away(const Replacement& replacement);

  // Constant after construction.
  const SqliteSinkOptions options_;

  // Set by open().
  SchemaPtr schema_;
  std::unique_ptr<Database> file_;
  std::unique_ptr<sqlite::EpochRow> marker_;
  sqlite::TargetTable table_;
  std::string insert_, delete_;
  std::optional<std::int64_t> last_epoch_;
  std::optional<Holding> holding_;
  sqlite::RowValues values_;          // of the row at hand
};

}  // namespace penstock
