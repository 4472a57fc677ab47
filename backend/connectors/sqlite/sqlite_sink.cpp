#include "connectors/sqlite/sqlite_sink.h"

#include "base/crash_point.h"
#include "io/epoch_order.h"
#include "record/last_changes.h"

namespace penstock {
namespace {

// What is wrong with a row, rather than with the file: constraints, types of a STRICT table, sizes.
bool is_about_the_row(const Error& error) { return error.kind == ErrorKind::already_exists || error.kind == ErrorKind::invalid_argument; }

bool removes(const Batch& rows, std::int64_t row) {
  const auto op = rows.find(change::op);
  return op && !op->is_null(row) && op->bytes(row) == change::remove;
}

Status check_columns(const Schema& rows, const Schema& known) {
  for (const Field& field : rows.fields())
    if (const auto column = known.find(field.name); !column || known[*column].type != field.type)
      return Error(ErrorKind::failed_precondition, "the rows have other columns than the sink was opened for: " + rows.to_string());
  return {};
}

}  // namespace

Result<std::optional<std::int64_t>> SqliteSink::open(const Marker& marker, const SchemaPtr& schema) {
  schema_ = schema;
  holding_.reset();
  marker_.reset();
  file_.reset();
  PENSTOCK_ASSIGN(auto file, Database::open(options_.path, Database::Durability::full, {}));
  marker_ = std::make_unique<sqlite::EpochRow>(*file, marker);
  PENSTOCK_ASSIGN(Transaction transaction, Transaction::begin(*file));
  PENSTOCK_ASSIGN(holding_, marker_->find_holding());
  PENSTOCK_ASSIGN(table_, sqlite::prepare_table(*file, options_.table, *schema, options_.key, options_.adds_columns));
  PENSTOCK_TRY(marker_->claim(options_.take_over || marker.take_over));
  PENSTOCK_ASSIGN(last_epoch_, marker_->read());
  PENSTOCK_TRY(transaction.commit());
  insert_ = table_.insert_statement();
  delete_ = options_.key.empty() ? std::string() : table_.delete_statement();
  file_ = std::move(file);
  return last_epoch_;
}

Status SqliteSink::deliver(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects, Cancellation cancellation) {
  if (!file_) return Error(ErrorKind::unavailable, "the sink is not open");
  if (epochs.empty()) return {};
  PENSTOCK_TRY(check_epoch_order(last_epoch_, epochs));
  PENSTOCK_ASSIGN(Transaction transaction, Transaction::begin(*file_));
  PENSTOCK_ASSIGN(const auto marked, marker_->read());
  if (marked != last_epoch_) return Error(ErrorKind::failed_precondition, "another process writes to this table under the same marker", "stop it");
  std::vector<RefusedRow> refused;
  for (const SinkEpoch& epoch : epochs) PENSTOCK_TRY(write_epoch(epoch, refused, cancellation));
  crash_point("sqlite.after_rows");
  if (!refused.empty()) PENSTOCK_TRY(record_rejects(refused));
  PENSTOCK_TRY(marker_->write(epochs.back().epoch, epochs.back().progress));
  crash_point("sqlite.before_commit");
  PENSTOCK_TRY(transaction.commit());
  crash_point("sqlite.after_commit");
  last_epoch_ = epochs.back().epoch;
  return {};
}

Status SqliteSink::write_epoch(const SinkEpoch& epoch, std::vector<RefusedRow>& refused, const Cancellation& cancellation) {
  for (const Replacement& replacement : epoch.replaces) PENSTOCK_TRY(take_away(replacement));
  std::int64_t row_of_epoch = 0;
  for (const Batch& batch : epoch.rows) {
    if (batch.empty()) continue;
    PENSTOCK_TRY(check_columns(*batch.schema(), *schema_));
    const Batch rows = fit_columns(batch, schema_);
    for (std::int64_t row = 0; row < rows.rows(); ++row, ++row_of_epoch) {
      if ((row & 1023) == 0 && cancellation.stop_requested()) return Error(ErrorKind::cancelled, "the delivery was cancelled");
      // A statement that fails leaves nothing behind and the transaction as it was.
      const Status written = write_row(rows, row);
      if (written.ok()) continue;
      if (!is_about_the_row(written.error())) return written;
      refused.push_back({epoch.epoch, row_of_epoch, written.error().message});
    }
  }
  return {};
}

Status SqliteSink::write_row(const Batch& rows, std::int64_t row) {
  values_.clear();
  // NULL is like no other key: nothing could take such a row's place again.
  for (std::size_t i = 0; i < table_.key.size(); ++i)
    if (rows.column(table_.key[i]).is_null(row)) return Error(ErrorKind::invalid_argument, "the key column " + table_.quoted_key[i] + " is NULL");
  const bool removal = !table_.key.empty() && removes(rows, row);
  for (const std::size_t column : removal ? table_.key : table_.columns) values_.append(rows.column(column), row);
  return file_->run(removal ? delete_ : insert_, std::span(values_.values()));
}

Status SqliteSink::take_away(const Replacement& replacement) {
  PENSTOCK_ASSIGN(const std::string column, sqlite::quoted_name(replacement.column));
  const std::string range = " WHERE " + column + " >= ? AND " + column + " < ?";
  if (replacement.column != origin::offset) {
    const std::string from = sqlite::time_text(replacement.from), until = sqlite::time_text(replacement.until);
    const std::string of_shard = replacement.shard < 0 ? "" : " AND _shard = " + std::to_string(replacement.shard);
    return file_->run("DELETE FROM " + table_.name + range + of_shard, {from, until});
  }
  if (!table_.has_origin)
    return Error(ErrorKind::failed_precondition, "the table " + table_.name + " does not keep where its rows came from, so a range of them cannot be replaced",
                 "add the columns _source TEXT, _partition INT and _offset INT");
  return file_->run("DELETE FROM " + table_.name + range + " AND _source = ? AND _partition = ?",
                    {replacement.from, replacement.until, replacement.source, std::int64_t{replacement.partition}});
}

}  // namespace penstock
