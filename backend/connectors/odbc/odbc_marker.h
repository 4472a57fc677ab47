#pragma once

#include <optional>

#include "connectors/odbc/odbc_dialect.h"
#include "io/sink.h"

namespace penstock::odbc {

// The row that says up to which epoch a sink's rows are in: written in the transaction of the rows (semantics.md, "Exactly
// once"). It stands in `penstock_epochs`, in the schema of the sink's table:
//
//   marker (primary key), stream, epoch (NULL: none yet), retired, progress (SinkEpoch::progress of that epoch)
//
// All inside a transaction of the caller's. Reading takes the row's lock, so that it waits for a commit whose answer was lost.
class EpochRow {
 public:
  EpochRow(const TableName& target, Marker marker) : table_(target.sibling("penstock_epochs")), marker_(std::move(marker)) {}

  // Makes the table where it is missing. Some databases commit at that.
  Status create_table(Connection& connection) const;
  // Makes the row where it is missing. Error: failed_precondition when another state of the stream has marked the table, unless
  // `take_over`, which retires that.
  Status claim(Connection& connection, bool take_over) const;
  // Who wrote last for this sink and shard: another state where there is one that is not retired, else this one.
  Result<std::optional<Holding>> find_holding(Connection& connection) const;
  // Error: failed_precondition when the row is gone, or was retired.
  Result<std::optional<std::int64_t>> read(Connection& connection) const;
  Status write(Connection& connection, std::int64_t epoch, const std::string& progress) const;

 private:
  struct Row {
    std::string marker;
    std::optional<std::int64_t> epoch;
    std::string progress;
  };
  // Of this place and stream, not retired, with an epoch; the own one last.
  Result<std::vector<Row>> rows_of_place(Connection& connection) const;
  std::string place() const { return marker_.to_string().substr(marker_.state_id.size()); }      // "/<sink>/<shard>"

  const TableName table_;
  const Marker marker_;
};

}  // namespace penstock::odbc
