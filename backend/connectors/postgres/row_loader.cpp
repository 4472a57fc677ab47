#include "connectors/postgres/row_loader.h"

#include <algorithm>

#include "base/crash_point.h"
#include "connectors/postgres/pg_types.h"

namespace penstock::postgres {
namespace {

constexpr std::size_t kChunkBytes = 64 << 10;
constexpr const char* kStaging = "pg_temp.penstock_staging";
constexpr const char* kRowNumber = "penstock_row";
constexpr const char* kRemoved = "penstock_removed";

bool removes(const Batch& rows, std::int64_t row) {
  const auto op = rows.find(change::op);
  return op && !op->is_null(row) && op->bytes(row) == change::remove;
}

}  // namespace

void RowList::append(const SinkEpoch& epoch) {
  std::int64_t of_epoch = 0;
  for (const Batch& batch : epoch.rows) {
    if (!batch.empty()) runs_.push_back({&batch, size_, epoch.epoch, of_epoch});
    size_ += batch.rows();
    of_epoch += batch.rows();
  }
}

RowList::Place RowList::at(std::int64_t row) const {
  const auto after = std::upper_bound(runs_.begin(), runs_.end(), row, [](std::int64_t at, const Run& run) { return at < run.begin; });
  const Run& run = *std::prev(after);
  return {run.batch, row - run.begin, run.epoch, run.first_of_epoch + row - run.begin};
}

Status RowLoader::load(const RowList& rows) {
  if (rows.size() == 0) return {};
  if (!table_.key.empty()) PENSTOCK_TRY(make_staging());
  return load_range(rows, 0, rows.size());
}

Status RowLoader::load_range(const RowList& rows, std::int64_t begin, std::int64_t end) {
  PENSTOCK_TRY(connection_.run("SAVEPOINT penstock_rows", {}, cancellation_));
  const Status tried = try_range(rows, begin, end);
  if (tried.ok()) return connection_.run("RELEASE SAVEPOINT penstock_rows", {}, cancellation_);
  if (connection_.broken() || !connection_.failed_on_data()) return tried;

  PENSTOCK_TRY(connection_.run("ROLLBACK TO SAVEPOINT penstock_rows", {}, cancellation_));
  PENSTOCK_TRY(connection_.run("RELEASE SAVEPOINT penstock_rows", {}, cancellation_));
  if (end - begin == 1) {
    const RowList::Place place = rows.at(begin);
    refused_.push_back({place.epoch, place.row_of_epoch, tried.error().message});
    return {};
  }
  const std::int64_t middle = begin + (end - begin) / 2;
  PENSTOCK_TRY(load_range(rows, begin, middle));
  return load_range(rows, middle, end);
}

Status RowLoader::try_range(const RowList& rows, std::int64_t begin, std::int64_t end) {
  if (table_.key.empty()) {
    PENSTOCK_TRY(copy(table_.name.quoted(), table_.column_list(), false, rows, begin, end));
    crash_point("postgres.after_copy");
    return {};
  }
  PENSTOCK_TRY(connection_.run(std::string("TRUNCATE ") + kStaging, {}, cancellation_));
  PENSTOCK_TRY(copy(kStaging, std::string(kRowNumber) + ", " + kRemoved + ", " + table_.column_list(), true, rows, begin, end));
  crash_point("postgres.after_copy");
  if (table_.has_changes) PENSTOCK_TRY(connection_.run(delete_statement(), {}, cancellation_));
  return connection_.run(merge_statement(), {}, cancellation_);
}

Status RowLoader::copy(const std::string& into, const std::string& columns, bool numbered, const RowList& rows, std::int64_t begin, std::int64_t end) {
  std::string chunk;
  std::int64_t row = begin;
  const auto next = [&]() -> std::optional<std::string_view> {
    chunk.clear();
    while (row < end && chunk.size() < kChunkBytes) {
      const RowList::Place place = rows.at(row);
      if (numbered) chunk += std::to_string(row) + (removes(*place.batch, place.row) ? "\tt\t" : "\tf\t");
      append_copy_line(*place.batch, table_.columns, place.row, chunk);
      ++row;
    }
    if (chunk.empty()) return std::nullopt;
    return chunk;
  };
  return connection_.copy_in("COPY " + into + " (" + columns + ") FROM STDIN", next, cancellation_);
}

// The staging table has the target's types, so that a wrong value is refused on its way in, and no constraints.
Status RowLoader::make_staging() {
  if (has_staging_) return {};
  has_staging_ = true;
  return connection_.run(std::string("CREATE TEMP TABLE penstock_staging ON COMMIT DROP AS SELECT 0::bigint AS ") + kRowNumber + ", false AS " + kRemoved + ", " +
                             table_.column_list() + " FROM " + table_.name.quoted() + " WITH NO DATA",
                         {}, cancellation_);
}

std::string RowLoader::key_list() const {
  std::string key;
  for (const std::string& column : table_.key) key += (key.empty() ? "" : ", ") + column;
  return key;
}

// Of several rows of a key the last one.
std::string RowLoader::last_rows(bool removed) const {
  return "(SELECT * FROM (SELECT DISTINCT ON (" + key_list() + ") * FROM " + kStaging + " ORDER BY " + key_list() + ", " + kRowNumber + " DESC) AS of_key WHERE " +
         (removed ? "" : "NOT ") + kRemoved + ") AS last_rows";
}

std::string RowLoader::delete_statement() const {
  std::string same;
  for (const std::string& column : table_.key) same += (same.empty() ? "" : " AND ") + ("target." + column + " = last_rows." + column);
  return "DELETE FROM " + table_.name.quoted() + " AS target USING " + last_rows(true) + " WHERE " + same;
}

std::string RowLoader::merge_statement() const {
  std::string changes;
  for (const std::string& column : table_.quoted)
    if (std::find(table_.key.begin(), table_.key.end(), column) == table_.key.end())
      changes += (changes.empty() ? "" : ", ") + column + " = EXCLUDED." + column;
  return "INSERT INTO " + table_.name.quoted() + " (" + table_.column_list() + ") SELECT " + table_.column_list() + " FROM " + last_rows(false) +
         " ON CONFLICT (" + key_list() + ") DO " +
         (changes.empty() ? "NOTHING" : "UPDATE SET " + changes);
}

}  // namespace penstock::postgres
