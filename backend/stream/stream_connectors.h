#pragma once

// Makes the sources and sinks of a stream, for its shard and for its replays.

#include <memory>
#include <string>

#include "io/connector.h"
#include "stream/pod_runtime.h"
#include "workspace/spec.h"

namespace penstock {

struct StreamConnectors {
  const ConnectorCatalog* catalog = nullptr;
  const StreamLaunch* launch = nullptr;
  Parquet* parquet = nullptr;
  const Clock* clock = &Clock::system();
  std::int32_t shard = 0;
  std::int64_t source_memory_bytes = ConnectorContext().memory_bytes;

  // Error: unsupported for a kind that this version does not have.
  // `again`: for a replay, beside the object that the shard reads.
  Result<std::unique_ptr<Source>> make_source(const SourceSpec& spec, bool again = false) const;
  Result<std::unique_ptr<Sink>> make_sink(const SinkSpec& spec) const;
  // The schema registry of the source's connection; null where it has none. What it gave is kept for all streams.
  Result<std::shared_ptr<SchemaRegistry>> make_registry(const SourceSpec& spec) const;

 private:
  ConnectorContext context() const;
  const Settings& connection_of(const std::string& name) const;
};

}  // namespace penstock
