#pragma once

// Rows into a table inside one transaction, leaving out exactly those that the server refuses.

#include <string>
#include <vector>

#include "connectors/postgres/pg_connection.h"
#include "connectors/postgres/postgres_table.h"
#include "io/sink.h"

namespace penstock::postgres {

// Rows of one or more epochs, in order.
class RowList {
 public:
  void append(const SinkEpoch& epoch);
  std::int64_t size() const { return size_; }

  struct Place {
    const Batch* batch = nullptr;
    std::int64_t row = 0;             // in the batch
    std::int64_t epoch = 0;
    std::int64_t row_of_epoch = 0;    // counted through the epoch's batches
  };
  Place at(std::int64_t row) const;

 private:
  struct Run {
    const Batch* batch = nullptr;
    std::int64_t begin = 0;           // in the list
    std::int64_t epoch = 0;
    std::int64_t first_of_epoch = 0;
  };
  std::vector<Run> runs_;
  std::int64_t size_ = 0;
};

class RowLoader {
 public:
  RowLoader(Connection& connection, const TargetTable& table, Cancellation cancellation)
      : connection_(connection), table_(table), cancellation_(std::move(cancellation)) {}

  // Appends, or with a key inserts, updates and removes: the last row of a key wins. A refused row is found by halving under
  // savepoints and goes to refused(). Error: anything that is not about a row; the transaction is then lost.
  Status load(const RowList& rows);
  const std::vector<RefusedRow>& refused() const { return refused_; }

 private:
  Status load_range(const RowList& rows, std::int64_t begin, std::int64_t end);
  Status try_range(const RowList& rows, std::int64_t begin, std::int64_t end);
  Status copy(const std::string& into, const std::string& columns, bool numbered, const RowList& rows, std::int64_t begin, std::int64_t end);
  Status make_staging();
  std::string key_list() const;
  std::string last_rows(bool removed) const;
  std::string delete_statement() const;
  std::string merge_statement() const;

  Connection& connection_;
  const TargetTable& table_;
  const Cancellation cancellation_;
  std::vector<RefusedRow> refused_;
  bool has_staging_ = false;
};

}  // namespace penstock::postgres
