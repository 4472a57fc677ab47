#include "connectors/delta/delta_connector.h"

#include "connectors/delta/delta_sink.h"

namespace penstock {
namespace {

std::vector<SettingSpec> sink_settings() {
  return {
      {.name = "table", .type = SettingType::text, .required = true, .help = "The table, as layer.name; one stream writes it."},
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

std::chrono::milliseconds to_milliseconds(std::chrono::microseconds time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time);
}

Result<std::unique_ptr<Sink>> make_sink(const Settings&, const Settings& settings, const ConnectorContext& context) {
  if (!context.parquet) return Error(ErrorKind::internal, "a Delta sink needs something that writes Parquet");
  DeltaSinkOptions options;
  options.table = settings.root().kind == Setting::Kind::text ? settings.root().text : settings.text("table");
  PENSTOCK_ASSIGN(options.folder, delta::table_folder(context.tables_root, options.table));
  options.append_only = options.table.starts_with("bronze.");
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
  return {.kind = "delta", .sink_settings = sink_settings(), .make_sink = make_sink};
}

}  // namespace penstock
