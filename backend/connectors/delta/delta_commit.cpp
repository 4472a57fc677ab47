#include "connectors/delta/delta_commit.h"

#include <algorithm>

#include "base/crash_point.h"
#include "base/ids.h"
#include "connectors/delta/data_files.h"
#include "connectors/delta/durable_file.h"
#include "connectors/delta/features.h"
#include "connectors/delta/ownership.h"
#include "connectors/delta/partitions.h"
#include "connectors/delta/schema_string.h"
#include "io/staged_name.h"

namespace penstock {

using delta::Action;
using delta::AddFile;
using delta::Snapshot;

DeltaSink::Commit::Commit(DeltaSink& sink, const Group& group)
    : sink_(sink), group_(group),
      rewriter_(sink.log_->folder(), sink.writer_tag_, group.replaces, sink.parquet_, sink.options_.parquet), changes_(sink.options_.key) {}

Status DeltaSink::Commit::write_rows() {
  if (!sink_.options_.key.empty()) return group_.new_keys && keys_are_new_to(sink_.log_->snapshot()) ? Status() : gather_changes();
  if (const auto& columns = sink_.partition_columns(); !columns.empty()) return write_divided(columns);
  // One file for each run of batches with the same columns: usually one.
  for (std::size_t begin = 0; begin < group_.rows.size();) {
    std::size_t end = begin;
    const SchemaPtr& schema = group_.rows[begin].schema();
    while (end < group_.rows.size() && *group_.rows[end].schema() == *schema) ++end;
    PENSTOCK_TRY(write_file({group_.rows.begin() + begin, group_.rows.begin() + end}, schema));
    begin = end;
  }
  return {};
}

Result<std::optional<std::vector<Action>>> DeltaSink::Commit::plan(const Snapshot& snapshot) {
  const std::string app_id = sink_.marker_.to_string();
  PENSTOCK_TRY(delta::check_ownership(snapshot, sink_.marker_, false));
  if (snapshot.transaction_version(app_id) != sink_.last_epoch_)
    return Error(ErrorKind::failed_precondition, "another process writes to this table under the same marker", "stop it", app_id);

  if (group_.new_keys && !merge_ && !keys_are_new_to(snapshot)) PENSTOCK_TRY(gather_changes());
  std::vector<Action> actions;
  PENSTOCK_ASSIGN(const delta::Metadata metadata, add_metadata(snapshot, actions));
  PENSTOCK_TRY(merge_ ? add_merged(snapshot, metadata, actions) : add_files(snapshot, actions));
  actions.insert(actions.begin(), commit_info());
  actions.push_back(delta::Transaction{app_id, group_.last_epoch, sink_.now_ms()});
  return std::optional(std::move(actions));
}

void DeltaSink::Commit::discard() {
  for (const AddFile& file : written_) delta::remove_file(sink_.log_->folder() + "/" + file.path);
  discard_overtaken({});
}

void DeltaSink::Commit::discard_overtaken(const Snapshot& committed) {
  rewriter_.discard_unused(committed);
  if (merge_) merge_->discard_unused(committed);
}

void DeltaSink::Commit::discard_gathered() const {
  for (const StagedFile& file : group_.files)
    if (merge_ || !sink_.partition_columns().empty()) delta::remove_file(sink_.log_->folder() + "/" + file.path);
}

bool DeltaSink::Commit::keys_are_new_to(const Snapshot& snapshot) const {
  const std::string marker = sink_.marker_.to_string(), bucket = std::string(delta::kBucketPrefix) + sink_.writer_tag_ + "-";
  const bool only_we = std::all_of(snapshot.transactions.begin(), snapshot.transactions.end(), [&](const auto& one) { return one.first == marker; });
  return only_we && std::all_of(snapshot.files.begin(), snapshot.files.end(), [&](const auto& file) { return holds_new_keys_of(file.first, sink_.marker_.state_id) || file.first.starts_with(bucket); });
}

RowsWritten DeltaSink::Commit::rows_written() const {
  if (merge_) return merge_->rows_written();
  RowsWritten rows;
  for (const StagedFile& file : group_.files)
    if (group_.new_keys) rows.changed += file.rows;
  rows.written = rows.changed;
  return rows;
}

Status DeltaSink::Commit::gather_changes() {
  for (const StagedFile& file : group_.files) {
    PENSTOCK_TRY(delta::check_present(sink_.log_->folder(), staged(file)));
    PENSTOCK_TRY(sink_.parquet_->read({sink_.log_->folder() + "/" + file.path}, "", sink_.rows_schema_, [&](const Batch& rows) { return changes_.add(rows); }));
  }
  const Schema* last = nullptr;
  for (const Batch& rows : group_.rows) {
    PENSTOCK_TRY(changes_.add(rows));
    if (!last || *last != *rows.schema()) schemas_.push_back(stored_schema(rows.schema()));
    last = rows.schema().get();
  }
  merge_.emplace(delta::UpsertMerge::Target{sink_.log_->folder(), sink_.writer_tag_, sink_.options_.bucket_bytes, sink_.options_.parquet}, changes_,
                 group_.replaces, sink_.parquet_);
  return {};
}

Status DeltaSink::Commit::add_merged(const Snapshot& snapshot, const delta::Metadata& metadata, std::vector<Action>& actions) {
  PENSTOCK_ASSIGN(const SchemaPtr schema, delta::to_writable_schema(metadata.schema_string));
  PENSTOCK_ASSIGN(const std::vector<Action> merged, merge_->plan(snapshot, schema, group_.last_epoch, sink_.now_ms()));
  crash_point("delta.after_merge");
  for (const Action& action : merged)
    if (const auto* file = std::get_if<AddFile>(&action)) PENSTOCK_TRY(delta::check_present(sink_.log_->folder(), *file));
  actions.insert(actions.end(), merged.begin(), merged.end());
  return {};
}

Status DeltaSink::Commit::add_files(const Snapshot& snapshot, std::vector<Action>& actions) {
  PENSTOCK_ASSIGN(const std::vector<Action> rewritten, rewriter_.plan(snapshot, group_.last_epoch, sink_.now_ms()));
  actions.insert(actions.end(), rewritten.begin(), rewritten.end());
  const bool is_divided = !sink_.partition_columns().empty();      // then their rows are in the written ones
  for (const StagedFile& file : group_.files)
    if (!is_divided) PENSTOCK_TRY(add_file(staged(file), actions));
  for (const AddFile& file : written_) PENSTOCK_TRY(add_file(file, actions));
  return {};
}

// A file for each combination of values.
Status DeltaSink::Commit::write_divided(const std::vector<std::string>& columns) {
  std::vector<Batch> rows;
  for (const StagedFile& file : group_.files) {
    PENSTOCK_TRY(delta::check_present(sink_.log_->folder(), staged(file)));
    PENSTOCK_TRY(sink_.parquet_->read({sink_.log_->folder() + "/" + file.path}, "", sink_.schema_, [&](const Batch& batch) -> Status {
      rows.push_back(batch);
      return {};
    }));
  }
  for (const Batch& batch : group_.rows) rows.push_back(fit_columns(batch, sink_.schema_));
  for (delta::PartitionRows& partition : delta::divide(rows, columns)) {
    const std::string folder = delta::partition_folder(partition.values, columns);
    PENSTOCK_TRY(delta::make_folder(sink_.log_->folder() + "/" + folder));
    PENSTOCK_TRY(write_file(partition.rows, partition.rows.front().schema(), folder, std::move(partition.values)));
  }
  return {};
}

Status DeltaSink::Commit::write_file(const std::vector<Batch>& rows, const SchemaPtr& schema, const std::string& folder, delta::PartitionValues partition) {
  const std::string name = folder + delta::data_file_name(delta::DataFileKind::part, sink_.writer_tag_, group_.last_epoch);
  PENSTOCK_ASSIGN(const ParquetFile file,
                  sink_.parquet_->write(rows, schema, sink_.log_->folder() + "/" + name, sink_.options_.parquet));
  written_.push_back({.path = name, .bytes = file.bytes, .modified_ms = sink_.now_ms(), .statistics = file.statistics, .partition = std::move(partition)});
  schemas_.push_back(schema);
  return {};
}

AddFile DeltaSink::Commit::staged(const StagedFile& file) const {
  return {.path = file.path, .bytes = file.bytes, .modified_ms = sink_.now_ms(), .statistics = file.statistics};
}

Status DeltaSink::Commit::add_file(const AddFile& file, std::vector<Action>& actions) const {
  PENSTOCK_TRY(delta::check_present(sink_.log_->folder(), file));
  actions.push_back(file);
  return {};
}

Result<delta::Metadata> DeltaSink::Commit::add_metadata(const Snapshot& snapshot, std::vector<Action>& actions) const {
  delta::Metadata metadata = snapshot.metadata;
  if (!snapshot.exists()) {
    PENSTOCK_TRY(delta::check_column_names(*sink_.schema_));
    metadata = {.id = random_id(), .schema_string = delta::to_schema_string(*sink_.schema_), .partition_columns = sink_.options_.partition_by, .created_ms = sink_.now_ms()};
    if (sink_.options_.append_only) metadata.configuration["delta.appendOnly"] = "true";
    actions.push_back(delta::Protocol{});
  } else {
    PENSTOCK_TRY(delta::check_writable(snapshot));
    PENSTOCK_TRY(sink_.check_mode(snapshot, *sink_.rows_schema_));
  }
  if (!sink_.options_.key.empty()) metadata.configuration[kKeyProperty] = sink_.options_.key_text();
  std::vector<SchemaPtr> schemas = schemas_;
  schemas.push_back(sink_.schema_);
  for (const SchemaPtr& schema : schemas) {
    PENSTOCK_ASSIGN(const std::string evolved, delta::evolve(metadata.schema_string, *schema));
    if (!evolved.empty()) metadata.schema_string = evolved;
  }
  if (metadata != snapshot.metadata) actions.push_back(metadata);
  return metadata;
}

delta::CommitInfo DeltaSink::Commit::commit_info() const {
  delta::CommitInfo info{.timestamp_ms = sink_.now_ms(),
                         .operation = merge_ ? "MERGE" : "STREAMING UPDATE",
                         .tags = delta::commit_tags(sink_.marker_)};
  if (merge_) info.parameters["key"] = sink_.options_.key_text();
  else info.parameters["outputMode"] = group_.replaces.empty() ? "Append" : "Replace";
  info.blind_append = sink_.options_.key.empty() && group_.replaces.empty();
  if (merge_) info.metrics = merge_->metrics();
  info.tags["epochs"] = std::to_string(group_.first_epoch) + ".." + std::to_string(group_.last_epoch);
  if (!group_.progress.empty()) info.tags[delta::kProgressTag] = group_.progress;
  return info;
}

}  // namespace penstock
