#include "connectors/files/files_connector.h"

#include <filesystem>

#include "connectors/files/csv_decoder.h"
#include "connectors/files/files_source.h"
#include "io/dms_decoder.h"

namespace penstock {
namespace {

using namespace files;

std::vector<SettingSpec> source_settings() {
  return {
      {.name = "path", .required = true, .help = "The folder to watch; relative to the workspace."},
      {.name = "pattern", .fallback = "*", .help = "Which names are taken: * and ? as usual; of Parquet files *.parquet where it is left out."},
      {.name = "recursive", .type = SettingType::boolean, .fallback = "false", .help = "Folders below it, too."},
      {.name = "header", .type = SettingType::boolean, .fallback = "true", .help = "csv: the first line names the columns."},
      {.name = "delimiter", .fallback = ",", .help = "csv: one character, or tab."},
      {.name = "partitions", .type = SettingType::integer, .fallback = "1", .help = "Files are spread over so many partitions by their names.", .unit = "partitions"},
      {.name = "watch", .type = SettingType::boolean, .fallback = "true", .help = "Wait for new files; false: end after those that are there."},
      {.name = "every", .type = SettingType::duration, .fallback = "1s", .help = "How often the folder is looked at."},
      {.name = "ready", .fallback = "settle", .help = "When a file is finished: unchanged for `settle`, or \"<name>.done\" is there.",
       .choices = {"settle", "done"}},
      {.name = "settle", .type = SettingType::duration, .fallback = "2s", .help = "How long a file must be unchanged."},
      {.name = "envelope", .fallback = "none", .help = "dms: the files of AWS DMS; rows are changes by `key`, as their column Op says (I, U, D; none in files of a full load, which are read first).",
       .choices = {"none", "dms"}},
      {.name = "null_value", .fallback = "NULL", .help = "envelope dms, csv: what stands for NULL, as csvNullValue."},
      {.name = "record_max", .type = SettingType::bytes, .fallback = "16MiB", .help = "A larger record ends the file with an error."},
  };
}

Error wrong(const Settings& settings, std::string_view key, std::string message) {
  const Setting* found = settings.root().find(key);
  return {ErrorKind::invalid_argument, std::move(message), "", (found ? found->at : settings.root().at).to_string()};
}

Result<char> read_delimiter(const Settings& settings) {
  const std::string text = settings.text("delimiter", ",");
  if (text == "tab" || text == "\\t") return '\t';
  if (text.size() != 1 || text == "\"" || text == "\n") return wrong(settings, "delimiter", "'delimiter' is one character, or tab");
  return text[0];
}

bool is_of_dms(const Settings& settings) { return settings.text("envelope", "none") == "dms"; }

Result<FilesConfig> read_config(const Settings& settings, const ConnectorContext& context) {
  namespace fs = std::filesystem;
  FilesConfig config;
  config.name = settings.text("path");
  if (config.name.empty()) return wrong(settings, "path", "'path' must name a folder");
  config.rules.folder = (fs::path(context.workspace_root) / config.name).lexically_normal().string();
  const std::string format = settings.text("format", "json");
  config.rules.pattern = settings.text("pattern", format == "parquet" ? "*.parquet" : "*");
  config.rules.wait_for_done = settings.text("ready", "settle") == "done";
  config.framing = format == "csv" ? Framing::csv : format == "parquet" ? Framing::parquet : Framing::lines;
  config.parquet = context.parquet;
  if (config.framing == Framing::parquet && !config.parquet) return Error(ErrorKind::internal, "Parquet files need something that reads them");
  config.state_dir = context.state_dir;
  config.again = context.again;
  PENSTOCK_ASSIGN(config.rules.recursive, settings.boolean("recursive", false));
  PENSTOCK_ASSIGN(config.rules.settle, settings.duration("settle", std::chrono::seconds(2)));
  PENSTOCK_ASSIGN(config.header, settings.boolean("header", true));
  PENSTOCK_ASSIGN(config.delimiter, read_delimiter(settings));
  PENSTOCK_ASSIGN(config.watch, settings.boolean("watch", true));
  PENSTOCK_ASSIGN(config.every, settings.duration("every", std::chrono::seconds(1)));
  PENSTOCK_ASSIGN(config.record_max_bytes, settings.bytes("record_max", 16 << 20));
  PENSTOCK_ASSIGN(const std::int64_t partitions, settings.integer("partitions", 1));
  if (partitions < 1 || partitions > 256) return wrong(settings, "partitions", "'partitions' must be from 1 to 256");
  config.partitions = static_cast<std::int32_t>(partitions);
  config.rules.full_load_first = is_of_dms(settings);
  if (config.rules.full_load_first && partitions > 1) return wrong(settings, "partitions", "the files of DMS are read one after the other: changes of a key are in several of them");
  return config;
}

Result<std::unique_ptr<Source>> make_source(const Settings&, const Settings& settings, const ConnectorContext& context) {
  PENSTOCK_ASSIGN(FilesConfig config, read_config(settings, context));
  return std::unique_ptr<Source>(std::make_unique<FilesSource>(std::move(config), *context.clock));
}

Result<std::unique_ptr<Decoder>> make_csv(const DecoderContext& context) {
  const std::string& contract_path = context.contract_path;
  if (contract_path.empty())
    return Error(ErrorKind::failed_precondition, "format csv needs a contract, declared or inferred from the first records");
  PENSTOCK_ASSIGN(const Contract contract, load_contract(contract_path));
  PENSTOCK_ASSIGN(const char delimiter, read_delimiter(context.source_settings));
  const bool of_dms = is_of_dms(context.source_settings);
  std::optional<DmsCsv> as_dms;
  if (of_dms) as_dms = DmsCsv{context.source_settings.text("null_value", "NULL")};
  const auto make_rows = [&](const Contract& rows) { return make_csv_decoder(rows, delimiter, as_dms); };
  auto decoder = of_dms ? dms::make_decoder(contract, context.source_settings.list("key"), make_rows) : make_rows(contract);
  if (!decoder.ok()) return Error(decoder.error().kind, decoder.error().message, decoder.error().action, contract_path);
  return decoder;
}

}  // namespace

Connector files_connector() { return {.kind = "files", .source_settings = source_settings(), .make_source = make_source}; }

void add_files_formats(ConnectorCatalog& catalog) {
  catalog.add_format("csv", make_csv);
  catalog.add_inference("csv", [](const RawBatch& sample, const Settings& settings) -> Result<std::string> {
    PENSTOCK_ASSIGN(const char delimiter, read_delimiter(settings));
    return infer_csv_contract(sample, delimiter);
  });
}

}  // namespace penstock
