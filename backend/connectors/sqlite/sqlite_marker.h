#pragma once

#include <optional>

#include "io/sink.h"
#include "store/database.h"

namespace penstock::sqlite {

// The row that says up to which epoch a sink's rows are in: written in the transaction of the rows (semantics.md, "Exactly
// once"). It stands in `penstock_epochs` of the same file:
//
//   marker TEXT PRIMARY KEY, stream TEXT, epoch INT (NULL: none yet), retired INT, progress TEXT (SinkEpoch::progress of it)
//
// All inside a transaction of the caller's.
class EpochRow {
 public:
  EpochRow(Database& file, Marker marker) : file_(file), marker_(std::move(marker)) {}

  // Makes the table and the row where they are missing. Error: failed_precondition when another state of the stream has
  // marked the file, unless `take_over`, which retires that.
  Status claim(bool take_over);
  // Who wrote last for this sink and shard: another state where there is one that is not retired, else this one.
  Result<std::optional<Holding>> find_holding();
  // Error: failed_precondition when the row is gone, or was retired.
  Result<std::optional<std::int64_t>> read();
  Status write(std::int64_t epoch, const std::string& progress);

 private:
  Status create_table();
  std::string place() const { return marker_.to_string().substr(marker_.state_id.size()); }      // "/<sink>/<shard>"

  Database& file_;
  const Marker marker_;
};

}  // namespace penstock::sqlite
