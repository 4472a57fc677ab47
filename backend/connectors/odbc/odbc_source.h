#pragma once

// Rows of a table in the order of a cursor column, asked for again and again: https://en.wikipedia.org/wiki/Keyset_pagination.
//
// What a query gave goes to a log beside the state before it is given on, with the place of its last row; so an offset means the
// same row after a restart, whatever has become of the row since. A row is seen when its cursor is greater than that of all rows
// seen before (or the same, with a greater key): one that is committed later with a smaller one is not.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "connectors/odbc/odbc_dialect.h"
#include "io/record_log.h"
#include "io/source.h"

namespace penstock {

struct OdbcSourceOptions {
  odbc::ConnectionOptions connection;
  std::string name;                          // of the table
  std::string from;                          // the table, quoted, or a query in brackets with a name
  std::string cursor;                        // a column that grows: whole numbers, texts or times
  std::vector<std::string> key;              // columns that tell rows with the same cursor apart; none of them NULL
  std::chrono::milliseconds every{100};
  std::int64_t batch = 10'000;               // rows of a query, at most
  bool from_latest = false;                  // a first start begins behind what is there then
  std::string folder;                        // for the log; absolute
};

class OdbcSource final : public Source {
 public:
  OdbcSource(OdbcSourceOptions options, const Clock& clock) : options_(std::move(options)), clock_(clock) {}

  std::string name() const override { return options_.name; }
  bool observable() const override { return false; }
  Result<std::vector<PartitionRange>> partitions() override;
  Status assign(const std::vector<Assignment>& assignments) override;
  Result<PollOutcome> poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) override;
  std::vector<std::int32_t> behind() const override { return more_ ? std::vector<std::int32_t>{0} : std::vector<std::int32_t>(); }
  void committed(const Positions& positions) override;

 private:
  // The values of cursor and key of the last row that was seen, as SQL says them. Empty: none was.
  using Place = std::vector<std::string>;

  Status open();
  Status connect();
  Status begin_at_latest();
  Status ask();
  std::string rows_behind(const Place& place) const;
  std::string order(const char* direction) const;
  Result<Place> place_of(const std::vector<odbc::Column>& columns, const std::vector<odbc::Value>& row) const;

  // Constant after construction.
  const OdbcSourceOptions options_;
  const Clock& clock_;

  std::unique_ptr<RecordLog> log_;
  std::unique_ptr<odbc::Connection> connection_;
  std::vector<std::string> columns_;         // cursor and key, quoted
  Place seen_;
  bool begun_ = false;                       // where the first query begins is noted
  std::int64_t next_ = 0;
  bool more_ = false;                        // the last query gave as many rows as it may
  std::chrono::steady_clock::time_point ask_at_{};
};

}  // namespace penstock
