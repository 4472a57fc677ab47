#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "connectors/postgres/cdc_record.h"
#include "connectors/postgres/cdc_state.h"
#include "connectors/postgres/pg_connection.h"
#include "connectors/postgres/pg_names.h"
#include "connectors/postgres/pgoutput.h"
#include "io/source.h"

namespace penstock::postgres {

struct CdcOptions {
  ConnectionOptions connection;
  TableName table;
  std::vector<std::string> key;
  std::string slot, publication;             // names of the server's objects, made where they are missing
  int sessions = 4;                          // that copy the snapshot side by side
  std::int64_t lag_bytes = std::int64_t{1} << 30;      // of log that the server may keep for us before somebody should know
  bool stops_at_truncate = true;
  std::string state_path;                    // of CdcState; empty: nothing is kept
  const Clock* clock = &Clock::system();
};

// The rows of one table and their changes, by logical replication (pgoutput). The slot comes first, with the snapshot that it
// exports: the table's blocks are copied in ranges by several sessions (partition 1 and up), then the log is read from the slot's
// beginning (partition 0; lsn.h says what its offsets are). A copy that was interrupted goes on, range by range, with a newer snapshot:
// the log tells what that has too much. Records are Debezium's envelope in JSON (cdc_record.h); a change of the key is a removal
// and a creation. A large value that did not change comes from the row before where the table tells it (REPLICA IDENTITY FULL), else
// from the table as it is now: a later value, which a later change gives again.
//
// The server is told that it may forget only what is durable here; where nothing of the table changes, its own signs of life
// move the slot on. A slot that is gone, or that somebody else has moved on, is data_loss that names both places.
class CdcSource final : public Source {
 public:
  explicit CdcSource(CdcOptions options) : options_(std::move(options)) {}

  std::string name() const override { return options_.table.schema + "." + options_.table.table; }
  bool observable() const override { return false; }
  Result<std::vector<PartitionRange>> partitions() override;
  Status assign(const std::vector<Assignment>& assignments) override;
  Result<PollOutcome> poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) override;
  std::vector<std::int32_t> behind() const override;
  Positions reached() const override;
  std::string concern() const override { return concern_; }
  std::int64_t kept_log_bytes() const override;
  bool gave_new_keys() const override { return first_copy_ && !streaming_; }
  void committed(const Positions& positions) override;

 private:
  struct Slot {
    Lsn confirmed = 0, server = 0;           // what the server may forget; where its log ends
    std::string wal_status;
  };
  struct Copy {                              // of one range
    std::size_t range = 0;
    std::unique_ptr<Connection> session;
  };
  struct Told {                              // the server may forget what is before `end` once everything before `offset` is durable
    std::int64_t offset = 0;
    Lsn end = 0;
  };

  // cdc_setup.cpp
  Status prepare(Cancellation cancellation);
  Status check_server();
  Status read_columns();
  Status look_at_key(const std::string& table_oid);
  Status make_publication();
  Status make_slot();
  Status divide();
  Result<std::optional<Slot>> ask_slot();
  Status check_slot(const std::optional<Slot>& slot) const;

  // cdc_copy.cpp
  bool range_is_done(std::size_t range) const;
  bool snapshot_is_done() const;
  Status begin_copies();
  Status begin_copy(std::size_t range);
  Result<PollOutcome> poll_copies(RawBatch& out, const PollLimits& limits);
  Result<bool> take_rows(Copy& copy, RawBatch& out, const PollLimits& limits);

  // cdc_source.cpp
  Status begin_log(Cancellation cancellation);
  Result<PollOutcome> poll_log(RawBatch& out, const PollLimits& limits);
  Status take_message(std::string_view message, RawBatch& out);
  Status take_relation(Relation relation);
  Status take_change(const RowChange& change, RawBatch& out);
  Status wait_until_visible();
  Result<bool> fill_unchanged(const RowChange& change, Tuple& after, std::vector<std::string>& texts);
  bool same_key(const Tuple& before, const Tuple& after) const;
  void give(std::string_view op, const Tuple* before, bool before_is_whole, const Tuple* after, RawBatch& out);
  Status tell_server(bool at_once);
  Lsn forgettable();
  void find_concern();

  // Constant after construction.
  const CdcOptions options_;

  // After prepare().
  bool prepared_ = false;
  CdcState state_;
  std::unique_ptr<Connection> control_;      // asks; also keeps a snapshot while it is copied
  std::unique_ptr<Connection> replication_;
  std::string snapshot_;                     // exported by the slot, until the log is read; empty: it is gone
  ValueTypes types_;
  RecordTable table_;
  std::int64_t estimated_rows_ = 0;
  bool key_is_unique_ = false;               // the server itself sees to it that no two rows have the same, and that it is whole

  // After assign().
  Positions next_;                           // offsets behind what was given out
  Positions durable_;
  std::vector<Copy> copies_;
  bool copying_ = false;
  bool first_copy_ = false;                  // nothing was given out before: all rows of the copy are of one snapshot
  bool announced_ = false;                   // a record has said what the columns are

  // Of the log.
  bool streaming_ = false;
  std::int64_t from_ = 0;                    // changes before it were taken in an earlier life
  std::optional<Begin> transaction_;
  std::string origin_;                       // of the transaction: origin_text()
  std::int64_t change_ = 0;                  // of the transaction
  std::uint32_t relation_ = 0;               // our table's id in the log; 0: it was not told yet
  std::deque<Told> told_;
  Lsn reached_ = 0;                          // everything before it was read
  Lsn confirmed_ = 0;                        // what the server was told last
  Lsn server_ = 0;
  std::optional<Slot> slot_;
  std::string concern_;
  std::chrono::steady_clock::time_point told_at_{}, given_at_{};
  bool wants_answer_ = false;
  std::string record_;
};

}  // namespace penstock::postgres
