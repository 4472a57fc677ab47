#pragma once

// The row that says up to which epoch a sink's rows are in: written in the transaction of the rows
// (semantics.md, "Exactly once"). It stands in `penstock_epochs`, in the schema of the sink's table:
//
//   marker text primary key, stream text, epoch bigint (NULL: none yet), retired boolean, updated_at timestamptz,
//   progress text (SinkEpoch::progress of that epoch)
//
// Reading takes the row's lock, so that it waits for a commit whose answer was lost.

#include <optional>

#include "connectors/postgres/pg_connection.h"
#include "connectors/postgres/pg_names.h"
#include "io/sink.h"

namespace penstock::postgres {

class EpochMarker {
 public:
  EpochMarker(const TableName& target, Marker marker);

  // All inside a transaction of the caller's. claim() makes the table and the row where they are missing, refuses a
  // table that another state of the stream has marked (failed_precondition) unless `take_over`, which retires that.
  Status claim(Connection& connection, bool take_over) const;
  // Who wrote last for this sink and shard: another state where there is one that is not retired, else this one.
  Result<std::optional<Holding>> find_holding(Connection& connection) const;
  Result<std::optional<std::int64_t>> read(Connection& connection) const;
  Status write(Connection& connection, std::int64_t epoch, const std::string& progress) const;

 private:
  Status create_table(Connection& connection) const;
  std::string place() const { return marker_.to_string().substr(marker_.state_id.size()); }      // "/<sink>/<shard>"

  const std::string schema_;
  const std::string table_;       // quoted
  const Marker marker_;
};

}  // namespace penstock::postgres
