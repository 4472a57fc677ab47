#include "connectors/delta/replacement.h"

#include "connectors/delta/data_files.h"
#include "connectors/delta/durable_file.h"
#include "connectors/delta/partitions.h"
#include "connectors/delta/schema_string.h"
#include "connectors/delta/sql_text.h"
#include "connectors/delta/statistics.h"

namespace penstock::delta {
namespace {

bool is_origin_range(const Replacement& replacement) { return replacement.column == origin::offset; }

bool overlaps(const IntegerRange& range, std::int64_t from, std::int64_t until) {
  return (!range.least || *range.least < until) && (!range.most || *range.most >= from);
}

}  // namespace

std::string sql_condition(const Replacement& replacement) {
  if (!is_origin_range(replacement)) {
    const std::string within = sql_between(sql_micros(replacement.column), replacement.from, replacement.until);
    return replacement.shard < 0 ? within : within + " AND " + sql_name(origin::shard) + " = " + std::to_string(replacement.shard);
  }
  return sql_name(origin::source) + " = " + sql_value(replacement.source) + " AND " + sql_name(origin::partition) + " = " +
         std::to_string(replacement.partition) + " AND " + sql_between(sql_name(origin::offset), replacement.from, replacement.until);
}

bool may_hold(const AddFile& file, const Replacement& replacement) {
  if (!is_origin_range(replacement)) {
    const bool of_shard = replacement.shard < 0 || overlaps(integer_range(file.statistics, std::string(origin::shard)), replacement.shard, replacement.shard + 1);
    return of_shard && overlaps(time_range(file.statistics, replacement.column), replacement.from, replacement.until);
  }
  const TextRange sources = text_range(file.statistics, std::string(origin::source));
  if (sources.least && *sources.least > replacement.source) return false;
  if (sources.most && *sources.most < replacement.source) return false;
  return overlaps(integer_range(file.statistics, std::string(origin::partition)), replacement.partition, replacement.partition + 1) &&
         overlaps(integer_range(file.statistics, std::string(origin::offset)), replacement.from, replacement.until);
}

bool may_hold_any(const AddFile& file, const std::vector<Replacement>& replacements) {
  for (const Replacement& replacement : replacements)
    if (may_hold(file, replacement)) return true;
  return false;
}

std::string sql_none_of(const std::vector<Replacement>& replacements) {
  std::string condition;
  for (const Replacement& replacement : replacements)
    condition += (condition.empty() ? "((" : " OR (") + sql_condition(replacement) + ")";
  return condition.empty() ? condition : condition + ") IS NOT TRUE";
}

// Rows of a table that does not keep these columns cannot be found again: nothing would be replaced, and rows doubled.
Status check_columns(const Schema& schema, const std::vector<Replacement>& replacements) {
  for (const Replacement& replacement : replacements) {
    std::vector<std::string_view> needed = {replacement.column};
    if (is_origin_range(replacement)) needed.insert(needed.end(), {origin::source, origin::partition});
    if (replacement.shard >= 0) needed.push_back(origin::shard);
    for (const std::string_view column : needed)
      if (!schema.find(column))
        return Error(ErrorKind::failed_precondition, "the table has no column '" + std::string(column) + "', so a range of its rows cannot be replaced",
                     "write to another table");
  }
  return {};
}

Result<std::vector<Action>> Rewriter::plan(const Snapshot& snapshot, std::int64_t epoch, std::int64_t now_ms) {
  std::vector<Action> actions;
  if (replacements_.empty() || !snapshot.exists()) return actions;
  PENSTOCK_ASSIGN(const SchemaPtr schema, to_writable_schema(snapshot.metadata.schema_string));
  PENSTOCK_TRY(check_columns(*schema, replacements_));
  const SchemaPtr data = without_columns(*schema, snapshot.metadata.partition_columns);
  for (const auto& [path, file] : snapshot.files) {
    if (!may_hold_any(file, replacements_)) continue;
    PENSTOCK_ASSIGN(const Rewritten rewritten, rewrite(file, data, epoch, now_ms));
    if (rewritten.untouched) continue;
    actions.push_back(RemoveFile{.path = path, .deleted_ms = now_ms, .bytes = file.bytes, .partition = file.partition});
    if (rewritten.file) actions.push_back(*rewritten.file);
  }
  return actions;
}

Result<Rewriter::Rewritten> Rewriter::rewrite(const AddFile& file, const SchemaPtr& schema, std::int64_t epoch, std::int64_t now_ms) {
  if (const auto known = done_.find(file.path); known != done_.end()) return known->second;
  const std::string name = file.path.substr(0, file.path.rfind('/') + 1) + data_file_name(DataFileKind::part, tag_, epoch);      // in the folder of its partition
  const std::string path = table_ + "/" + name;
  PENSTOCK_ASSIGN(const ParquetFile written,
                  parquet_->rewrite({table_ + "/" + file.path}, sql_none_of(replacements_), schema, path, options_));
  Rewritten rewritten;
  rewritten.untouched = row_count(file.statistics) == written.rows;
  if (rewritten.untouched || written.rows == 0) remove_file(path);
  else rewritten.file = AddFile{.path = name, .bytes = written.bytes, .modified_ms = now_ms, .statistics = written.statistics, .partition = file.partition};
  return done_[file.path] = rewritten;
}

void Rewriter::discard_unused(const Snapshot& committed) {
  for (const auto& [path, rewritten] : done_)
    if (rewritten.file && !committed.files.contains(rewritten.file->path)) remove_file(table_ + "/" + rewritten.file->path);
  done_.clear();
}

}  // namespace penstock::delta
