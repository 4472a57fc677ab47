#include "stream/stream_connectors.h"

namespace penstock {

ConnectorContext StreamConnectors::context() const {
  ConnectorContext context;
  context.clock = clock;
  context.parquet = parquet;
  context.workspace_root = launch->workspace->root;
  context.tables_root = launch->tables_root;
  context.stream = launch->stream;
  context.shard = shard;
  context.adds_columns = launch->workspace->find_stream(launch->stream)->drift == DriftPolicy::evolve;
  context.memory_bytes = source_memory_bytes;
  return context;
}

const Settings& StreamConnectors::connection_of(const std::string& name) const {
  static const Settings none;
  const ConnectionSpec* connection = launch->workspace->find_connection(name);
  return connection ? connection->settings : none;
}

Result<std::unique_ptr<Source>> StreamConnectors::make_source(const SourceSpec& spec, bool again) const {
  const Connector* connector = catalog->find(spec.kind);
  if (!connector || !connector->make_source)
    return Error(ErrorKind::unsupported, "a source of kind '" + spec.kind + "' is not in this version", "", spec.at.to_string());
  ConnectorContext given = context();
  given.again = again;
  given.state_dir = launch->state_root + "/streams/" + launch->stream + "/sources/" + spec.name;
  return connector->make_source(connection_of(spec.connection), spec.settings, given);
}

Result<std::unique_ptr<Sink>> StreamConnectors::make_sink(const SinkSpec& spec) const {
  const Connector* connector = catalog->find(spec.kind);
  if (!connector || !connector->make_sink)
    return Error(ErrorKind::unsupported, "a sink of kind '" + spec.kind + "' is not in this version", "", spec.at.to_string());
  return connector->make_sink(connection_of(spec.connection), spec.settings, context());
}

Result<std::shared_ptr<SchemaRegistry>> StreamConnectors::make_registry(const SourceSpec& spec) const {
  if (!catalog->registry()) return std::shared_ptr<SchemaRegistry>();
  return catalog->registry()(connection_of(spec.connection), launch->state_root + "/registry");
}

}  // namespace penstock
