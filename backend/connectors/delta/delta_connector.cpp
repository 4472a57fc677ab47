#include "connectors/delta/delta_connector.h"

#include "base/iso8601.h"
#include "connectors/delta/delta_scan_source.h"
#include "connectors/delta/delta_sink.h"

namespace penstock {
namespace {

std::vector<SettingSpec> sink_settings() {
  return {
      {.name = "table", .type = SettingType::text, .required = true, .help = "The table, as layer.name; one stream writes it."},
      {.name = "mode", .type = SettingType::text, .fallback = "append", .help = "How rows meet those that are there; a step with changes upserts.",
       .choices = {"append", "upsert"}},
      {.name = "key", .type = SettingType::list, .help = "The columns that make two rows the same, for mode: upsert."},
      {.name = "partition_by", .type = SettingType::list, .help = "Columns whose values divide the table into folders; of few different values. Not with a key."},
      {.name = "flush", .type = SettingType::duration, .fallback = "10s",
       .help = "How long rows wait at most before they are visible in the table; `query` sees them at once."},
      {.name = "flush_bytes", .type = SettingType::bytes, .fallback = "128MiB", .help = "So much waiting data is committed at once."},
      {.name = "compression", .type = SettingType::text, .fallback = "snappy", .help = "How the Parquet files are compressed.",
       .choices = {"snappy", "lz4_raw", "zstd", "uncompressed"}},
      {.name = "retention", .type = SettingType::duration, .fallback = "7d",
       .help = "How long replaced files and old log entries stay for those who still read them."},
      {.name = "take_over", .type = SettingType::boolean, .fallback = "false",
       .help = "Go on with a table that another state of this stream has written."},
  };
}

std::vector<SettingSpec> source_settings() {
  return {
      {.name = "table", .type = SettingType::text, .required = true, .help = "A bronze table, as layer.name."},
      {.name = "source", .type = SettingType::text, .required = true, .help = "Only rows whose _source is this."},
      {.name = "from_time", .type = SettingType::text, .help = "Only rows whose _source_time is not before this (ISO 8601, UTC)."},
      {.name = "until_time", .type = SettingType::text, .help = "Only rows whose _source_time is before this (ISO 8601, UTC)."},
      {.name = "version", .type = SettingType::integer, .help = "The version of the table that is read; by default the newest.", .unit = "version"},
  };
}

std::chrono::milliseconds to_milliseconds(std::chrono::microseconds time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time);
}

Error no_parquet() { return Error(ErrorKind::internal, "a Delta table needs something that reads and writes Parquet"); }

Result<std::optional<Timestamp>> read_time(const Settings& settings, const char* key) {
  const Setting* found = settings.root().find(key);
  if (!found) return std::optional<Timestamp>();
  const auto time = parse_iso_time(found->text, Zone::utc_if_absent);
  if (!time)
    return Error(ErrorKind::invalid_argument, "'" + found->text + "' is not a time", "write it as 2026-11-20T14:32:07.250Z", found->at.to_string());
  return time;
}

Result<std::unique_ptr<Source>> make_source(const Settings&, const Settings& settings, const ConnectorContext& context) {
  if (!context.parquet) return no_parquet();
  DeltaScanOptions options{.source = settings.text("source")};
  PENSTOCK_ASSIGN(options.folder, delta::table_folder(context.tables_root, settings.text("table")));
  PENSTOCK_ASSIGN(options.from_time, read_time(settings, "from_time"));
  PENSTOCK_ASSIGN(options.until_time, read_time(settings, "until_time"));
  if (settings.has("version")) {
    PENSTOCK_ASSIGN(options.version, settings.integer("version", 0));
  }
  PENSTOCK_ASSIGN(std::unique_ptr<Source> source, DeltaScanSource::open(std::move(options), context.parquet));
  return source;
}

Result<std::unique_ptr<Sink>> make_sink(const Settings&, const Settings& settings, const ConnectorContext& context) {
  if (!context.parquet) return no_parquet();
  DeltaSinkOptions options;
  options.table = settings.root().kind == Setting::Kind::text ? settings.root().text : settings.text("table");
  PENSTOCK_ASSIGN(options.folder, delta::table_folder(context.tables_root, options.table));
  options.append_only = options.table.starts_with("bronze.");
  if (settings.text("mode", "append") == "upsert") {
    options.key = settings.list("key");
    if (options.key.empty()) return Error(ErrorKind::invalid_argument, "mode: upsert needs a key", "key: [sku, window_start]", settings.root().at.to_string());
    if (options.append_only)
      return Error(ErrorKind::invalid_argument, "a bronze table only takes new rows", "write to a table of another layer", settings.root().at.to_string());
  }
  options.partition_by = settings.list("partition_by");
  if (!options.partition_by.empty() && !options.key.empty())
    return Error(ErrorKind::invalid_argument, "a table with a key cannot be divided by partition columns", "mode: append, or no partition_by", settings.root().at.to_string());
  PENSTOCK_ASSIGN(const auto flush, settings.duration("flush", options.flush));
  options.flush = to_milliseconds(flush);
  PENSTOCK_ASSIGN(options.flush_bytes, settings.bytes("flush_bytes", options.flush_bytes));
  options.parquet.compression = settings.text("compression", options.parquet.compression);
  PENSTOCK_ASSIGN(const auto retention, settings.duration("retention", options.retention));
  options.retention = to_milliseconds(retention);
  PENSTOCK_ASSIGN(options.take_over, settings.boolean("take_over", options.take_over));
  return std::unique_ptr<Sink>(std::make_unique<DeltaSink>(std::move(options), context.parquet, context.clock));
}

}  // namespace

Connector delta_connector() {
  return {.kind = "delta",
          .source_settings = source_settings(),
          .sink_settings = sink_settings(),
          .make_source = make_source,
          .make_sink = make_sink};
}

}  // namespace penstock
