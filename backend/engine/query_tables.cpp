#include "engine/query_tables.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

#include "connectors/delta/delta_reader.h"
#include "engine/table_writers.h"
#include "record/last_changes.h"
#include "stream/staged_files.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kShardMoves{500}, kLookAgain{10};

QueryTable table_of(const DeltaTableSnapshot& snapshot) {
  QueryTable table{.schema = snapshot.schema};
  for (std::size_t i = 0; i < snapshot.files.size(); ++i) table.files.push_back({.path = snapshot.files[i], .partition = snapshot.adds[i].partition});
  return table;
}

// The rows but those of windows that the part replaces.
Batch without_windows(const Batch& rows, const PodTailPart& part) {
  const auto starts = rows.find("window_start"), shards = rows.find(origin::shard);
  if (part.replaced_windows.empty() || !starts || starts->type().kind != TypeKind::timestamp) return rows;
  const auto is_replaced = [&](std::int64_t row) {
    if (starts->is_null(row) || (part.shard >= 0 && shards && shards->int32(row) != part.shard)) return false;
    return std::find(part.replaced_windows.begin(), part.replaced_windows.end(), starts->int64(row)) != part.replaced_windows.end();
  };
  std::vector<std::int64_t> kept;
  for (std::int64_t row = 0; row < rows.rows(); ++row)
    if (!is_replaced(row)) kept.push_back(row);
  return static_cast<std::int64_t>(kept.size()) == rows.rows() ? rows : rows.take(kept);
}

// The columns that keep a table's rows apart; empty where its writer appends.
std::vector<std::string> key_of(const Workspace& workspace, const std::string& name) {
  for (const auto& stream : workspace.streams)
    for (const auto& sink : stream.sinks)
      if (sink.kind == "delta" && sink.table == name && sink.mode == WriteMode::upsert) return sink.key;
  return {};
}

SchemaPtr select_fields(const Schema& schema, const std::vector<std::string>& names) {
  std::vector<Field> fields;
  for (const Field& field : schema.fields())
    if (std::find(names.begin(), names.end(), field.name) != names.end()) fields.push_back(field);
  return std::make_shared<const Schema>(std::move(fields));
}

// What of the tail the log does not hold. A key in it hides the key's row in the files, also where that is removed.
Status add_tail(QueryTable& table, const std::vector<PodTailPart>& tail, const std::map<std::string, std::int64_t>& in_log,
                const std::vector<std::string>& key) {
  for (const auto& part : tail) {
    const auto logged = in_log.find(part.marker);
    if (logged != in_log.end() && part.epoch <= logged->second) continue;
    for (Batch& before : table.tail) before = without_windows(before, part);
    for (const std::int64_t start : part.replaced_windows) table.replaced_windows.push_back({start, part.shard});
    if (!part.rows.schema()) continue;
    if (!table.schema) table.schema = stored_schema(part.rows.schema());
    table.tail.push_back(part.rows);
  }
  if (key.empty()) {
    for (Batch& rows : table.tail) rows = fit_columns(rows, table.schema);
    return {};
  }
  LastChanges changes(key);
  for (const Batch& rows : table.tail) PENSTOCK_TRY(changes.add(rows));
  table.tail.clear();
  if (changes.changes() == 0) return {};
  table.tail = changes.kept(table.schema);
  table.hidden_keys = changes.keys(select_fields(*table.schema, key));
  return {};
}

}  // namespace

Result<QueryTable> QueryTables::open(const std::string& name) {
  const auto version = applied_.current();
  const auto dot = name.find('.');
  const std::string first = name.substr(0, dot), second = dot == std::string::npos ? "" : name.substr(dot + 1);
  if (first == "ref") {
    for (const auto& seed : version->workspace->seeds)
      if (seed.name == second) return QueryTable{.csv = (fs::path(version->folder) / seed.path).string()};
  }
  if (const auto* stream = version->workspace->find_stream(first)) {
    const bool is_step = std::any_of(stream->steps.begin(), stream->steps.end(), [&](const StepSpec& step) { return step.name == second; });
    if (is_step) return open_step(*version, first, second);
  }
  return open_table(*version, name);
}

// A shard that goes from one pod to another is in neither for a moment, and may be seen in both: it is waited for, and counts once.
Result<std::vector<PodTailPart>> QueryTables::tail_of(const std::string& table, const std::string& stream, std::int32_t shards) const {
  const auto until = std::chrono::steady_clock::now() + kShardMoves;
  while (true) {
    std::vector<PodTailPart> tail;
    std::set<std::string> markers;
    for (const auto& pod : find_pods_(stream)) {
      PENSTOCK_ASSIGN(auto parts, pod->table_tail(table));
      std::set<std::string> here;
      for (PodTailPart& part : parts) {
        if (markers.contains(part.marker)) continue;
        here.insert(part.marker);
        tail.push_back(std::move(part));
      }
      markers.merge(here);
    }
    const bool is_whole = shards <= 1 || static_cast<std::int32_t>(markers.size()) >= shards;
    if (is_whole || std::chrono::steady_clock::now() >= until) return tail;
    std::this_thread::sleep_for(kLookAgain);
  }
}

Result<QueryTable> QueryTables::open_table(const AppliedVersionView& version, const std::string& name) {
  std::vector<PodTailPart> tail;
  const auto writers = table_writers(*version.workspace);
  const auto writer = writers.find(name);
  if (writer != writers.end()) {
    const StreamSpec* stream = version.workspace->find_stream(writer->second);
    PENSTOCK_ASSIGN(tail, tail_of(name, writer->second, stream ? stream->shards : 1));
  }
  QueryTable table;
  std::map<std::string, std::int64_t> in_log;
  {
    std::lock_guard lock(reading_);
    auto opened = DeltaTable::open(table_folder(tables_root_, name), parquet_.get());
    if (!opened.ok() && opened.error().kind != ErrorKind::not_found) return opened.error();
    if (opened.ok()) {
      PENSTOCK_ASSIGN(const auto snapshot, opened->snapshot());
      table = table_of(snapshot);
      in_log = snapshot.last_epochs;
    }
  }
  PENSTOCK_TRY(add_tail(table, tail, in_log, key_of(*version.workspace, name)));
  std::erase_if(table.tail, [](const Batch& rows) { return rows.empty(); });
  if (table.schema) return table;
  if (writer == writers.end()) return Error(ErrorKind::not_found, "there is no table '" + name + "'", {}, name);
  const auto declared = version.schema_of_table(name);
  if (!declared) return Error(ErrorKind::not_found, "'" + name + "' has no rows yet", {}, name);
  table.schema = stored_schema(declared);
  return table;
}

Result<QueryTable> QueryTables::open_step(const AppliedVersionView& version, const std::string& stream, const std::string& step) {
  QueryTable table;
  for (const auto& pod : find_pods_(stream)) {
    auto rows = pod->step_rows(stream, step);
    if (!rows.ok() && rows.error().kind == ErrorKind::not_found) continue;      // its shards have just gone elsewhere
    if (!rows.ok()) return rows.error();
    table.tail.insert(table.tail.end(), rows->begin(), rows->end());
  }
  std::erase_if(table.tail, [](const Batch& rows) { return rows.empty(); });
  const auto declared = version.step_schemas.find(stream + "." + step);
  if (!table.tail.empty())
    table.schema = table.tail.front().schema();
  else if (declared != version.step_schemas.end())
    table.schema = declared->second;
  else
    return Error(ErrorKind::not_found, "step '" + stream + "." + step + "' has no rows yet", {}, stream + "." + step);
  return table;
}

// A folder below the root of the tables.
Result<std::string> QueryTables::folder_at(const std::string& path) const {
  std::error_code error;
  const fs::path root = fs::weakly_canonical(tables_root_, error);
  const fs::path folder = fs::weakly_canonical(fs::path(path).is_absolute() ? fs::path(path) : root / path, error);
  const auto relative = folder.lexically_relative(root);
  if (relative.empty() || *relative.begin() == "..")
    return Error(ErrorKind::permission_denied, "'" + path + "' lies outside of the tables of this workspace", "name a folder below " + root.string(), path);
  return folder.string();
}

Result<QueryTable> QueryTables::open_path(const std::string& path) {
  PENSTOCK_ASSIGN(std::string folder, folder_at(path));
  std::lock_guard lock(reading_);
  PENSTOCK_ASSIGN(auto table, DeltaTable::open(std::move(folder), parquet_.get()));
  PENSTOCK_ASSIGN(const auto snapshot, table.snapshot());
  return table_of(snapshot);
}

// What was committed by then: rows that still waited for their commit are in no version.
Result<QueryTable> QueryTables::open_past(const std::string& name, bool is_path, const TableMoment& moment) {
  std::string folder = table_folder(tables_root_, name);
  if (is_path) {
    PENSTOCK_ASSIGN(folder, folder_at(name));
  } else if (const auto version = applied_.current(); name.starts_with("ref.") || version->workspace->find_stream(name.substr(0, name.find('.')))) {
    return Error(ErrorKind::invalid_argument, "'" + name + "' has no versions: only tables have", "AT behind the name of a table", name);
  }
  std::lock_guard lock(reading_);
  PENSTOCK_ASSIGN(auto table, DeltaTable::open(folder, parquet_.get()));
  std::int64_t version = 0;
  if (const auto* number = std::get_if<std::int64_t>(&moment)) {
    version = *number;
  } else {
    PENSTOCK_ASSIGN(version, table.version_at(std::get<Timestamp>(moment)));
  }
  PENSTOCK_ASSIGN(const auto snapshot, table.past(version));
  return table_of(snapshot);
}

std::vector<QueryTables::Object> QueryTables::objects() const {
  const auto version = applied_.current();
  std::vector<Object> objects;
  for (const auto& [table, writer] : table_writers(*version->workspace)) objects.push_back({table, "table", stored_schema(version->schema_of_table(table))});
  for (const auto& stream : version->workspace->streams)
    for (const auto& step : stream.steps) {
      const auto known = version->step_schemas.find(stream.name + "." + step.name);
      objects.push_back({stream.name + "." + step.name, "step", known == version->step_schemas.end() ? nullptr : known->second});
    }
  for (const auto& seed : version->workspace->seeds) objects.push_back({"ref." + seed.name, "seed", nullptr});
  return objects;
}

std::vector<std::string> QueryTables::names() {
  std::vector<std::string> names;
  for (const auto& object : objects()) names.push_back(object.name);
  return names;
}

}  // namespace penstock
