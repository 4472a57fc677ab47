#include "connectors/delta/delta_scan_source.h"

#include "connectors/delta/sql_text.h"

namespace penstock {
namespace {

// The columns of a record, then those that only the row filter looks at.
enum RecordColumn : std::size_t { kOffset, kValue, kKey, kHeaders, kTime };

const SchemaPtr& record_schema() {
  static const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{{std::string(origin::offset), {TypeKind::int64}},
                                                                                    {std::string(origin::raw), {TypeKind::blob}},
                                                                                    {std::string(origin::key), {TypeKind::blob}},
                                                                                    {std::string(origin::headers), {TypeKind::json}},
                                                                                    {std::string(origin::source_time), {TypeKind::timestamp}},
                                                                                    {std::string(origin::source), {TypeKind::varchar}},
                                                                                    {std::string(origin::partition), {TypeKind::int32}}});
  return schema;
}

std::string_view bytes_or_empty(const ColumnView& column, std::int64_t row) {
  return column.is_null(row) ? std::string_view() : column.bytes(row);
}

void append_row(const Batch& rows, std::int64_t row, std::int32_t partition, RawBatch& out) {
  const ColumnView value = rows.column(kValue), key = rows.column(kKey), time = rows.column(kTime);
  out.append({.position = {partition, rows.column(kOffset).int64(row)},
              .value = bytes_or_empty(value, row),
              .key = bytes_or_empty(key, row),
              .headers = bytes_or_empty(rows.column(kHeaders), row),
              .source_time_micros = time.is_null(row) ? 0 : time.int64(row),
              .has_key = !key.is_null(row),
              .tombstone = value.is_null(row)});
}

std::string time_filter(const DeltaScanOptions& options) {
  const std::string time = delta::sql_micros(origin::source_time);
  std::string filter;
  if (options.from_time) filter = time + " >= " + std::to_string(to_micros(*options.from_time));
  if (options.until_time) filter += (filter.empty() ? "" : " AND ") + time + " < " + std::to_string(to_micros(*options.until_time));
  return filter;
}

void append_rows(const Batch& rows, RawBatch& out) {
  const ColumnView partitions = *rows.find(origin::partition);
  for (std::int64_t row = 0; row < rows.rows(); ++row) append_row(rows, row, partitions.int32(row), out);
}

}  // namespace

Result<std::unique_ptr<DeltaScanSource>> DeltaScanSource::open(DeltaScanOptions options, Parquet* parquet) {
  PENSTOCK_ASSIGN(DeltaTable table, DeltaTable::open(options.folder, parquet));
  PENSTOCK_ASSIGN(DeltaTableSnapshot snapshot, table.snapshot(options.version));
  for (const std::string_view column :
       {origin::raw, origin::key, origin::headers, origin::source, origin::partition, origin::offset, origin::source_time})
    if (!snapshot.schema->find(column))
      return Error(ErrorKind::failed_precondition, "the table has no column '" + std::string(column) + "': only a bronze table can be read again as its source",
                   "name the table that the first step lands", options.folder);
  return std::unique_ptr<DeltaScanSource>(new DeltaScanSource(std::move(options), std::move(snapshot), parquet));
}

DeltaScanSource::DeltaScanSource(DeltaScanOptions options, DeltaTableSnapshot table, Parquet* parquet)
    : options_(std::move(options)), scan_(std::move(table), {.source = options_.source, .filter = time_filter(options_), .columns = record_schema()}, parquet) {}

Result<std::vector<PartitionRange>> DeltaScanSource::partitions() { return scan_.partitions(); }

Status DeltaScanSource::assign(const std::vector<Assignment>& assignments) { return scan_.assign(assignments); }

Result<PollOutcome> DeltaScanSource::poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) {
  scan_.set_limits(limits);
  PENSTOCK_ASSIGN(const auto rows, scan_.next(cancellation));
  if (!rows) return cancellation.stop_requested() ? PollOutcome::idle : PollOutcome::ended;
  append_rows(*rows, out);
  return PollOutcome::rows;
}

}  // namespace penstock
