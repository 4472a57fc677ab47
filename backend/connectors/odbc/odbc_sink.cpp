#include "connectors/odbc/odbc_sink.h"

#include <algorithm>

#include "base/crash_point.h"
#include "io/epoch_order.h"
#include "record/last_changes.h"
#include "record/value_text.h"

namespace penstock {
namespace {

using odbc::Connection;

bool removes(const Batch& rows, std::int64_t row) {
  const auto op = rows.find(change::op);
  return op && !op->is_null(row) && op->bytes(row) == change::remove;
}

template <typename T, typename Get>
auto values(const ColumnView& column, std::int64_t begin, Get get) {
  return [column, begin, get](std::int64_t row) -> std::optional<T> {
    if (column.is_null(begin + row)) return std::nullopt;
    return T(get(column, begin + row));
  };
}

void add_column(const ColumnView& column, std::int64_t begin, Connection::Array& array) {
  const auto text = [](const ColumnView& of, std::int64_t row) { return of.to_text(row); };
  const auto bytes = [](const ColumnView& of, std::int64_t row) { return std::string(of.bytes(row)); };
  switch (column.type().kind) {
    case TypeKind::boolean: return array.add_booleans(values<bool>(column, begin, [](const ColumnView& of, std::int64_t row) { return of.boolean(row); }));
    case TypeKind::int32: return array.add_integers(values<std::int64_t>(column, begin, [](const ColumnView& of, std::int64_t row) { return of.int32(row); }));
    case TypeKind::int64: return array.add_integers(values<std::int64_t>(column, begin, [](const ColumnView& of, std::int64_t row) { return of.int64(row); }));
    case TypeKind::float64: return array.add_reals(values<double>(column, begin, [](const ColumnView& of, std::int64_t row) { return of.float64(row); }));
    case TypeKind::decimal: return array.add_decimals(column.type().scale, values<std::string>(column, begin, text));
    case TypeKind::varchar:
    case TypeKind::json: return array.add_texts(values<std::string>(column, begin, bytes));
    case TypeKind::blob: return array.add_bytes(values<std::string>(column, begin, bytes));
    case TypeKind::date: return array.add_dates(values<std::int32_t>(column, begin, [](const ColumnView& of, std::int64_t row) { return of.int32(row); }));
    case TypeKind::timestamp: return array.add_timestamps(values<std::int64_t>(column, begin, [](const ColumnView& of, std::int64_t row) { return of.int64(row); }));
  }
}

}  // namespace

Result<std::optional<std::int64_t>> OdbcSink::open(const Marker& marker, const SchemaPtr& schema) {
  schema_ = schema;
  holding_.reset();
  connection_.reset();
  PENSTOCK_ASSIGN(connection_, Connection::open(options_.connection));
  auto epoch = prepare(marker, *schema);
  if (!epoch.ok()) {
    connection_.reset();
    return epoch;
  }
  last_epoch_ = *epoch;
  return last_epoch_;
}

Result<std::optional<std::int64_t>> OdbcSink::prepare(const Marker& marker, const Schema& schema) {
  marker_ = std::make_unique<odbc::EpochRow>(options_.table, marker);
  PENSTOCK_TRY(marker_->create_table(*connection_));
  PENSTOCK_TRY(connection_->commit());
  PENSTOCK_ASSIGN(holding_, marker_->find_holding(*connection_));
  PENSTOCK_ASSIGN(table_, odbc::prepare_table(*connection_, options_.table, schema, options_.key, options_.adds_columns));
  PENSTOCK_TRY(marker_->claim(*connection_, options_.take_over || marker.take_over));
  PENSTOCK_ASSIGN(const auto epoch, marker_->read(*connection_));
  PENSTOCK_TRY(connection_->commit());
  return epoch;
}

Status OdbcSink::deliver(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects, Cancellation cancellation) {
  if (!connection_) return Error(ErrorKind::unavailable, "the sink is not connected");
  if (epochs.empty()) return {};
  PENSTOCK_TRY(check_epoch_order(last_epoch_, epochs));
  const Status done = transact(epochs, record_rejects, cancellation);
  if (done.ok()) return done;
  connection_->roll_back();
  if (connection_->broken()) connection_.reset();
  return done;
}

Status OdbcSink::transact(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects, const Cancellation& cancellation) {
  PENSTOCK_ASSIGN(const auto marked, marker_->read(*connection_));
  if (marked != last_epoch_) return Error(ErrorKind::failed_precondition, "another process writes to this table under the same marker", "stop it");
  std::vector<RefusedRow> refused;
  for (const SinkEpoch& epoch : epochs) {
    for (const Replacement& replacement : epoch.replaces) PENSTOCK_TRY(take_away(replacement));
    if (epoch.rows.empty()) continue;
    const Rows rows{epoch.epoch, fit_columns(Batch::concat(epoch.rows), schema_)};
    for (std::int64_t begin = 0; begin < rows.batch.rows(); begin += options_.array)
      PENSTOCK_TRY(write(rows, begin, std::min(begin + options_.array, rows.batch.rows()), refused, cancellation));
  }
  crash_point("odbc.after_rows");
  if (!refused.empty()) PENSTOCK_TRY(record_rejects(refused));
  PENSTOCK_TRY(marker_->write(*connection_, epochs.back().epoch, epochs.back().progress));
  crash_point("odbc.before_commit");
  PENSTOCK_TRY(connection_->commit());
  crash_point("odbc.after_commit");
  last_epoch_ = epochs.back().epoch;
  return {};
}

Status OdbcSink::write(const Rows& rows, std::int64_t begin, std::int64_t end, std::vector<RefusedRow>& refused, const Cancellation& cancellation) {
  if (cancellation.stop_requested()) return Error(ErrorKind::cancelled, "the delivery was cancelled");
  const odbc::Dialect dialect = connection_->dialect();
  PENSTOCK_TRY(connection_->run(odbc::savepoint(dialect)));
  const Status tried = try_range(rows.batch, begin, end, cancellation);
  if (tried.ok()) {
    const std::string release = odbc::release_savepoint(dialect);
    return release.empty() ? Status() : connection_->run(release);
  }
  if (connection_->broken() || !connection_->failed_on_data()) return tried;
  PENSTOCK_TRY(connection_->run(odbc::back_to_savepoint(dialect)));
  if (end - begin == 1) {
    refused.push_back({rows.epoch, begin, tried.error().message});
    return {};
  }
  const std::int64_t middle = begin + (end - begin) / 2;
  PENSTOCK_TRY(write(rows, begin, middle, refused, cancellation));
  return write(rows, middle, end, refused, cancellation);
}

// Removals and other rows in turn, as they came.
Status OdbcSink::try_range(const Batch& rows, std::int64_t begin, std::int64_t end, const Cancellation& cancellation) {
  while (begin < end) {
    if (cancellation.stop_requested()) return Error(ErrorKind::cancelled, "the delivery was cancelled");
    const bool removed = !table_.key.empty() && removes(rows, begin);
    std::int64_t until = begin + 1;
    while (until < end && (!table_.key.empty() && removes(rows, until)) == removed) ++until;
    PENSTOCK_TRY(send(rows, begin, until, removed));
    begin = until;
  }
  return {};
}

Status OdbcSink::send(const Batch& rows, std::int64_t begin, std::int64_t end, bool removed) {
  const std::string sql = removed ? odbc::delete_statement(table_.name, table_.quoted_key)
                                  : odbc::write_statement(connection_->dialect(), table_.name, table_.quoted, table_.quoted_key);
  return connection_->run_array(sql, end - begin, [&](Connection::Array& array) {
    for (const std::size_t column : removed ? table_.key : table_.columns) add_column(rows.column(column), begin, array);
  });
}

Status OdbcSink::take_away(const Replacement& replacement) {
  PENSTOCK_ASSIGN(const std::string column, odbc::quoted_name(replacement.column));
  const bool by_offset = replacement.column == origin::offset;
  if (by_offset && !table_.has_origin)
    return Error(ErrorKind::failed_precondition, "the table " + table_.name + " does not keep where its rows came from, so a range of them cannot be replaced",
                 "add the columns _source, _partition and _offset");
  std::string sql = "DELETE FROM " + table_.name + " WHERE " + column + " >= ? AND " + column + " < ?";
  if (by_offset) sql += " AND \"_partition\" = " + std::to_string(replacement.partition) + " AND \"_source\" = " + odbc::literal(connection_->dialect(), replacement.source);
  return connection_->run_array(sql, 1, [&](Connection::Array& array) {
    for (const std::int64_t bound : {replacement.from, replacement.until}) {
      if (by_offset) array.add_integers([bound](std::int64_t) { return std::optional(bound); });
      else array.add_timestamps([bound](std::int64_t) { return std::optional(bound); });
    }
  });
}

}  // namespace penstock
