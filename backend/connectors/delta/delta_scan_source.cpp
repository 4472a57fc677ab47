#include "connectors/delta/delta_scan_source.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "connectors/delta/sql_text.h"
#include "connectors/delta/statistics.h"

namespace penstock {
namespace {

constexpr std::int64_t kFirstSpan = 4'096;
constexpr std::int64_t kMaxSpan = std::int64_t{1} << 40;      // offsets of a file source are byte positions
constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();

const SchemaPtr& position_schema() {
  static const SchemaPtr schema = std::make_shared<const Schema>(
      std::vector<Field>{{std::string(origin::partition), {TypeKind::int32}},
                         {std::string(origin::offset), {TypeKind::int64}},
                         {std::string(origin::source), {TypeKind::varchar}},
                         {std::string(origin::source_time), {TypeKind::timestamp}}});
  return schema;
}

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

// Files of several epochs are read one after the other, and a compacted one holds several: sort what was read.
void append_in_order(const std::vector<Batch>& batches, std::int32_t partition, RawBatch& out) {
  if (batches.empty()) return;
  const Batch rows = Batch::concat(batches);
  const ColumnView offsets = rows.column(kOffset);
  std::vector<std::int64_t> order(static_cast<std::size_t>(rows.rows()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return offsets.int64(a) < offsets.int64(b); });
  for (const std::int64_t row : order) append_row(rows, row, partition, out);
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
    : options_(std::move(options)), table_(std::move(table)), parquet_(parquet), span_(kFirstSpan) {}

std::string DeltaScanSource::row_filter() const {
  const std::string time = delta::sql_micros(origin::source_time);
  std::string filter = delta::sql_name(origin::source) + " = " + delta::sql_value(options_.source);
  if (options_.from_time) filter += " AND " + time + " >= " + std::to_string(to_micros(*options_.from_time));
  if (options_.until_time) filter += " AND " + time + " < " + std::to_string(to_micros(*options_.until_time));
  return filter;
}

std::string DeltaScanSource::condition(std::int32_t partition, std::int64_t from, std::int64_t until) const {
  return row_filter() + " AND " + delta::sql_name(origin::partition) + " = " + std::to_string(partition) + " AND " +
         delta::sql_between(delta::sql_name(origin::offset), from, until);
}

Result<std::vector<PartitionRange>> DeltaScanSource::partitions() {
  std::map<std::int32_t, PartitionRange> ranges;
  PENSTOCK_TRY(parquet_->read(table_.files, row_filter(), position_schema(), [&](const Batch& rows) -> Status {
    const ColumnView partitions = rows.column(0), offsets = rows.column(1);
    for (std::int64_t row = 0; row < rows.rows(); ++row) {
      const std::int32_t partition = partitions.int32(row);
      const std::int64_t offset = offsets.int64(row);
      PartitionRange& range = ranges.try_emplace(partition, PartitionRange{partition, offset, offset + 1}).first->second;
      range.earliest = std::min(range.earliest, offset);
      range.head = std::max(range.head, offset + 1);
    }
    return {};
  }));
  std::vector<PartitionRange> list;
  for (const auto& [partition, range] : ranges) list.push_back(range);
  return list;
}

// Where a file does not say up to where its offsets go, only its rows tell when a partition ends.
Result<Positions> DeltaScanSource::heads_if_needed() {
  Positions heads;
  const bool all_tell = std::all_of(table_.adds.begin(), table_.adds.end(), [](const delta::AddFile& file) {
    return delta::integer_range(file.statistics, std::string(origin::offset)).most.has_value();
  });
  if (all_tell) return heads;
  PENSTOCK_ASSIGN(const auto ranges, partitions());
  for (const PartitionRange& range : ranges) heads[range.partition] = range.head;
  return heads;
}

Status DeltaScanSource::assign(const std::vector<Assignment>& assignments) {
  cursors_.clear();
  span_ = kFirstSpan;
  PENSTOCK_ASSIGN(const Positions heads, heads_if_needed());
  for (const Assignment& assignment : assignments) {
    Cursor cursor{assignment.partition, assignment.from.value_or(0), assignment.until.value_or(kEnd)};
    if (const auto head = heads.find(cursor.partition); head != heads.end()) cursor.until = std::min(cursor.until, head->second);
    if (cursor.next < cursor.until) cursors_.push_back(cursor);
  }
  return {};
}

Result<PollOutcome> DeltaScanSource::poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) {
  while (!cursors_.empty()) {
    if (cancellation.stop_requested()) return PollOutcome::idle;
    const std::int64_t before = out.rows();
    PENSTOCK_ASSIGN(const bool more, read_some(cursors_.front(), out, limits));
    if (!more) {
      cursors_.erase(cursors_.begin());
    } else {
      std::rotate(cursors_.begin(), cursors_.begin() + 1, cursors_.end());   // partitions advance side by side
    }
    if (out.rows() > before) return PollOutcome::rows;
  }
  return PollOutcome::ended;
}

Result<bool> DeltaScanSource::read_some(Cursor& cursor, RawBatch& out, const PollLimits& limits) {
  std::int64_t first = kEnd;
  const auto any = files_of(cursor.partition, cursor.next, cursor.until, first);
  if (any.empty()) return false;
  const std::int64_t from = std::max(cursor.next, first);
  const std::int64_t until = from > cursor.until - std::min(span_, cursor.until) ? cursor.until : from + span_;
  const auto files = files_of(cursor.partition, from, until, first);

  std::vector<Batch> batches;
  std::int64_t rows = 0, bytes = 0;
  PENSTOCK_TRY(parquet_->read(files, condition(cursor.partition, from, until), record_schema(), [&](const Batch& batch) -> Status {
    rows += batch.rows();
    bytes += batch.bytes();
    if (!batch.empty()) batches.push_back(batch);
    return {};
  }));
  append_in_order(batches, cursor.partition, out);
  adapt_span(rows, bytes, limits);
  cursor.next = until;
  return cursor.next < cursor.until;
}

// As many offsets as give about what one poll may take, whatever lies between two offsets.
void DeltaScanSource::adapt_span(std::int64_t rows, std::int64_t bytes, const PollLimits& limits) {
  const double filled = std::max(static_cast<double>(rows) / static_cast<double>(std::max<std::int64_t>(limits.rows, 1)),
                                 static_cast<double>(bytes) / static_cast<double>(std::max<std::int64_t>(limits.bytes, 1)));
  if (filled > 1.0) span_ = std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(span_) / filled));
  else if (filled < 0.5) span_ = std::min(kMaxSpan, span_ * 2);
}

std::vector<std::string> DeltaScanSource::files_of(std::int32_t partition, std::int64_t from, std::int64_t until, std::int64_t& first) const {
  std::vector<std::string> files;
  for (std::size_t i = 0; i < table_.files.size(); ++i) {
    const std::string& statistics = table_.adds[i].statistics;
    const auto partitions = delta::integer_range(statistics, std::string(origin::partition));
    const auto offsets = delta::integer_range(statistics, std::string(origin::offset));
    if ((partitions.least && *partitions.least > partition) || (partitions.most && *partitions.most < partition)) continue;
    if ((offsets.least && *offsets.least >= until) || (offsets.most && *offsets.most < from)) continue;
    files.push_back(table_.files[i]);
    first = std::min(first, offsets.least.value_or(0));
  }
  return files;
}

}  // namespace penstock
