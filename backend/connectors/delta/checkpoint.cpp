#include "connectors/delta/checkpoint.h"

#include <filesystem>

#include <nlohmann/json.hpp>

#include "connectors/delta/durable_file.h"

namespace penstock::delta {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLastCheckpoint = "/_last_checkpoint";

// PROTOCOL.md, "Checkpoint Schema", in the words of DuckDB's read_json: what Penstock writes of it.
constexpr const char* kColumns =
    "{'txn': 'STRUCT(appId VARCHAR, version BIGINT, lastUpdated BIGINT)', "
    "'add': 'STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, modificationTime BIGINT, "
    "dataChange BOOLEAN, stats VARCHAR)', "
    "'remove': 'STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN, extendedFileMetadata BOOLEAN, "
    "partitionValues MAP(VARCHAR, VARCHAR), size BIGINT)', "
    "'metaData': 'STRUCT(id VARCHAR, \"name\" VARCHAR, format STRUCT(provider VARCHAR, options MAP(VARCHAR, VARCHAR)), "
    "schemaString VARCHAR, partitionColumns VARCHAR[], configuration MAP(VARCHAR, VARCHAR), createdTime BIGINT)', "
    "'protocol': 'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], writerFeatures VARCHAR[])'}";

struct Lines {
  std::string text;
  std::int64_t actions = 0;
  std::int64_t files = 0;

  void add(const Action& action) {
    text.append(to_json_line(action)).push_back('\n');
    ++actions;
  }
};

Lines checkpoint_lines(const Snapshot& snapshot, std::int64_t tombstones_since_ms) {
  Lines lines;
  lines.add(snapshot.protocol);
  lines.add(snapshot.metadata);
  for (const auto& [app_id, transaction] : snapshot.transactions) lines.add(transaction);
  for (const auto& [path, file] : snapshot.files) {
    AddFile add = file;
    add.data_change = false;
    lines.add(add);
    ++lines.files;
  }
  for (const auto& [path, tombstone] : snapshot.removed) {
    if (tombstone.deleted_ms < tombstones_since_ms) continue;
    RemoveFile remove = tombstone;
    remove.data_change = false;
    lines.add(remove);
  }
  return lines;
}

Status write_parquet(const Lines& lines, const std::string& path, Parquet& parquet, const std::string& temporary) {
  const std::string ndjson = temporary + ".ndjson";
  const std::string aside = temporary + ".parquet";
  Status done = write_synced(ndjson, lines.text);
  if (done.ok()) done = parquet.write_json(ndjson, kColumns, aside);
  remove_file(ndjson);
  if (!done.ok()) {
    remove_file(aside);
    return done;
  }
  std::error_code code;
  fs::rename(aside, path, code);   // another writer's checkpoint of the same version says the same
  if (!code) return sync_folder(fs::path(path).parent_path().string());
  remove_file(aside);
  return file_error("cannot publish the checkpoint", path, code.value());
}

}  // namespace

Result<Snapshot> read_checkpoint(const std::string& log_folder, const CheckpointFiles& files, Parquet& parquet) {
  if (files.unsupported)
    return Error(ErrorKind::unsupported,
                 "the table cannot be read: it uses Delta features that Penstock does not support: v2Checkpoint",
                 "drop this feature with the program that wrote the table, or use another table", log_folder);
  Snapshot snapshot;
  bool has_protocol = false;
  bool has_metadata = false;
  for (const std::string& name : files.names) {
    const std::string path = log_folder + "/" + name;
    PENSTOCK_TRY(parquet.read_json(path, [&](std::string_view line) -> Status {
      auto action = parse_action(line);
      if (!action.ok()) return action.error().within(name);
      if (!*action) return {};
      has_protocol |= std::holds_alternative<Protocol>(**action);
      has_metadata |= std::holds_alternative<Metadata>(**action);
      snapshot.apply(**action);
      return {};
    }));
  }
  if (!has_protocol || !has_metadata)
    return Error(ErrorKind::data_loss, "the checkpoint holds no protocol or no metaData", "",
                 log_folder + "/" + (files.names.empty() ? std::string() : files.names.front()));
  snapshot.version = files.version;
  return snapshot;
}

Status write_checkpoint(const std::string& log_folder, const Snapshot& snapshot, std::int64_t tombstones_since_ms,
                        Parquet& parquet, const std::string& temporary) {
  const Lines lines = checkpoint_lines(snapshot, tombstones_since_ms);
  PENSTOCK_TRY(write_parquet(lines, log_folder + "/" + checkpoint_name(snapshot.version), parquet, temporary));
  if (last_checkpoint(log_folder).value_or(-1) >= snapshot.version) return {};
  const nlohmann::ordered_json hint{
      {"version", snapshot.version}, {"size", lines.actions}, {"numOfAddFiles", lines.files}};
  return write_replacing(log_folder + kLastCheckpoint, hint.dump(), temporary);
}

std::optional<std::int64_t> last_checkpoint(const std::string& log_folder) {
  const auto text = read_file(log_folder + kLastCheckpoint);
  if (!text.ok()) return std::nullopt;
  const auto hint = nlohmann::json::parse(*text, nullptr, false);
  if (!hint.is_object() || !hint.contains("version") || !hint["version"].is_number_integer()) return std::nullopt;
  return hint["version"].get<std::int64_t>();
}

}  // namespace penstock::delta
