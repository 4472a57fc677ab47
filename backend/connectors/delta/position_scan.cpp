#include "connectors/delta/position_scan.h"

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

// The columns of a position, then those that only the row filter looks at.
const SchemaPtr& position_schema() {
  static const SchemaPtr schema = std::make_shared<const Schema>(
      std::vector<Field>{{std::string(origin::partition), {TypeKind::int32}},
                         {std::string(origin::offset), {TypeKind::int64}},
                         {std::string(origin::source), {TypeKind::varchar}},
                         {std::string(origin::source_time), {TypeKind::timestamp}}});
  return schema;
}

// Files of several epochs are read one after the other, and a compacted one holds several.
Batch sorted_by_offset(const std::vector<Batch>& batches) {
  const Batch rows = Batch::concat(batches);
  const ColumnView offsets = *rows.find(origin::offset);
  std::vector<std::int64_t> order(static_cast<std::size_t>(rows.rows()));
  std::iota(order.begin(), order.end(), 0);
  const auto earlier = [&](std::int64_t a, std::int64_t b) { return offsets.int64(a) < offsets.int64(b); };
  if (std::is_sorted(order.begin(), order.end(), earlier)) return rows;
  std::stable_sort(order.begin(), order.end(), earlier);
  return rows.take(order);
}

}  // namespace

PositionScan::PositionScan(DeltaTableSnapshot table, Options options, Parquet* parquet)
    : table_(std::move(table)), parquet_(parquet), options_(std::move(options)), span_(kFirstSpan) {}

std::string PositionScan::row_filter() const {
  const std::string of_source = delta::sql_name(origin::source) + " = " + delta::sql_value(options_.source);
  return options_.filter.empty() ? of_source : of_source + " AND " + options_.filter;
}

Result<std::vector<PartitionRange>> PositionScan::partitions() {
  std::map<std::int32_t, PartitionRange> ranges;
  PENSTOCK_TRY(read_rows(*parquet_, table_, table_.files, row_filter(), position_schema(), [&](const Batch& rows) -> Status {
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
Result<Positions> PositionScan::heads_if_needed() {
  Positions heads;
  const bool all_tell = std::all_of(table_.adds.begin(), table_.adds.end(), [](const delta::AddFile& file) {
    return delta::integer_range(file.statistics, std::string(origin::offset)).most.has_value();
  });
  if (all_tell) return heads;
  PENSTOCK_ASSIGN(const auto ranges, partitions());
  for (const PartitionRange& range : ranges) heads[range.partition] = range.head;
  return heads;
}

Status PositionScan::assign(const std::vector<Assignment>& assignments) {
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

Result<std::optional<Batch>> PositionScan::next(Cancellation cancellation) {
  while (!cursors_.empty() && !cancellation.stop_requested()) {
    bool more = false;
    PENSTOCK_ASSIGN(Batch rows, read_some(cursors_.front(), more));
    if (!more) {
      cursors_.erase(cursors_.begin());
    } else {
      std::rotate(cursors_.begin(), cursors_.begin() + 1, cursors_.end());   // partitions advance side by side
    }
    if (!rows.empty()) return std::optional(std::move(rows));
  }
  return std::optional<Batch>();
}

Result<Batch> PositionScan::read_some(Cursor& cursor, bool& more) {
  std::int64_t first = kEnd;
  more = !files_of(cursor.partition, cursor.next, cursor.until, first).empty();
  if (!more) return Batch();
  const std::int64_t from = std::max(cursor.next, first);
  const std::int64_t until = from > cursor.until - std::min(span_, cursor.until) ? cursor.until : from + span_;
  const auto files = files_of(cursor.partition, from, until, first);

  std::vector<Batch> batches;
  std::int64_t rows = 0, bytes = 0;
  const std::string condition = row_filter() + " AND " + delta::sql_name(origin::partition) + " = " + std::to_string(cursor.partition) + " AND " +
                                delta::sql_between(delta::sql_name(origin::offset), from, until);
  PENSTOCK_TRY(read_rows(*parquet_, table_, files, condition, options_.columns, [&](const Batch& batch) -> Status {
    rows += batch.rows();
    bytes += batch.bytes();
    if (!batch.empty()) batches.push_back(batch);
    return {};
  }));
  adapt_span(rows, bytes);
  cursor.next = until;
  more = cursor.next < cursor.until;
  return batches.empty() ? Batch() : sorted_by_offset(batches);
}

// As many offsets as give about what one step may take, whatever lies between two offsets.
void PositionScan::adapt_span(std::int64_t rows, std::int64_t bytes) {
  const double filled = std::max(static_cast<double>(rows) / static_cast<double>(std::max<std::int64_t>(options_.limits.rows, 1)),
                                 static_cast<double>(bytes) / static_cast<double>(std::max<std::int64_t>(options_.limits.bytes, 1)));
  if (filled > 1.0) span_ = std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(span_) / filled));
  else if (filled < 0.5) span_ = std::min(kMaxSpan, span_ * 2);
}

std::vector<std::string> PositionScan::files_of(std::int32_t partition, std::int64_t from, std::int64_t until, std::int64_t& first) const {
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
