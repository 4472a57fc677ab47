#pragma once

#include "workspace/problem.h"
#include "workspace/setting_catalog.h"
#include "workspace/spec.h"
#include "workspace/yaml_documents.h"

namespace penstock {

class MapReader;

// The settings of a stream that `defaults:` of penstock.yaml may say for all of them.
void read_stream_options(MapReader& reader, StreamSpec& stream, Problems& problems);

// Reads one stream. `stream` holds the workspace's defaults. Names are not resolved: see stream_graph.h.
void read_stream(const YamlDocument& document, const SettingCatalog& catalog, StreamSpec& stream, Problems& problems);

// Parts of it, one file each.
void read_sources(MapReader& stream_map, const SettingCatalog& catalog, StreamSpec& stream, Problems& problems);
void read_steps(MapReader& stream_map, StreamSpec& stream, Problems& problems);
void read_sinks(MapReader& stream_map, const SettingCatalog& catalog, StreamSpec& stream, Problems& problems);

}  // namespace penstock
