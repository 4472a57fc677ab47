#pragma once

// Rows into a table of a DuckDB database file, each epoch exactly once: rows and marker go in by one transaction.

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "io/sink.h"
#include "sql/duckdb_file.h"

namespace penstock {

struct DuckDbSinkOptions {
  std::string path;                          // of the file, absolute; made when it is missing
  std::string table;                         // "sales", "shop.sales"
  std::vector<std::string> key;              // a row takes the place of that with the same, `_op` d removes it; empty: append
  bool take_over = false;                    // accept a file that another state of this stream has marked
  bool adds_columns = false;                 // nullable ones, that the table lacks
  std::chrono::milliseconds flush{1'000};
  std::int64_t memory_bytes = 64 << 20;
};

// Made, used and destroyed by one thread. The file is open only while it is asked or written, so that others may read it between.
// Errors beside those of Sink: failed_precondition when the table does not fit the rows; unavailable while another program
// has the file; data_loss when it is none of DuckDB's.
class DuckDbSink final : public Sink {
 public:
  explicit DuckDbSink(DuckDbSinkOptions options) : options_(std::move(options)) {}

  std::string name() const override { return "duckdb " + options_.table; }
  SinkTraits traits() const override { return {.idempotent = true, .replaces = true, .flush = options_.flush}; }
  Result<std::optional<std::int64_t>> open(const Marker& marker, const SchemaPtr& schema) override;
  std::optional<Holding> holding() const override { return holding_; }
  Status deliver(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects, Cancellation cancellation) override;

 private:
  using Excluded = std::set<std::int64_t>;   // rows, counted through all epochs

  Status prepare_table(DuckDbFile& file);
  // Carries the epochs out but for some rows, and those from `end` on.
  Status apply(DuckDbFile& file, const std::vector<SinkEpoch>& epochs, const Excluded& excluded, std::int64_t end, const Cancellation& cancellation);
  Status apply_rows(DuckDbFile& file, const std::vector<Batch>& rows);
  Status take_away(DuckDbFile& file, const Replacement& replacement);
  // Finds rows among first … end that the table refuses, those before being in.
  Status find_refused(DuckDbFile& file, const std::vector<SinkEpoch>& epochs, std::int64_t first, std::int64_t end, Excluded& refused,
                      std::vector<RefusedRow>& reasons, const Cancellation& cancellation);
  void refuse_null_keys(const std::vector<SinkEpoch>& epochs, Excluded& refused, std::vector<RefusedRow>& reasons) const;

  // Constant after construction.
  const DuckDbSinkOptions options_;

  // Set by open().
  Marker marker_;
  SchemaPtr schema_;
  SchemaPtr written_;                 // columns of the rows that go into the table
  std::string table_;                 // quoted
  bool has_origin_ = false;
  bool is_open_ = false;
  std::optional<std::int64_t> last_epoch_;
  std::optional<Holding> holding_;
};

}  // namespace penstock
