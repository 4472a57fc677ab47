#include "store/rejected_index.h"

#include <algorithm>

#include "store/rejected_filter_sql.h"
#include "store/rejected_keys.h"

namespace penstock {
namespace {

#define REJECTED_COLUMNS                                                                                                   \
  "r.number, r.stream, r.source, r.partition, r.offset, r.hop, k.table_name, k.step, k.expectation, k.reason, r.key_text, " \
  "r.source_time, r.rejected_at, r.status, r.command_id, r.raw_bytes, b.row_values"
#define REJECTED_JOINS " JOIN rejected_kind k ON k.id = r.kind JOIN rejected_bytes b ON b.number = r.number"

RejectedRow row_of(const Query& query) {
  RejectedRow row;
  row.stream = query.text(1);
  row.source = query.text(2);
  row.position = {static_cast<std::int32_t>(query.integer(3)), query.integer(4)};
  row.hop = static_cast<std::int32_t>(query.integer(5));
  row.id = RejectedIndex::id_of(row);
  row.table = query.text(6);
  row.step = query.text(7);
  row.expectation = query.text(8);
  row.reason = query.text(9);
  row.key = query.text(10);
  row.source_time = query.integer(11);
  row.rejected_at = query.integer(12);
  row.status = name_of_rejected_status(query.integer(13));
  row.command_id = query.text(14);
  row.raw_bytes = query.integer(15);
  row.values = query.text(16);
  return row;
}

RejectedDetail detail_of(const Query& query) { return {row_of(query), query.text(17), query.text(18), query.text(19)}; }

Result<std::int64_t> kind_id(Database& database, const RejectedRow& row) {
  const std::initializer_list<SqlValue> key = {row.stream, row.table, row.step, row.expectation, row.source, row.reason};
  {
    PENSTOCK_ASSIGN(auto query, database.query("SELECT id FROM rejected_kind WHERE stream = ? AND table_name = ? AND step = ? AND expectation = ? "
                                               "AND source = ? AND reason = ?", key));
    PENSTOCK_ASSIGN(const bool found, query.next());
    if (found) return query.integer(0);
  }
  PENSTOCK_TRY(database.run("INSERT INTO rejected_kind (stream, table_name, step, expectation, source, reason) VALUES (?, ?, ?, ?, ?, ?)", key));
  return database.last_row_id();
}

// The numbers of a page come out of one index alone, or, where the filter leaves few rows, from those; the rest of the page's
// rows is read after.
std::string page_sql(RejectedOrder order, const RejectedFilterSql& filter) {
  const auto indexed_by = [&](const char* index) { return filter.is_few() ? std::string() : std::string(" INDEXED BY ") + index; };
  std::string numbers, by;
  switch (order) {
    case RejectedOrder::time:
      numbers = "SELECT number FROM rejected" + indexed_by("rejected_by_time") + " WHERE " + filter.where() + " ORDER BY rejected_at DESC, number DESC";
      by = "r.rejected_at DESC, r.number DESC";
      break;
    case RejectedOrder::key:
      numbers = "SELECT number FROM rejected" + indexed_by("rejected_by_key") + " WHERE " + filter.where() + " ORDER BY key_text, number";
      by = "r.key_text, r.number";
      break;
    case RejectedOrder::reason:
      numbers = "SELECT rejected.number FROM rejected_kind k" + indexed_by("rejected_kind_by_reason") + (filter.is_few() ? " JOIN" : " CROSS JOIN") +
                " rejected" + indexed_by("rejected_by_kind") + " ON rejected.kind = k.id WHERE " + filter.where() +
                " ORDER BY k.reason, k.id, status, rejected_at, number";
      by = "k.reason, k.id, r.status, r.rejected_at, r.number";
      break;
  }
  return "SELECT " REJECTED_COLUMNS " FROM rejected r" REJECTED_JOINS " WHERE r.number IN (" + numbers + " LIMIT ? OFFSET ?) ORDER BY " + by;
}

}  // namespace

std::string RejectedIndex::id_of(const RejectedRow& row) {
  return row.stream + "/" + row.source + "/" + std::to_string(row.position.partition) + "/" + std::to_string(row.position.offset) + "/" +
         std::to_string(row.hop);
}

Result<std::int64_t> RejectedIndex::insert(std::span<const RejectedDetail> rows) {
  PENSTOCK_ASSIGN(auto transaction, Transaction::begin(database_));
  std::int64_t added = 0;
  for (const RejectedDetail& detail : rows) {
    const RejectedRow& row = detail.row;
    const int status = code_of_rejected_status(row.status);
    if (status < 0) return Error(ErrorKind::invalid_argument, "unknown status '" + row.status + "'");
    PENSTOCK_ASSIGN(const std::int64_t kind, kind_id(database_, row));
    const auto whole = std::max(row.raw_bytes, static_cast<std::int64_t>(detail.raw.size()));
    PENSTOCK_TRY(database_.run("INSERT OR IGNORE INTO rejected (stream, source, partition, offset, hop, kind, status, rejected_at, source_time, raw_bytes, "
                               "key_text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                               {row.stream, row.source, std::int64_t{row.position.partition}, row.position.offset, std::int64_t{row.hop}, kind,
                                std::int64_t{status}, row.rejected_at, row.source_time, whole, row.key}));
    if (database_.rows_changed() == 0) continue;
    ++added;
    const auto kept = std::string_view(detail.raw).substr(0, kMaxRawBytes);
    PENSTOCK_TRY(database_.run("INSERT INTO rejected_bytes (number, raw, key, headers, row_values) VALUES (?, ?, ?, ?, ?)",
                               {database_.last_row_id(), Blob{kept}, Blob{detail.key}, detail.headers, row.values}));
  }
  if (added > 0) PENSTOCK_TRY(gather_rejected_keys(database_));
  PENSTOCK_TRY(transaction.commit());
  return added;
}

Result<std::int64_t> RejectedIndex::count(const RejectedFilter& filter) const {
  const auto lock = database_.lock();
  PENSTOCK_ASSIGN(const auto sql, RejectedFilterSql::make(database_, filter));
  PENSTOCK_ASSIGN(auto query, database_.query("SELECT count(*) FROM rejected WHERE " + sql.where(), sql.values()));
  PENSTOCK_TRY(query.next());
  return query.integer(0);
}

Result<std::vector<RejectedRow>> RejectedIndex::page(const RejectedFilter& filter, RejectedOrder order, std::int64_t offset, std::int32_t limit) const {
  const auto lock = database_.lock();
  PENSTOCK_ASSIGN(const auto sql, RejectedFilterSql::make(database_, filter));
  auto values = sql.values();
  values.emplace_back(std::int64_t{limit});
  values.emplace_back(offset);
  PENSTOCK_ASSIGN(auto query, database_.query(page_sql(order, sql), values));
  std::vector<RejectedRow> rows;
  while (true) {
    PENSTOCK_ASSIGN(const bool more, query.next());
    if (!more) return rows;
    rows.push_back(row_of(query));
  }
}

Result<std::optional<RejectedDetail>> RejectedIndex::get(const std::string& id) const {
  RejectedFilter filter;
  filter.status = "all";
  filter.only_ids = {id};
  std::int64_t cursor = 0;
  PENSTOCK_ASSIGN(auto rows, read(filter, cursor, 1));
  return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
}

Result<std::vector<RejectedDetail>> RejectedIndex::read(const RejectedFilter& filter, std::int64_t& cursor, std::int32_t limit) const {
  const auto lock = database_.lock();
  PENSTOCK_ASSIGN(const auto sql, RejectedFilterSql::make(database_, filter));
  auto values = sql.values();
  values.emplace_back(cursor);
  values.emplace_back(std::int64_t{limit});
  PENSTOCK_ASSIGN(auto query, database_.query("SELECT " REJECTED_COLUMNS ", b.raw, b.key, b.headers FROM rejected r" REJECTED_JOINS
                                              " WHERE r.number IN (SELECT number FROM rejected WHERE " + sql.where() +
                                              " AND number > ? ORDER BY number LIMIT ?) ORDER BY r.number", values));
  std::vector<RejectedDetail> rows;
  while (true) {
    PENSTOCK_ASSIGN(const bool more, query.next());
    if (!more) return rows;
    rows.push_back(detail_of(query));
    cursor = query.integer(0);
  }
}

Result<std::int64_t> RejectedIndex::mark(const RejectedFilter& filter, const std::string& status, const std::string& command_id) {
  const int code = code_of_rejected_status(status);
  if (code <= 0) return Error(ErrorKind::invalid_argument, "rows are marked 'redriven' or 'discarded', not '" + status + "'");
  PENSTOCK_ASSIGN(auto transaction, Transaction::begin(database_));
  PENSTOCK_ASSIGN(const auto sql, RejectedFilterSql::make(database_, filter));
  std::vector<SqlValue> values = {std::int64_t{code}, std::string_view(command_id)};
  for (const SqlValue& value : sql.values()) values.push_back(value);
  PENSTOCK_TRY(database_.run("UPDATE rejected SET status = ?, command_id = ? WHERE " + sql.where() + " AND status = 0", values));
  const std::int64_t changed = database_.rows_changed();
  PENSTOCK_TRY(transaction.commit());
  return changed;
}

Result<std::int64_t> RejectedIndex::reopen(const std::string& command_id) {
  const auto lock = database_.lock();
  PENSTOCK_TRY(database_.run("UPDATE rejected SET status = 0, command_id = NULL WHERE command_id = ?", {command_id}));
  return database_.rows_changed();
}

}  // namespace penstock
