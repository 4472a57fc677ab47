#include "connectors/delta/delta_sink.h"

#include <algorithm>

#include "base/crash_point.h"
#include "base/log.h"
#include "connectors/delta/delta_commit.h"
#include "connectors/delta/data_files.h"
#include "connectors/delta/durable_file.h"
#include "connectors/delta/features.h"
#include "connectors/delta/housekeeping.h"
#include "connectors/delta/ownership.h"
#include "connectors/delta/partitions.h"
#include "connectors/delta/schema_string.h"
#include "io/staged_name.h"
#include "record/last_changes.h"

namespace penstock {

using delta::Action;
using delta::Snapshot;

std::string DeltaSinkOptions::key_text() const {
  std::string text;
  for (const std::string& column : key) text += (text.empty() ? "" : ",") + column;
  return text;
}

DeltaSink::DeltaSink(DeltaSinkOptions options, Parquet* parquet, const Clock* clock)
    : options_(std::move(options)), parquet_(parquet), clock_(clock) {}

DeltaSink::~DeltaSink() = default;

SinkTraits DeltaSink::traits() const {
  return {.idempotent = true, .replaces = !options_.append_only, .flush = options_.flush, .flush_bytes = options_.flush_bytes};
}

Result<std::optional<std::int64_t>> DeltaSink::open(const Marker& marker, const SchemaPtr& schema) {
  background_.stop();
  marker_ = marker;
  rows_schema_ = schema;
  schema_ = stored_schema(schema);
  holding_.reset();
  writer_tag_ = delta::writer_tag(marker);
  log_ = std::make_unique<delta::DeltaLog>(options_.folder, parquet_, writer_tag_);
  PENSTOCK_TRY(delta::make_folder(log_->log_folder()));
  log_->remove_temporary_files();
  PENSTOCK_TRY(log_->refresh());
  // What is read here decides what is sent again: it has to outlive a power loss.
  PENSTOCK_TRY(delta::sync_folder(log_->log_folder()));

  const Snapshot& snapshot = log_->snapshot();
  PENSTOCK_TRY(check_mode(snapshot, *schema));
  PENSTOCK_ASSIGN(holding_, delta::find_holding(*log_, marker));
  if (snapshot.exists()) {
    PENSTOCK_TRY(delta::check_writable(snapshot));
    PENSTOCK_TRY(delta::check_ownership(snapshot, marker, options_.take_over || marker.take_over));
    if (const auto fits = delta::evolve(snapshot.metadata.schema_string, *schema_); !fits.ok()) return fits.error().within(options_.table);
  } else {
    PENSTOCK_TRY(delta::check_column_names(*schema_));
  }
  delta::remove_orphans(options_.folder, snapshot, writer_tag_, partition_columns().size());
  if (!delta::rivals(snapshot, marker).empty()) {
    PENSTOCK_TRY(log_->commit([&](const Snapshot& newest) -> Result<std::optional<std::vector<Action>>> {
      if (delta::rivals(newest, marker).empty()) return std::optional<std::vector<Action>>();
      return std::optional(delta::retire_rivals(newest, marker, now_ms()));
    }));
  }
  last_epoch_ = log_->snapshot().transaction_version(marker.to_string());
  return last_epoch_;
}

Status DeltaSink::deliver(const std::vector<SinkEpoch>& epochs, const RejectRecorder&, Cancellation cancellation) {
  rows_written_ = {};
  PENSTOCK_TRY(check_order(epochs));
  for (const Group& group : group(epochs)) PENSTOCK_TRY(deliver_group(group, cancellation));
  // Of several shards one is enough, and the others come to an end sooner.
  if (marker_.shard != 0) return {};
  put_files_together();
  if (const Status kept = delta::keep_log_short(*log_, *parquet_, now_ms(), options_.retention); !kept.ok())
    log_warn("{}: no checkpoint was written: {}", options_.table, kept.error().to_string());
  return {};
}

// A table with a key is kept in few files by its merges.
void DeltaSink::put_files_together() {
  if (!options_.key.empty() || background_.runs()) return;
  std::int64_t bytes = 0;
  for (const delta::AddFile& file : delta::files_to_compact(log_->snapshot())) bytes += file.bytes;
  if (bytes > options_.background_bytes) {
    background_.start(options_.folder, options_.table, marker_, writer_tag_, *parquet_, options_.parquet, now_ms());
    return;
  }
  if (const Status done = delta::compact(*log_, marker_, writer_tag_, *parquet_, options_.parquet, now_ms()); !done.ok())
    log_warn("{}: small files could not be put together: {}", options_.table, done.error().to_string());
}

Status DeltaSink::check_mode(const Snapshot& snapshot, const Schema& schema) const {
  const auto refuse = [&](std::string message, std::string action) { return Error(ErrorKind::failed_precondition, std::move(message), std::move(action), options_.table); };
  if (options_.key.empty() && schema.find(change::op)) return refuse("the rows are changes, which cannot be appended", "mode: upsert with the key of the step");
  for (const std::string& column : options_.key)
    if (!schema.find(column)) return refuse("the key column '" + column + "' is not among the rows' columns", "give it in the step's SQL");
  PENSTOCK_TRY(delta::check_partition_columns(*schema_, options_.partition_by));
  if (!snapshot.exists()) return {};
  const std::vector<std::string>& partitions = snapshot.metadata.partition_columns;
  if (!options_.partition_by.empty() && partitions != options_.partition_by)
    return refuse("the table is divided by other columns than partition_by says", "the columns that it has, or another table");
  if (!options_.key.empty() && !partitions.empty()) return refuse("a table with a key cannot be divided by partition columns", "write to another table");
  PENSTOCK_TRY(delta::check_partition_columns(*schema_, partitions));
  if (!options_.key.empty() && snapshot.append_only()) return refuse("the table only takes new rows (delta.appendOnly)", "write to another table");
  const std::string kept = snapshot.property(kKeyProperty), key = options_.key_text();
  if (!kept.empty() && kept != key)
    return refuse("the table keeps one row for each " + kept + (key.empty() ? ", and these rows are appended" : ", not for each " + key),
                  key.empty() ? "mode: upsert with key: [" + kept + "], or another table" : "key: [" + kept + "], or another table");
  return {};
}

const std::vector<std::string>& DeltaSink::partition_columns() const {
  return log_->snapshot().exists() ? log_->snapshot().metadata.partition_columns : options_.partition_by;
}

Status DeltaSink::check_order(const std::vector<SinkEpoch>& epochs) const {
  if (!log_) return Error(ErrorKind::failed_precondition, "the sink is not open");
  std::optional<std::int64_t> last = last_epoch_;
  for (const SinkEpoch& epoch : epochs) {
    if (last && epoch.epoch <= *last)
      return Error(ErrorKind::failed_precondition,
                   "epoch " + std::to_string(epoch.epoch) + " was delivered before: the table is at " + std::to_string(*last));
    last = epoch.epoch;
    if (!epoch.replaces.empty() && (options_.append_only || log_->snapshot().append_only()))
      return Error(ErrorKind::failed_precondition, "the table " + options_.table + " only takes new rows (delta.appendOnly)",
                   "replay into another table");
  }
  return {};
}

std::vector<DeltaSink::Group> DeltaSink::group(const std::vector<SinkEpoch>& epochs) const {
  std::vector<Group> groups;
  for (const SinkEpoch& epoch : epochs) {
    // Files of changes are read before the rows; those of new keys are not read at all.
    const bool out_of_order = !groups.empty() && !options_.key.empty() && !epoch.files.empty() && !groups.back().rows.empty();
    const bool new_keys = !options_.key.empty() && epoch.rows.empty() && !epoch.files.empty() && std::all_of(epoch.files.begin(), epoch.files.end(), [](const StagedFile& file) { return holds_new_keys(file.path); });
    if (groups.empty() || !epoch.replaces.empty() || out_of_order || groups.back().new_keys != new_keys) groups.push_back({.first_epoch = epoch.epoch, .replaces = epoch.replaces, .new_keys = new_keys});
    Group& group = groups.back();
    group.last_epoch = epoch.epoch;
    group.progress = epoch.progress;
    group.files.insert(group.files.end(), epoch.files.begin(), epoch.files.end());
    for (const Batch& rows : epoch.rows)
      if (!rows.empty()) group.rows.push_back(rows);
  }
  return groups;
}

Status DeltaSink::deliver_group(const Group& group, Cancellation cancellation) {
  if (cancellation.stop_requested()) return Error(ErrorKind::cancelled, "the delivery was cancelled");
  Commit commit(*this, group);
  crash_point("delta.before_file");
  if (const Status written = commit.write_rows(); !written.ok()) {
    commit.discard();
    return written;
  }
  crash_point("delta.after_file");
  const auto committed = log_->commit([&](const Snapshot& snapshot) { return commit.plan(snapshot); });
  if (committed.ok()) {
    rows_written_.changed += commit.rows_written().changed;
    rows_written_.written += commit.rows_written().written;
    commit.discard_overtaken(log_->snapshot());
    commit.discard_gathered();
    last_epoch_ = group.last_epoch;
    return {};
  }
  // Where the outcome is unknown the files stay: open() finds out whether a commit knows them.
  if (committed.error().kind != ErrorKind::unavailable) commit.discard();
  return committed.error();
}

std::int64_t DeltaSink::now_ms() const { return to_micros(clock_->now()) / 1'000; }

}  // namespace penstock
