#include "connectors/delta/delta_sink.h"

#include "base/crash_point.h"
#include "base/ids.h"
#include "base/log.h"
#include "connectors/delta/compaction.h"
#include "connectors/delta/data_files.h"
#include "connectors/delta/durable_file.h"
#include "connectors/delta/features.h"
#include "connectors/delta/housekeeping.h"
#include "connectors/delta/ownership.h"
#include "connectors/delta/replacement.h"
#include "connectors/delta/schema_string.h"

namespace penstock {

using delta::Action;
using delta::AddFile;
using delta::Snapshot;

struct DeltaSink::Group {
  std::int64_t first_epoch = 0;
  std::int64_t last_epoch = 0;
  std::vector<Batch> rows;
  std::vector<StagedFile> files;
  std::vector<Replacement> replaces;
  std::string progress;
};

// One commit on its way: the files that it adds, and what goes with them into a table as it is found.
class DeltaSink::Commit {
 public:
  Commit(DeltaSink& sink, const Group& group)
      : sink_(sink), group_(group),
        rewriter_(sink.log_->folder(), sink.writer_tag_, group.replaces, sink.parquet_, sink.options_.parquet) {}

  // One data file for each run of batches with the same columns: usually one.
  Status write_rows() {
    for (std::size_t begin = 0; begin < group_.rows.size();) {
      std::size_t end = begin;
      const SchemaPtr& schema = group_.rows[begin].schema();
      while (end < group_.rows.size() && *group_.rows[end].schema() == *schema) ++end;
      PENSTOCK_TRY(write_file({group_.rows.begin() + begin, group_.rows.begin() + end}, schema));
      begin = end;
    }
    return {};
  }

  Result<std::optional<std::vector<Action>>> plan(const Snapshot& snapshot) {
    const std::string app_id = sink_.marker_.to_string();
    PENSTOCK_TRY(delta::check_ownership(snapshot, sink_.marker_, false));
    if (snapshot.transaction_version(app_id) != sink_.last_epoch_)
      return Error(ErrorKind::failed_precondition, "another process writes to this table under the same marker", "stop it", app_id);

    std::vector<Action> actions = {commit_info()};
    PENSTOCK_TRY(add_metadata(snapshot, actions));
    PENSTOCK_ASSIGN(const std::vector<Action> rewritten, rewriter_.plan(snapshot, group_.last_epoch, sink_.now_ms()));
    actions.insert(actions.end(), rewritten.begin(), rewritten.end());
    for (const StagedFile& file : group_.files) PENSTOCK_TRY(add_file(staged(file), actions));
    for (const AddFile& file : written_) PENSTOCK_TRY(add_file(file, actions));
    actions.push_back(delta::Transaction{app_id, group_.last_epoch, sink_.now_ms()});
    return std::optional(std::move(actions));
  }

  // Removes what this commit has written: it will not become visible.
  void discard() {
    for (const AddFile& file : written_) delta::remove_file(sink_.log_->folder() + "/" + file.path);
    rewriter_.discard_unused({});
  }

  // After the commit: what it wrote for plans that another writer overtook.
  void discard_overtaken() { rewriter_.discard_unused(sink_.log_->snapshot()); }

 private:
  Status write_file(const std::vector<Batch>& rows, const SchemaPtr& schema) {
    const std::string name = delta::data_file_name(delta::DataFileKind::part, sink_.writer_tag_, group_.last_epoch);
    PENSTOCK_ASSIGN(const ParquetFile file,
                    sink_.parquet_->write(rows, schema, sink_.log_->folder() + "/" + name, sink_.options_.parquet));
    written_.push_back({.path = name, .bytes = file.bytes, .modified_ms = sink_.now_ms(), .statistics = file.statistics});
    schemas_.push_back(schema);
    return {};
  }

  AddFile staged(const StagedFile& file) const {
    return {.path = file.path, .bytes = file.bytes, .modified_ms = sink_.now_ms(), .statistics = file.statistics};
  }

  Status add_file(const AddFile& file, std::vector<Action>& actions) const {
    PENSTOCK_TRY(delta::check_present(sink_.log_->folder(), file));
    actions.push_back(file);
    return {};
  }

  // The table's first commit, or new columns of rows behind those that it has.
  Status add_metadata(const Snapshot& snapshot, std::vector<Action>& actions) const {
    delta::Metadata metadata = snapshot.metadata;
    if (!snapshot.exists()) {
      PENSTOCK_TRY(delta::check_column_names(*sink_.schema_));
      metadata = {.id = random_id(), .schema_string = delta::to_schema_string(*sink_.schema_), .created_ms = sink_.now_ms()};
      if (sink_.options_.append_only) metadata.configuration["delta.appendOnly"] = "true";
      actions.push_back(delta::Protocol{});
    } else {
      PENSTOCK_TRY(delta::check_writable(snapshot));
    }
    std::vector<SchemaPtr> schemas = schemas_;
    schemas.push_back(sink_.schema_);
    for (const SchemaPtr& schema : schemas) {
      PENSTOCK_ASSIGN(const std::string evolved, delta::evolve(metadata.schema_string, *schema));
      if (!evolved.empty()) metadata.schema_string = evolved;
    }
    if (metadata != snapshot.metadata) actions.push_back(std::move(metadata));
    return {};
  }

  delta::CommitInfo commit_info() const {
    delta::CommitInfo info{.timestamp_ms = sink_.now_ms(),
                           .operation = "STREAMING UPDATE",
                           .parameters = {{"outputMode", group_.replaces.empty() ? "Append" : "Replace"}},
                           .blind_append = group_.replaces.empty(),
                           .tags = delta::commit_tags(sink_.marker_)};
    info.tags["epochs"] = std::to_string(group_.first_epoch) + ".." + std::to_string(group_.last_epoch);
    if (!group_.progress.empty()) info.tags[delta::kProgressTag] = group_.progress;
    return info;
  }

  DeltaSink& sink_;
  const Group& group_;
  delta::Rewriter rewriter_;
  std::vector<AddFile> written_;
  std::vector<SchemaPtr> schemas_;
};

DeltaSink::DeltaSink(DeltaSinkOptions options, Parquet* parquet, const Clock* clock)
    : options_(std::move(options)), parquet_(parquet), clock_(clock) {}

DeltaSink::~DeltaSink() = default;

SinkTraits DeltaSink::traits() const {
  return {.idempotent = true, .replaces = !options_.append_only, .flush = options_.flush, .flush_bytes = options_.flush_bytes};
}

Result<std::optional<std::int64_t>> DeltaSink::open(const Marker& marker, const SchemaPtr& schema) {
  marker_ = marker;
  schema_ = schema;
  holding_.reset();
  writer_tag_ = delta::writer_tag(marker);
  log_ = std::make_unique<delta::DeltaLog>(options_.folder, parquet_, writer_tag_);
  PENSTOCK_TRY(delta::make_folder(log_->log_folder()));
  log_->remove_temporary_files();
  PENSTOCK_TRY(log_->refresh());
  // What is read here decides what is sent again: it has to outlive a power loss.
  PENSTOCK_TRY(delta::sync_folder(log_->log_folder()));

  const Snapshot& snapshot = log_->snapshot();
  PENSTOCK_ASSIGN(holding_, delta::find_holding(*log_, marker));
  if (snapshot.exists()) {
    PENSTOCK_TRY(delta::check_writable(snapshot));
    PENSTOCK_TRY(delta::check_ownership(snapshot, marker, options_.take_over || marker.take_over));
    if (const auto fits = delta::evolve(snapshot.metadata.schema_string, *schema); !fits.ok()) return fits.error().within(options_.table);
  } else {
    PENSTOCK_TRY(delta::check_column_names(*schema));
  }
  delta::remove_orphans(options_.folder, snapshot, writer_tag_);
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
  PENSTOCK_TRY(check_order(epochs));
  for (const Group& group : group(epochs)) PENSTOCK_TRY(deliver_group(group, cancellation));
  if (const Status kept = delta::compact(*log_, marker_, writer_tag_, *parquet_, options_.parquet, now_ms()); !kept.ok())
    log_warn("{}: small files could not be put together: {}", options_.table, kept.error().to_string());
  if (const Status kept = delta::keep_log_short(*log_, *parquet_, now_ms(), options_.retention); !kept.ok())
    log_warn("{}: no checkpoint was written: {}", options_.table, kept.error().to_string());
  return {};
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

std::vector<DeltaSink::Group> DeltaSink::group(const std::vector<SinkEpoch>& epochs) {
  std::vector<Group> groups;
  for (const SinkEpoch& epoch : epochs) {
    if (groups.empty() || !epoch.replaces.empty()) groups.push_back({.first_epoch = epoch.epoch, .replaces = epoch.replaces});
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
    commit.discard_overtaken();
    last_epoch_ = group.last_epoch;
    return {};
  }
  // Where the outcome is unknown the files stay: open() finds out whether a commit knows them.
  if (committed.error().kind != ErrorKind::unavailable) commit.discard();
  return committed.error();
}

std::int64_t DeltaSink::now_ms() const { return to_micros(clock_->now()) / 1'000; }

}  // namespace penstock
