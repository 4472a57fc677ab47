#include <algorithm>

#include "workspace/map_reader.h"
#include "workspace/registry_subject.h"
#include "workspace/stream_reader.h"
#include "workspace/table_name.h"

// Sources and sinks: where a stream touches a connector.

namespace penstock {
namespace {

const std::vector<std::string> kLaterSources{"kinesis", "cosmos"};
const std::vector<std::string> kLaterSinks{"files", "elasticsearch", "cosmos", "bigquery"};
const std::vector<std::string> kSourceKeys{"connection", "contract", "format", "partitioned_by"};
constexpr std::string_view kChanges = "debezium";      // the format whose records are changes by key
const std::vector<std::string> kSinkKeys{"connection", "mode", "key"};

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The kinds that can be a source (or a sink) here, for "expected one of".
std::vector<std::string> kinds(const SettingCatalog& catalog, bool ConnectorDeclaration::*role) {
  std::vector<std::string> names;
  for (const auto& [kind, declaration] : catalog.connectors)
    if (declaration.*role) names.push_back(kind);
  return names;
}

void report_unknown_kind(const Location& at, const std::string& kind, const std::string& role, const std::vector<std::string>& known,
                         const std::vector<std::string>& later, Problems& problems) {
  if (contains(later, kind))
    problems.push_back({at, "the " + role + " kind '" + kind + "' comes in a later version", "one of " + joined(known), {}});
  else
    problems.push_back({at, "unknown " + role + " kind " + quote(kind), "one of " + joined(known), did_you_mean(kind, known)});
}

// The wire format: what the file says, else what the connector always gives, else what the contract is.
std::string format_of(const std::string& said, const std::string& contract, const ConnectorDeclaration& declaration) {
  if (!said.empty()) return said;
  for (const SettingSpec& spec : declaration.source)
    if (spec.name == "format" && !spec.fallback.empty()) return spec.fallback;
  // A registry says only when it is asked what a subject is: mostly Avro.
  if (contract.ends_with(".avsc") || is_registry_subject(contract)) return "avro";
  if (contract.ends_with(".proto")) return "protobuf";
  return "json";
}

void check_format(const SourceSpec& source, const Setting& map, const SettingCatalog& catalog, Problems& problems) {
  if (catalog.formats.empty() || contains(catalog.formats, source.format)) return;
  const Setting* said = map.find("format");
  problems.push_back({said ? said->at : map.at, "the format " + quote(source.format) + " cannot be read in this version",
                      "one of " + joined(catalog.formats), did_you_mean(source.format, catalog.formats)});
}

bool declares(const std::vector<SettingSpec>& settings, std::string_view name) {
  return std::any_of(settings.begin(), settings.end(), [&](const SettingSpec& setting) { return setting.name == name; });
}

// Changes without a key could not be told apart; rows that are each new need none.
void read_change_key(MapReader& reader, const ConnectorDeclaration& connector, SourceSpec& source, const Setting& map, Problems& problems) {
  const Setting* key = reader.find("key");
  const bool of_dms = declares(connector.source, "envelope") && source.settings.text("envelope") == "dms";
  const bool changes = source.format == kChanges || of_dms;
  if (changes && !key)
    reader.missing("key", "the columns of the table's primary key: key: [id]");
  else if (changes)
    source.change_key = reader.names("key");
  else if (key && !declares(connector.source, "key"))
    problems.push_back({key->key_at.line > 0 ? key->key_at : map.at, "'key' is for records that are changes, and format " + quote(source.format) + " gives rows that are each new",
                        "format: " + std::string(kChanges) + ", or no key", {}});
}

SourceSpec read_source(const std::string& name, const Setting& outer, const SettingCatalog& catalog, Problems& problems) {
  SourceSpec source;
  source.name = name;
  source.at = outer.at;
  if (outer.kind != Setting::Kind::map || outer.entries.size() != 1) {
    problems.push_back({outer.at, "a source has exactly one kind", "{ kafka: { … } }", {}});
    return source;
  }
  const auto& [kind, said] = outer.entries.front();
  Setting map = said;
  if (kind == "table" && map.kind == Setting::Kind::text) {      // short for { table: silver.sales }
    map = table_setting(said.text, said.at);
    map.key_at = said.key_at;
  }
  source.kind = kind;
  source.at = map.key_at;
  const auto found = catalog.connectors.find(kind);
  if (found == catalog.connectors.end() || !found->second.is_source) {
    report_unknown_kind(map.key_at, kind, "source", kinds(catalog, &ConnectorDeclaration::is_source), kLaterSources, problems);
    return source;
  }
  const std::string what = "the " + kind + " source";
  MapReader reader(map, what, problems);
  source.connection = reader.text("connection");
  source.contract = reader.text("contract");
  if (reader.find("partitioned_by")) source.partitioned_by = reader.names("partitioned_by");
  source.format = format_of(reader.text("format"), source.contract, found->second);
  source.settings = Settings(map);
  read_change_key(reader, found->second, source, map, problems);
  if (!found->second.connection.empty() && source.connection.empty()) reader.missing("connection", "the name of a connection in connections.yaml");
  check_format(source, map, catalog, problems);
  std::vector<std::string> keys = kSourceKeys;
  if (map.find("key")) keys.push_back("key");
  if (map.kind == Setting::Kind::map) check_settings(map, found->second.source, keys, what, problems);
  check_secrets(map, problems);
  return source;
}

// The table of a sink: what `delta: gold.sales` says, or its `table` (`topic`, …) key.
std::string table_of(const Setting& map) {
  if (map.kind == Setting::Kind::text) return map.text;
  for (const std::string_view key : {"table", "topic", "path"})
    if (const Setting* table = map.find(key)) return table->text;
  return {};
}

void read_sink_mode(MapReader& reader, SinkSpec& sink, Problems& problems) {
  if (const auto mode = reader.choice("mode", {"append", "upsert", "replace"})) sink.mode = static_cast<WriteMode>(*mode);
  if (reader.find("key")) sink.key = reader.names("key");
  if (sink.mode == WriteMode::replace)
    problems.push_back({sink.at, "'mode: replace' is not for the endless rows of a stream", "append or upsert", {}});
}

SinkSpec read_sink(const Setting& outer, const SettingCatalog& catalog, Problems& problems) {
  SinkSpec sink;
  sink.at = outer.at;
  MapReader outer_reader(outer, "a sink", problems);
  sink.from = outer_reader.required_text("from", "the step whose rows it takes");
  if (const Setting* from = outer.find("from")) sink.from_at = from->at;
  const Setting* map = nullptr;
  for (const auto& [key, value] : outer.entries) {
    if (key == "from") continue;
    if (map) problems.push_back({value.key_at, "a sink has exactly one kind", "a second entry in `sinks:`", {}});
    else map = &value, sink.kind = key;
  }
  if (!map) {
    outer_reader.missing("kind", "one of " + joined(kinds(catalog, &ConnectorDeclaration::is_sink)) + ": { from: step, delta: gold.sales }");
    return sink;
  }
  sink.at = map->key_at;
  const auto found = catalog.connectors.find(sink.kind);
  if (found == catalog.connectors.end() || !found->second.is_sink) {
    report_unknown_kind(sink.at, sink.kind, "sink", kinds(catalog, &ConnectorDeclaration::is_sink), kLaterSinks, problems);
    return sink;
  }
  sink.table = table_of(*map);
  if (sink.kind == "delta") check_table_name(sink.table, map->at, problems);
  if (map->kind == Setting::Kind::text && sink.kind == "delta") {
    sink.settings = Settings(table_setting(sink.table, map->at));
    return sink;
  }
  sink.settings = Settings(*map);
  const std::string what = "the " + sink.kind + " sink";
  MapReader reader(*map, what, problems);
  sink.connection = reader.text("connection");
  if (!found->second.connection.empty() && sink.connection.empty()) reader.missing("connection", "the name of a connection in connections.yaml");
  read_sink_mode(reader, sink, problems);
  if (map->kind == Setting::Kind::map) check_settings(*map, found->second.sink, kSinkKeys, what, problems);
  check_secrets(*map, problems);
  return sink;
}

}  // namespace

void read_sources(MapReader& stream_map, const SettingCatalog& catalog, StreamSpec& stream, Problems& problems) {
  const Setting* one = stream_map.find("source");
  const Setting* several = stream_map.find("sources");
  if (one && several) problems.push_back({several->key_at, "a stream has 'source' or 'sources', not both", {}, {}});
  if (!one && !several) stream_map.missing("source", "where its rows come from: source: { kafka: { … } }");
  if (one) {
    stream.sources.push_back(read_source("source", *one, catalog, problems));
  } else if (several && several->kind == Setting::Kind::map && !several->entries.empty()) {
    for (const auto& [name, value] : several->entries) {
      if (!is_name(name)) problems.push_back({value.key_at, quote(name) + " cannot name a source", std::string(kNameExpected), {}});
      stream.sources.push_back(read_source(name, value, catalog, problems));
    }
  } else if (several) {
    problems.push_back({several->at, "'sources' names no source", "{ bids: { kafka: { … } }, auctions: { kafka: { … } } }", {}});
  }
}

void read_sinks(MapReader& stream_map, const SettingCatalog& catalog, StreamSpec& stream, Problems& problems) {
  const Setting* sinks = stream_map.find("sinks");
  if (!sinks) return;
  if (sinks->kind != Setting::Kind::list) {
    problems.push_back({sinks->at, "'sinks' is not a list", "- { from: velocity, delta: gold.sales_velocity }", {}});
    return;
  }
  for (const Setting& item : sinks->items) stream.sinks.push_back(read_sink(item, catalog, problems));
}

}  // namespace penstock
