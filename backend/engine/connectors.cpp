#include "engine/connectors.h"

#include "connectors/avro/avro_formats.h"
#include "connectors/avro/avro_translator.h"
#include "connectors/delta/delta_connector.h"
#include "connectors/delta/delta_tables.h"
#include "connectors/delta/table_connector.h"
#include "connectors/duckdb/duckdb_connector.h"
#include "connectors/files/files_connector.h"
#include "connectors/http/http_connector.h"
#include "connectors/json/json_formats.h"
#include "connectors/kafka/kafka_connector.h"
#include "connectors/odbc/odbc_connector.h"
#include "connectors/postgres/postgres_connector.h"
#include "connectors/protobuf/proto_formats.h"
#include "connectors/registry/registry_connector.h"
#include "connectors/simulate/simulate_connector.h"
#include "connectors/sqlite/sqlite_connector.h"
#include "connectors/webhook/webhook_connector.h"
#include "engine/rejected_index_sink.h"
#include "ml/xgboost_model.h"

namespace penstock {

ConnectorCatalog all_connectors(const std::string& state_root) {
  ConnectorCatalog catalog;
  catalog.add(delta_connector());
  catalog.add(duckdb_connector());
  catalog.add(files_connector());
  catalog.add(http_connector());
  catalog.add(kafka_connector());
  catalog.add(odbc_connector());
  catalog.add(postgres_connector());
  catalog.add(postgres_cdc_connector());
  catalog.add(simulate_connector());
  catalog.add(sqlite_connector());
  catalog.add(table_connector());
  catalog.add(webhook_connector());
  catalog.add(rejected_index_connector(state_root));
  catalog.set_model_loader(load_xgboost_model);
  catalog.set_registry(make_schema_registry);
  add_avro_formats(catalog);
  add_protobuf_formats(catalog);
  add_delta_tables(catalog);
  add_files_formats(catalog);
  add_json_formats(catalog, make_avro_translator);
  return catalog;
}

SettingCatalog declarations_of(const ConnectorCatalog& catalog) {
  SettingCatalog declared;
  for (const auto& [kind, connector] : catalog.connectors()) {
    if (kind == kRejectedIndex) continue;      // the engine's own: not for a workspace to name
    declared.connectors[kind] = {.connection = connector.connection_settings, .connection_kind = connector.connection_kind, .source = connector.source_settings, .sink = connector.sink_settings,
                                 .is_source = static_cast<bool>(connector.make_source), .is_sink = static_cast<bool>(connector.make_sink)};
  }
  for (const auto& [name, format] : catalog.formats()) declared.formats.push_back(name);
  return declared;
}

}  // namespace penstock
