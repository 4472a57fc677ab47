#include "connectors/delta/delta_reader.h"

#include <algorithm>
#include <filesystem>

#include "connectors/delta/features.h"
#include "connectors/delta/log_folder.h"
#include "connectors/delta/ownership.h"
#include "connectors/delta/partitions.h"
#include "connectors/delta/schema_string.h"
#include "connectors/delta/statistics.h"

namespace penstock {
namespace {

Result<DeltaTableSnapshot> to_table_snapshot(const delta::Snapshot& snapshot, const std::string& folder) {
  PENSTOCK_TRY(delta::check_readable(snapshot));
  DeltaTableSnapshot table{.version = snapshot.version, .rows = 0, .is_partitioned = !snapshot.metadata.partition_columns.empty()};
  PENSTOCK_ASSIGN(const auto columns, delta::parse_columns(snapshot.metadata.schema_string));
  PENSTOCK_ASSIGN(table.schema, delta::to_schema(columns));
  for (const auto& [path, file] : snapshot.files) {
    table.files.push_back(folder + "/" + path);
    table.adds.push_back(file);
    const auto rows = delta::row_count(file.statistics);
    if (table.rows) table.rows = rows ? std::optional(*table.rows + *rows) : std::nullopt;
  }
  for (const auto& [app_id, transaction] : snapshot.transactions)
    if (transaction.version != delta::kRetired) table.last_epochs[app_id] = transaction.version;
  return table;
}

}  // namespace

Status read_rows(Parquet& parquet, const DeltaTableSnapshot& table, const std::vector<std::string>& files, const std::string& condition, const SchemaPtr& schema,
                 const std::function<Status(const Batch&)>& rows) {
  if (!table.is_partitioned) return parquet.read(files, condition, schema, rows);
  for (const std::string& file : files) {
    const auto at = static_cast<std::size_t>(std::find(table.files.begin(), table.files.end(), file) - table.files.begin());
    PENSTOCK_TRY(parquet.read_range({.path = file, .constants = delta::constants_of(table.adds[at].partition), .condition = condition}, schema, rows));
  }
  return {};
}

Result<DeltaTable> DeltaTable::open(std::string folder, Parquet* parquet) {
  DeltaTable table(delta::DeltaLog(std::move(folder), parquet));
  PENSTOCK_TRY(table.log_.refresh());
  if (!table.log_.snapshot().exists())
    return Error(ErrorKind::not_found, "there is no Delta table", "", table.log_.folder());
  PENSTOCK_TRY(delta::check_readable(table.log_.snapshot()));
  return table;
}

Result<DeltaTableSnapshot> DeltaTable::snapshot(std::optional<std::int64_t> version) {
  if (version) {
    PENSTOCK_ASSIGN(const delta::Snapshot past, log_.read(version));
    return to_table_snapshot(past, log_.folder());
  }
  PENSTOCK_TRY(log_.refresh());
  return to_table_snapshot(log_.snapshot(), log_.folder());
}

bool DeltaTable::is_whole(const DeltaTableSnapshot& snapshot) const {
  std::error_code failed;
  return std::all_of(snapshot.files.begin(), snapshot.files.end(), [&](const std::string& file) { return std::filesystem::exists(file, failed); });
}

Result<DeltaTableSnapshot> DeltaTable::past(std::int64_t version) {
  PENSTOCK_TRY(log_.refresh());
  const std::int64_t newest = log_.snapshot().version;
  const std::string which = "version " + std::to_string(version);
  if (version > newest) return Error(ErrorKind::not_found, which + " is not there yet: the newest is " + std::to_string(newest), "", log_.folder());
  auto found = snapshot(version);
  if (found.ok() && is_whole(*found)) return found;
  if (!found.ok() && found.error().kind != ErrorKind::not_found) return found;
  const char* why = found.ok() ? " cannot be read any more: some of its files were removed" : " cannot be read any more: the log does not go back so far";
  // What is held is held from some version on.
  std::int64_t oldest = version + 1;
  for (std::int64_t above = newest; oldest < above;) {
    const std::int64_t middle = oldest + (above - oldest) / 2;
    const auto one = snapshot(middle);
    if (one.ok() && is_whole(*one)) above = middle;
    else oldest = middle + 1;
  }
  return Error(ErrorKind::not_found, which + why, "versions " + std::to_string(oldest) + " to " + std::to_string(newest) + " are held; `retention` of the table's sink keeps them longer",
               log_.folder());
}

Result<std::int64_t> DeltaTable::version_at(Timestamp time) const {
  PENSTOCK_ASSIGN(const delta::LogListing listing, delta::list_log(log_.log_folder()));
  std::optional<std::int64_t> found;
  for (const std::int64_t version : listing.commits) {
    PENSTOCK_ASSIGN(const std::optional<std::int64_t> committed, log_.committed_at(version));
    if (committed && *committed * 1000 > to_micros(time)) break;
    if (committed) found = version;
  }
  if (found) return *found;
  return Error(ErrorKind::not_found, "the table's log does not go back to " + to_iso8601(time), "", log_.folder());
}

}  // namespace penstock
