#include "connectors/duckdb/duckdb_sink.h"

#include <algorithm>

#include "base/crash_point.h"
#include "connectors/duckdb/duckdb_marker.h"
#include "io/epoch_order.h"
#include "io/target_columns.h"
#include "record/last_changes.h"
#include "sql/sql_text.h"

namespace penstock {
namespace {

// What is wrong with a row, rather than with the file: constraints, values that cannot be cast.
bool is_about_the_row(const Error& error) { return error.kind == ErrorKind::already_exists || error.kind == ErrorKind::invalid_argument; }

bool fits(const Type& type, const std::string& declared) {
  if (declared == type.sql_name()) return true;
  switch (type.kind) {
    case TypeKind::json: return declared == "VARCHAR";
    case TypeKind::int32: return declared == "BIGINT" || declared == "HUGEINT";
    case TypeKind::int64: return declared == "HUGEINT";
    default: return false;
  }
}

std::string column_list(const Schema& schema) {
  std::string list;
  for (const Field& field : schema.fields()) list += (list.empty() ? "" : ", ") + quote_name(field.name);
  return list;
}

std::string micros_of(const std::string& column) { return "epoch_us(" + quote_name(column) + ")"; }

std::int64_t count_rows(const std::vector<SinkEpoch>& epochs) {
  std::int64_t rows = 0;
  for (const SinkEpoch& epoch : epochs)
    for (const Batch& batch : epoch.rows) rows += batch.rows();
  return rows;
}

// The epoch of a row that is counted through all of them, and its number there.
RefusedRow place_of(const std::vector<SinkEpoch>& epochs, std::int64_t row, std::string reason) {
  for (const SinkEpoch& epoch : epochs) {
    const std::int64_t rows = count_rows({epoch});
    if (row < rows) return {epoch.epoch, row, std::move(reason)};
    row -= rows;
  }
  return {0, row, std::move(reason)};
}

// Rolled back unless it is committed.
class OpenTransaction {
 public:
  explicit OpenTransaction(DuckDbFile& file) : file_(file) {}
  ~OpenTransaction() {
    if (is_begun_) static_cast<void>(file_.run("ROLLBACK"));
  }
  Status begin() {
    const Status begun = file_.run("BEGIN TRANSACTION");
    is_begun_ = begun.ok();
    return begun;
  }
  Status commit() {
    is_begun_ = false;
    return file_.run("COMMIT");
  }

 private:
  DuckDbFile& file_;
  bool is_begun_ = false;
};

}  // namespace

Result<std::optional<std::int64_t>> DuckDbSink::open(const Marker& marker, const SchemaPtr& schema) {
  marker_ = marker;
  schema_ = schema;
  is_open_ = false;
  holding_.reset();
  PENSTOCK_ASSIGN(const auto file, DuckDbFile::open(options_.path, options_.memory_bytes));
  OpenTransaction transaction(*file);
  PENSTOCK_TRY(transaction.begin());
  PENSTOCK_ASSIGN(holding_, duckdb_file::find_holding(*file, marker));
  PENSTOCK_TRY(prepare_table(*file));
  PENSTOCK_TRY(duckdb_file::claim(*file, marker, options_.take_over || marker.take_over));
  PENSTOCK_ASSIGN(last_epoch_, duckdb_file::read_epoch(*file, marker));
  PENSTOCK_TRY(transaction.commit());
  is_open_ = true;
  return last_epoch_;
}

Status DuckDbSink::prepare_table(DuckDbFile& file) {
  const auto dot = options_.table.find('.');
  const std::string in = dot == std::string::npos ? "main" : options_.table.substr(0, dot), name = options_.table.substr(dot == std::string::npos ? 0 : dot + 1);
  // A schema may have the name of the file.
  PENSTOCK_ASSIGN(const auto catalog, file.query("SELECT current_database()"));
  const std::string schema = quote_name(catalog.front().column(0).bytes(0)) + "." + quote_name(in);
  table_ = schema + "." + quote_name(name);
  if (options_.key.empty() && schema_->find(change::op)) return does_not_fit(table_, "would get changes, which cannot be appended", "mode: upsert with the key of the step");
  for (const std::string& column : options_.key)
    if (!schema_->find(column)) return does_not_fit(table_, "has the key column '" + column + "', which is not among the rows' columns", "give it in the step's SQL");

  const auto find_columns = [&]() -> Result<TargetColumns> {
    TargetColumns found;
    PENSTOCK_ASSIGN(const auto rows, file.query("SELECT column_name, data_type, NOT is_nullable AND column_default IS NULL FROM duckdb_columns() WHERE schema_name = " +
                                                quote_text(in) + " AND table_name = " + quote_text(name) + " AND database_name = current_database()"));
    for (const Batch& batch : rows)
      for (std::int64_t row = 0; row < batch.rows(); ++row)
        found[std::string(batch.column(0).bytes(row))] = {std::string(batch.column(1).bytes(row)), batch.column(2).boolean(row)};
    return found;
  };
  PENSTOCK_ASSIGN(TargetColumns found, find_columns());
  if (found.empty()) {
    std::string columns;
    const SchemaPtr stored = stored_schema(schema_);
    for (const Field& field : stored->fields()) {
      const bool in_key = std::find(options_.key.begin(), options_.key.end(), field.name) != options_.key.end();
      columns += (columns.empty() ? "" : ", ") + quote_name(field.name) + " " + field.type.sql_name() + (in_key ? " NOT NULL" : "");
    }
    PENSTOCK_TRY(file.run("CREATE SCHEMA IF NOT EXISTS " + schema));
    PENSTOCK_TRY(file.run("CREATE TABLE " + table_ + " (" + columns + ")"));
    PENSTOCK_ASSIGN(found, find_columns());
  } else if (options_.adds_columns) {
    for (const Field& field : addable_columns(*schema_, found)) {
      PENSTOCK_TRY(file.run("ALTER TABLE " + table_ + " ADD COLUMN " + quote_name(field.name) + " " + field.type.sql_name()));
      found[field.name] = {field.type.sql_name(), false};
    }
  }
  PENSTOCK_ASSIGN(const std::vector<std::size_t> matched, match_columns(table_, *schema_, found, fits));
  std::vector<Field> written;
  for (const std::size_t column : matched) written.push_back((*schema_)[column]);
  written_ = std::make_shared<const Schema>(std::move(written));
  has_origin_ = found.contains(std::string(origin::source)) && found.contains(std::string(origin::partition)) && found.contains(std::string(origin::offset));
  return {};
}

Status DuckDbSink::deliver(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects, Cancellation cancellation) {
  if (!is_open_) return Error(ErrorKind::unavailable, "the sink is not open");
  if (epochs.empty()) return {};
  PENSTOCK_TRY(check_epoch_order(last_epoch_, epochs));
  PENSTOCK_ASSIGN(const auto file, DuckDbFile::open(options_.path, options_.memory_bytes));
  Excluded refused;
  std::vector<RefusedRow> reasons;
  refuse_null_keys(epochs, refused, reasons);
  const std::int64_t all = count_rows(epochs);
  for (bool is_searched = false;; is_searched = true) {
    OpenTransaction transaction(*file);
    PENSTOCK_TRY(transaction.begin());
    PENSTOCK_ASSIGN(const auto marked, duckdb_file::read_epoch(*file, marker_));
    if (marked != last_epoch_) return Error(ErrorKind::failed_precondition, "another process writes to this table under the same marker", "stop it");
    const Status applied = apply(*file, epochs, refused, all, cancellation);
    if (applied.ok()) {
      crash_point("duckdb.after_rows");
      if (!reasons.empty()) PENSTOCK_TRY(record_rejects(reasons));
      PENSTOCK_TRY(duckdb_file::write_epoch(*file, marker_, epochs.back().epoch, epochs.back().progress));
      crash_point("duckdb.before_commit");
      PENSTOCK_TRY(transaction.commit());
      crash_point("duckdb.after_commit");
      last_epoch_ = epochs.back().epoch;
      return {};
    }
    if (!is_about_the_row(applied.error()) || is_searched) return applied;
    PENSTOCK_TRY(file->run("ROLLBACK; BEGIN TRANSACTION"));
    PENSTOCK_TRY(find_refused(*file, epochs, 0, all, refused, reasons, cancellation));
  }
}

// DuckDB has no savepoints: each try begins with the first row.
Status DuckDbSink::find_refused(DuckDbFile& file, const std::vector<SinkEpoch>& epochs, std::int64_t first, std::int64_t end, Excluded& refused,
                                std::vector<RefusedRow>& reasons, const Cancellation& cancellation) {
  const Status applied = apply(file, epochs, refused, end, cancellation);
  PENSTOCK_TRY(file.run("ROLLBACK"));
  PENSTOCK_TRY(file.run("BEGIN TRANSACTION"));
  if (applied.ok()) return {};
  if (!is_about_the_row(applied.error())) return applied;
  if (end - first == 1) {
    refused.insert(first);
    reasons.push_back(place_of(epochs, first, applied.error().message));
    return {};
  }
  const std::int64_t middle = first + (end - first) / 2;
  PENSTOCK_TRY(find_refused(file, epochs, first, middle, refused, reasons, cancellation));
  return find_refused(file, epochs, middle, end, refused, reasons, cancellation);
}

// NULL is like no other key: nothing could take such a row's place again.
void DuckDbSink::refuse_null_keys(const std::vector<SinkEpoch>& epochs, Excluded& refused, std::vector<RefusedRow>& reasons) const {
  std::int64_t number = 0;
  for (const SinkEpoch& epoch : epochs)
    for (const Batch& batch : epoch.rows)
      for (std::int64_t row = 0; row < batch.rows(); ++row, ++number)
        for (const std::string& name : options_.key) {
          const auto column = batch.find(name);
          if (column && !column->is_null(row)) continue;
          refused.insert(number);
          reasons.push_back(place_of(epochs, number, "the key column " + quote_name(name) + " is NULL"));
          break;
        }
}

Status DuckDbSink::apply(DuckDbFile& file, const std::vector<SinkEpoch>& epochs, const Excluded& excluded, std::int64_t end, const Cancellation& cancellation) {
  std::int64_t number = 0;
  for (const SinkEpoch& epoch : epochs) {
    if (number >= end && end > 0) return {};
    if (cancellation.stop_requested()) return Error(ErrorKind::cancelled, "the delivery was cancelled");
    for (const Replacement& replacement : epoch.replaces) PENSTOCK_TRY(take_away(file, replacement));
    std::vector<Batch> rows;
    for (const Batch& batch : epoch.rows) {
      std::vector<std::int64_t> kept;
      for (std::int64_t row = 0; row < batch.rows(); ++row, ++number)
        if (number < end && !excluded.contains(number)) kept.push_back(row);
      if (kept.empty()) continue;
      rows.push_back(static_cast<std::int64_t>(kept.size()) == batch.rows() ? batch : batch.take(kept));
    }
    PENSTOCK_TRY(apply_rows(file, rows));
  }
  return {};
}

Status DuckDbSink::apply_rows(DuckDbFile& file, const std::vector<Batch>& rows) {
  if (rows.empty()) return {};
  const std::string insert = "INSERT INTO " + table_ + " (" + column_list(*written_) + ") SELECT " + column_list(*written_) + " FROM penstock_rows()";
  if (options_.key.empty()) {
    std::vector<Batch> fitted;
    for (const Batch& batch : rows) fitted.push_back(fit_columns(batch, written_));
    file.set_rows(written_, std::move(fitted));
    return file.run(insert);
  }
  LastChanges changes(options_.key);
  for (const Batch& batch : rows) PENSTOCK_TRY(changes.add(batch));
  std::vector<Field> key;
  std::string same;
  for (const std::string& name : options_.key) {
    key.push_back((*schema_)[*schema_->find(name)]);
    same += (same.empty() ? "" : " AND ") + ("penstock_rows." + quote_name(name) + " = penstock_target." + quote_name(name));
  }
  const SchemaPtr key_schema = std::make_shared<const Schema>(std::move(key));
  file.set_rows(key_schema, changes.keys(key_schema));
  PENSTOCK_TRY(file.run("DELETE FROM " + table_ + " AS penstock_target USING penstock_rows() AS penstock_rows WHERE " + same));
  std::vector<Batch> kept = changes.kept(written_);
  if (kept.empty()) return {};
  file.set_rows(written_, std::move(kept));
  return file.run(insert);
}

Status DuckDbSink::take_away(DuckDbFile& file, const Replacement& replacement) {
  const bool is_origin = replacement.column == origin::offset;
  if (is_origin && !has_origin_)
    return Error(ErrorKind::failed_precondition, "the table " + table_ + " does not keep where its rows came from, so a range of them cannot be replaced",
                 "add the columns _source VARCHAR, _partition INTEGER and _offset BIGINT");
  const std::string value = is_origin ? quote_name(replacement.column) : micros_of(replacement.column);
  std::string sql = "DELETE FROM " + table_ + " WHERE " + value + " >= " + std::to_string(replacement.from) + " AND " + value + " < " + std::to_string(replacement.until);
  if (is_origin) sql += " AND _source = " + quote_text(replacement.source) + " AND _partition = " + std::to_string(replacement.partition);
  return file.run(sql);
}

}  // namespace penstock
