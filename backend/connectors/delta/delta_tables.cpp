#include "connectors/delta/delta_tables.h"

#include "connectors/delta/delta_reader.h"
#include "connectors/delta/delta_scan_source.h"
#include "connectors/delta/log.h"

namespace penstock {
namespace {

Status read_table(const std::string& tables_root, const std::string& table, const std::string& condition, Parquet& parquet,
                  const std::function<Status(const Batch&)>& rows) {
  PENSTOCK_ASSIGN(std::string folder, delta::table_folder(tables_root, table));
  PENSTOCK_ASSIGN(DeltaTable opened, DeltaTable::open(std::move(folder), &parquet));
  PENSTOCK_ASSIGN(const DeltaTableSnapshot snapshot, opened.snapshot());
  if (snapshot.files.empty()) return {};
  return read_rows(parquet, snapshot, snapshot.files, condition, snapshot.schema, rows);
}

Result<TableState> look_at(const std::string& tables_root, const std::string& table, Parquet& parquet) {
  PENSTOCK_ASSIGN(std::string folder, delta::table_folder(tables_root, table));
  PENSTOCK_ASSIGN(DeltaTable opened, DeltaTable::open(std::move(folder), &parquet));
  PENSTOCK_ASSIGN(const DeltaTableSnapshot snapshot, opened.snapshot());
  return TableState{snapshot.version, snapshot.schema};
}

Result<std::unique_ptr<Source>> scan_table(const std::string& tables_root, const std::string& table, const std::string& source, Parquet& parquet) {
  DeltaScanOptions options;
  PENSTOCK_ASSIGN(options.folder, delta::table_folder(tables_root, table));
  options.source = source;
  PENSTOCK_ASSIGN(std::unique_ptr<DeltaScanSource> scan, DeltaScanSource::open(std::move(options), &parquet));
  return std::unique_ptr<Source>(std::move(scan));
}

Result<std::unique_ptr<TableScan>> scan_rows(const std::string& tables_root, const std::string& table, const std::string& source, const SchemaPtr& columns,
                                             Parquet& parquet) {
  PENSTOCK_ASSIGN(std::string folder, delta::table_folder(tables_root, table));
  PENSTOCK_ASSIGN(DeltaTable opened, DeltaTable::open(std::move(folder), &parquet));
  PENSTOCK_ASSIGN(DeltaTableSnapshot snapshot, opened.snapshot());
  return std::unique_ptr<TableScan>(std::make_unique<PositionScan>(std::move(snapshot), PositionScan::Options{.source = source, .columns = columns}, &parquet));
}

}  // namespace

void add_delta_tables(ConnectorCatalog& catalog) {
  catalog.set_table_reader(read_table);
  catalog.set_table_look(look_at);
  catalog.set_table_scanner(scan_table);
  catalog.set_row_scanner(scan_rows);
}

}  // namespace penstock
