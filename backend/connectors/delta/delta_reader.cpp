#include "connectors/delta/delta_reader.h"

#include "connectors/delta/features.h"
#include "connectors/delta/ownership.h"
#include "connectors/delta/schema_string.h"
#include "connectors/delta/statistics.h"

namespace penstock {
namespace {

Result<DeltaTableSnapshot> to_table_snapshot(const delta::Snapshot& snapshot, const std::string& folder) {
  PENSTOCK_TRY(delta::check_readable(snapshot));
  DeltaTableSnapshot table{.version = snapshot.version, .rows = 0};
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

}  // namespace penstock
