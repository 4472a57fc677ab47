#pragma once

// Rows into a PostgreSQL table, each epoch exactly once: rows and marker go in by one transaction.

#include <memory>
#include <string>
#include <vector>

#include "connectors/postgres/epoch_marker.h"
#include "connectors/postgres/pg_connection.h"
#include "connectors/postgres/postgres_table.h"
#include "io/sink.h"

namespace penstock {

enum class PostgresMode {
  append,
  upsert,     // by key; of several rows of one key the last wins, and `_op` d removes it
  replace,    // the table holds the rows of the last epoch
};

struct PostgresSinkOptions {
  postgres::ConnectionOptions connection;
  postgres::TableName table;
  PostgresMode mode = PostgresMode::append;
  std::vector<std::string> key;              // upsert only
  bool take_over = false;                    // accept a table that another state of this stream has marked
  bool adds_columns = false;                 // nullable ones, that the table lacks
  std::chrono::milliseconds flush{0};
};

// Made, used and destroyed by one thread. open() makes a missing table. Errors beside those of Sink:
// failed_precondition when the table does not fit the rows, unauthenticated, permission_denied.
class PostgresSink final : public Sink {
 public:
  explicit PostgresSink(PostgresSinkOptions options) : options_(std::move(options)) {}

  std::string name() const override { return "postgres " + options_.table.schema + "." + options_.table.table; }
  SinkTraits traits() const override;
  Result<std::optional<std::int64_t>> open(const Marker& marker, const SchemaPtr& schema) override;
  std::optional<Holding> holding() const override { return holding_; }
  Status deliver(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects, Cancellation cancellation) override;

 private:
  Status begin();
  Status transact(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects, Cancellation cancellation);
  Status load(const std::vector<SinkEpoch>& epochs, std::vector<RefusedRow>& refused, Cancellation cancellation);
  Status take_away(const Replacement& replacement, Cancellation cancellation);
  // Ends the transaction; drops the connection when even that fails.
  void roll_back();

  // Constant after construction.
  const PostgresSinkOptions options_;

  // Set by open().
  SchemaPtr schema_;
  std::unique_ptr<postgres::Connection> connection_;
  std::unique_ptr<postgres::EpochMarker> marker_;
  postgres::TargetTable table_;
  std::optional<std::int64_t> last_epoch_;
  std::optional<Holding> holding_;
};

}  // namespace penstock
