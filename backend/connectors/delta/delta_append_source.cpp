#include "connectors/delta/delta_append_source.h"

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "base/wait.h"
#include "connectors/delta/features.h"
#include "connectors/delta/log_folder.h"
#include "connectors/delta/partitions.h"
#include "connectors/delta/schema_string.h"
#include "connectors/delta/statistics.h"
#include "io/row_json.h"

namespace penstock {
namespace {

constexpr std::int64_t kMostRows = std::int64_t{1} << 32;      // what a position can count
constexpr std::int64_t kMaxSpan = 65'536;
constexpr const char* kBeginAnew = "give the source another name under `sources:` to read the table again from its beginning";

bool is_of_record(const std::string& column) {
  return !origin::is_origin(column) && column != origin::key && column != origin::headers && column != origin::raw;
}

// Nested columns of other writers as json.
Result<SchemaPtr> columns_of(const delta::Metadata& metadata) {
  PENSTOCK_ASSIGN(const std::vector<delta::TableColumn> columns, delta::parse_columns(metadata.schema_string));
  std::vector<Field> fields;
  for (const delta::TableColumn& column : columns) {
    if (column.type == "struct" || column.type == "array" || column.type == "map") {
      fields.push_back({column.name, {TypeKind::json}});
      continue;
    }
    PENSTOCK_ASSIGN(const SchemaPtr one, delta::to_schema({column}));
    fields.push_back((*one)[0]);
  }
  return std::make_shared<const Schema>(std::move(fields));
}

std::string range_text(std::int64_t first, std::int64_t last) {
  return first == last ? "version " + std::to_string(first) : "versions " + std::to_string(first) + " to " + std::to_string(last);
}

}  // namespace

DeltaAppendSource::DeltaAppendSource(DeltaAppendOptions options, Parquet* parquet) : options_(std::move(options)), parquet_(parquet) {}

SchemaPtr DeltaAppendSource::columns() {
  const auto known = know_table();
  return known.ok() && *known ? data_ : nullptr;
}

Result<bool> DeltaAppendSource::know_table() {
  if (table_.exists()) return true;
  delta::DeltaLog log(options_.folder, parquet_);
  PENSTOCK_TRY(log.refresh());
  if (!log.snapshot().exists()) return false;
  PENSTOCK_TRY(take_metadata({log.snapshot().protocol, log.snapshot().metadata}));
  table_.version = log.snapshot().version;
  return true;
}

Status DeltaAppendSource::take_metadata(const std::vector<delta::Action>& actions) {
  for (const delta::Action& action : actions) table_.apply(action);
  PENSTOCK_TRY(delta::check_readable(table_));
  PENSTOCK_ASSIGN(const SchemaPtr all, columns_of(table_.metadata));
  std::vector<Field> data, read;
  for (const Field& field : all->fields())
    if (is_of_record(field.name)) data.push_back(field);
  read = data;
  for (const std::string_view name : {origin::source_time, origin::key, origin::headers})
    if (const auto column = all->find(name)) read.push_back((*all)[*column]);
  data_ = std::make_shared<const Schema>(std::move(data));
  read_ = std::make_shared<const Schema>(std::move(read));
  return {};
}

Result<std::vector<PartitionRange>> DeltaAppendSource::partitions() {
  PENSTOCK_ASSIGN(const std::int64_t newest, delta::newest_version(log_folder()));
  return std::vector<PartitionRange>{{.partition = 0, .earliest = 0, .head = delta::TablePosition{newest + 1}.to_offset()}};
}

Status DeltaAppendSource::assign(const std::vector<Assignment>& assignments) {
  at_.reset();
  until_.reset();
  behind_loss_.reset();
  open_ = more_ = false;
  PENSTOCK_ASSIGN(const std::int64_t newest, delta::newest_version(log_folder()));
  if (!options_.watch) last_version_ = newest;
  if (assignments.empty()) until_ = 0;
  for (const Assignment& assignment : assignments) {
    if (assignment.partition != 0) return Error(ErrorKind::not_found, name() + " has no partition " + std::to_string(assignment.partition));
    if (assignment.from) at_ = delta::TablePosition::of(*assignment.from);
    until_ = assignment.until;
  }
  if (at_ && newest >= 0 && at_->version > newest + 1)
    return Error(ErrorKind::failed_precondition,
                 name() + " was read up to version " + std::to_string(at_->version - 1) + ", but ends with version " + std::to_string(newest) +
                     ": another table stands in its place, or an older copy of it",
                 kBeginAnew, options_.folder);
  return {};
}

Result<PollOutcome> DeltaAppendSource::poll(RawBatch& out, const PollLimits& limits, Cancellation cancellation) {
  const std::int64_t rows_before = out.rows();
  const auto has_room = [&] { return out.rows() - rows_before < limits.rows && out.bytes() < limits.bytes; };
  more_ = true;
  while (more_ && has_room() && !has_ended() && !cancellation.stop_requested()) {
    Status done;
    if (open_) {
      PollLimits left = limits;
      left.rows -= out.rows() - rows_before;
      done = read_some(out, left);
    } else {
      const auto opened = open_next();
      if (opened.ok()) more_ = *opened;
      else done = opened.error();
    }
    if (done.ok()) continue;
    if (out.rows() > rows_before) return PollOutcome::rows;      // what is wrong is met again by the next poll
    if (behind_loss_) {
      at_ = std::exchange(behind_loss_, std::nullopt);
      open_ = false;
    }
    return done.error();
  }
  if (out.rows() > rows_before) return PollOutcome::rows;
  if (has_ended()) return PollOutcome::ended;
  wait_for(std::min<std::chrono::microseconds>(limits.wait, options_.every), cancellation);
  return PollOutcome::idle;
}

std::vector<std::int32_t> DeltaAppendSource::behind() const {
  return more_ && !has_ended() ? std::vector<std::int32_t>{0} : std::vector<std::int32_t>();
}

Positions DeltaAppendSource::reached() const { return {{0, at_.value_or(delta::TablePosition{}).to_offset()}}; }

bool DeltaAppendSource::has_ended() const {
  const std::int64_t next = at_ ? at_->to_offset() : 0;
  if (until_ && next >= *until_) return true;
  if (!last_version_) return false;
  return *last_version_ < 0 || next >= delta::TablePosition{*last_version_ + 1}.to_offset();
}

Result<bool> DeltaAppendSource::open_next() {
  PENSTOCK_ASSIGN(const bool is_there, know_table());
  if (!is_there) return false;
  if (!at_) PENSTOCK_TRY(begin());
  return at_->whole_table ? open_whole_table() : open_version();
}

Status DeltaAppendSource::begin() {
  if (options_.start_version) {
    at_ = delta::TablePosition{*options_.start_version};
    return {};
  }
  PENSTOCK_ASSIGN(const bool grew, delta::has_whole_history(options_.folder));
  at_ = grew ? delta::TablePosition{} : delta::TablePosition{last_version_.value_or(table_.version), true, 0};
  return {};
}

Result<bool> DeltaAppendSource::open_whole_table() {
  const delta::DeltaLog log(options_.folder, parquet_);
  const auto snapshot = log.read(at_->version);
  if (!snapshot.ok() && snapshot.error().kind == ErrorKind::not_found) return lost("the log does not hold it any more");
  if (!snapshot.ok()) return snapshot.error();
  PENSTOCK_TRY(delta::check_readable(*snapshot));
  PENSTOCK_ASSIGN(files_, counted(delta::files_in_order(*snapshot)));
  return open_ = true;
}

Result<bool> DeltaAppendSource::open_version() {
  auto added = delta::added_rows(log_folder(), at_->version);
  if (!added.ok() && added.error().kind == ErrorKind::not_found) return await_version();
  if (!added.ok()) return added.error();
  if (at_->version > table_.version) {
    PENSTOCK_TRY(take_metadata(added->metadata));
    table_.version = at_->version;
  }
  if (!added->change.empty()) {
    if (!options_.skip_changes)
      return Error(ErrorKind::failed_precondition,
                   "version " + std::to_string(at_->version) + " of " + name() + " is no append: " + added->change + ", and a table's stream gives only rows that are added",
                   "`change_commits: skip` passes such versions over; or look the table up (`lookup`), or read what its rows are made from", options_.folder);
    added->files.clear();
  }
  PENSTOCK_ASSIGN(files_, counted(std::move(added->files)));
  return open_ = true;
}

Result<bool> DeltaAppendSource::await_version() {
  PENSTOCK_ASSIGN(const std::int64_t newest, delta::newest_version(log_folder()));
  if (newest < at_->version) return false;
  if (std::filesystem::exists(log_folder() + "/" + delta::commit_name(at_->version))) return true;      // it has just come
  return lost("the log does not hold it any more");
}

// How many rows each has: its own word, where the file is still there.
Result<std::vector<DeltaAppendSource::DataFile>> DeltaAppendSource::counted(std::vector<delta::AddFile> files) const {
  std::vector<DataFile> counted;
  std::int64_t all = 0;
  for (delta::AddFile& file : files) {
    const auto look = parquet_->look(options_.folder + "/" + file.path);
    if (!look.ok() && look.error().kind != ErrorKind::not_found) return look.error();
    const std::int64_t rows = look.ok() ? look->rows : delta::row_count(file.statistics).value_or(kMostRows);
    all += rows;
    counted.push_back({std::move(file), rows});
  }
  if (all > kMostRows && std::none_of(counted.begin(), counted.end(), [](const DataFile& file) { return file.rows == kMostRows; }))
    return Error(ErrorKind::unsupported, name() + " has more rows in version " + std::to_string(at_->version) + " than a position can count",
                 "`start_version` begins behind it", options_.folder);
  return counted;
}

Status DeltaAppendSource::read_some(RawBatch& out, const PollLimits& limits) {
  std::int64_t first = 0;      // of the file, in its version
  auto file = files_.begin();
  for (; file != files_.end() && at_->row >= first + file->rows; ++file) first += file->rows;
  if (file == files_.end()) {
    at_ = at_->next_version();
    open_ = false;
    return {};
  }
  std::int64_t wanted = std::min({span_, limits.rows, first + file->rows - at_->row});
  if (until_) wanted = std::min(wanted, *until_ - at_->to_offset());
  const ParquetRange range{.path = options_.folder + "/" + file->add.path, .constants = delta::constants_of(file->add.partition), .first_row = at_->row - first, .rows = wanted};

  const std::int64_t bytes_before = out.bytes();
  std::vector<Batch> batches;
  const Status read = parquet_->read_range(range, read_, [&](const Batch& rows) -> Status {
    batches.push_back(rows);
    return {};
  });
  if (!read.ok() && read.error().kind == ErrorKind::not_found) return lost("its file " + file->add.path + " is gone");
  if (!read.ok()) return read.error();
  const auto rows = std::accumulate(batches.begin(), batches.end(), std::int64_t{0}, [](std::int64_t sum, const Batch& batch) { return sum + batch.rows(); });
  if (rows != wanted) return Error(ErrorKind::io, "the file holds other rows than before", "read it again", range.path);
  for (const Batch& batch : batches) give(batch, file->add.modified_ms * 1000, out);

  const std::int64_t bytes = out.bytes() - bytes_before;
  if (bytes > limits.bytes / 2) span_ = std::max<std::int64_t>(1, span_ / 2);
  else if (bytes < limits.bytes / 8) span_ = std::min(kMaxSpan, span_ * 2);
  return {};
}

void DeltaAppendSource::give(const Batch& rows, std::int64_t file_time, RawBatch& out) {
  std::vector<std::size_t> columns(data_->size());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  const auto times = rows.find(origin::source_time), keys = rows.find(origin::key), headers = rows.find(origin::headers);
  std::string value;
  for (std::int64_t i = 0; i < rows.rows(); ++i, ++at_->row) {
    value.clear();
    append_row_json(rows, i, columns, value, NotFinite::as_text);
    const bool has_time = times && times->type().kind == TypeKind::timestamp && !times->is_null(i);
    const bool has_key = keys && is_variable(keys->type().kind) && !keys->is_null(i);
    const bool has_headers = headers && is_variable(headers->type().kind) && !headers->is_null(i);
    out.append({.position = {0, at_->to_offset()},
                .value = value,
                .key = has_key ? keys->bytes(i) : std::string_view(),
                .headers = has_headers ? headers->bytes(i) : std::string_view(),
                .source_time_micros = has_time ? times->int64(i) : file_time,
                .has_key = has_key});
  }
}

Error DeltaAppendSource::lost(const std::string& why) {
  std::int64_t next = at_->version + 1;
  const auto newest = delta::newest_version(log_folder());
  while (newest.ok() && next <= *newest && !is_readable(next)) ++next;
  behind_loss_ = delta::TablePosition{next};
  const std::string which = at_->whole_table ? name() + " as it was at version " + std::to_string(at_->version) : range_text(at_->version, next - 1) + " of " + name();
  return Error(ErrorKind::data_loss,
               which + " cannot be read any more: " + why + "; rows from number " + std::to_string(at_->row) + " of version " + std::to_string(at_->version) +
                   " up to the end of version " + std::to_string(next - 1) + " are not taken",
               std::string("a longer `retention` of the table keeps versions for those who are late; ") + kBeginAnew, options_.folder);
}

bool DeltaAppendSource::is_readable(std::int64_t version) const {
  const auto added = delta::added_rows(log_folder(), version);
  std::error_code failed;
  return added.ok() && std::all_of(added->files.begin(), added->files.end(), [&](const delta::AddFile& file) {
    return std::filesystem::exists(options_.folder + "/" + file.path, failed);
  });
}

}  // namespace penstock
