#include "connectors/delta/upsert_merge.h"

#include <algorithm>
#include <utility>

#include "connectors/delta/data_files.h"
#include "connectors/delta/durable_file.h"
#include "connectors/delta/replacement.h"
#include "connectors/delta/statistics.h"
#include "record/key_bytes.h"

namespace penstock::delta {
namespace {

// An untouched file goes along when what is written beside it has at least a fourth of its rows: each row is then written a
// few times until its file is large, as with files that are put together.
constexpr std::int64_t kTakenRows = 4;
// Rows that go into other buckets are held until they are so many buckets' worth.
constexpr std::int64_t kDividedBuckets = 4;

SchemaPtr key_schema(const Schema& schema, const std::vector<std::string>& key) {
  std::vector<Field> fields;
  for (const std::string& name : key)
    if (const auto column = schema.find(name)) fields.push_back(schema[*column]);
  return std::make_shared<const Schema>(std::move(fields));
}

// Calls `visit(row, key bytes)` for each row.
template <typename Visit>
Status for_each_key(const Batch& rows, const std::vector<std::string>& key, const Visit& visit) {
  PENSTOCK_ASSIGN(const std::vector<ColumnView> columns, LastChanges::key_columns(rows, key));
  std::string bytes;
  for (std::int64_t row = 0; row < rows.rows(); ++row) {
    bytes.clear();
    append_key_bytes(columns, row, bytes);
    visit(row, bytes);
  }
  return {};
}

// Of a file whose statistics do not tell, or not the truth: many.
std::int64_t rows_of(const AddFile& file) {
  constexpr std::int64_t kMany = std::int64_t{1} << 40;
  const std::int64_t rows = row_count(file.statistics).value_or(kMany);
  return rows < 0 ? kMany : std::min(rows, kMany);
}

template <typename Buckets>
std::int64_t bytes_divided(const Buckets& buckets) {
  std::int64_t bytes = 0;
  for (const auto& [number, work] : buckets)
    for (const Batch& rows : work.divided) bytes += rows.bytes();
  return bytes;
}

}  // namespace

UpsertMerge::UpsertMerge(Target target, const LastChanges& changes, std::vector<Replacement> replacements, Parquet* parquet)
    : target_(std::move(target)), changes_(changes), replacements_(std::move(replacements)), parquet_(parquet) {
  for (const auto& [bytes, row] : changes_.rows()) hashed_.push_back({fnv_hash(bytes), row});
}

Result<std::vector<Action>> UpsertMerge::plan(const Snapshot& snapshot, const SchemaPtr& schema, std::int64_t epoch, std::int64_t now_ms) {
  if (snapshot.exists()) PENSTOCK_TRY(check_columns(*schema, replacements_));
  std::vector<Action> actions;
  const std::uint32_t count = bucket_count(snapshot, target_.bucket_bytes);
  Buckets buckets = group(count);
  std::map<std::uint32_t, std::vector<AddFile>> others;      // files of a bucket that could stay
  const Buckets changed = buckets;
  for (const auto& [path, file] : snapshot.files) {
    const Bucket bucket = bucket_of(path);
    PENSTOCK_ASSIGN(const bool goes, must_go(file, changed, count, schema));
    if (bucket.count != count && goes) {
      PENSTOCK_TRY(divide(file, count, schema, buckets));
      actions.push_back(RemoveFile{.path = path, .deleted_ms = now_ms, .bytes = file.bytes});
      if (bytes_divided(buckets) >= kDividedBuckets * target_.bucket_bytes) PENSTOCK_TRY(write_divided(buckets, count, schema, epoch, now_ms, actions));
    } else if (goes) {
      buckets[bucket.number].files.push_back(file);
      buckets[bucket.number].files_may_hold_keys = true;
    } else if (bucket.count == count) {
      others[bucket.number].push_back(file);
    }
  }
  for (auto& [number, work] : buckets) {
    take_small_ones(work, others[number]);
    PENSTOCK_ASSIGN(const AddFile file, write({number, count}, work, schema, epoch, now_ms));
    for (const AddFile& old : work.files) actions.push_back(RemoveFile{.path = old.path, .deleted_ms = now_ms, .bytes = old.bytes});
    if (!file.path.empty()) actions.push_back(file);
  }
  measure(actions);
  return actions;
}

UpsertMerge::Buckets UpsertMerge::group(std::uint32_t count) const {
  Buckets buckets;
  for (const Change& change : hashed_) buckets[static_cast<std::uint32_t>(change.hash & (count - 1))].changes.push_back(change.row);
  return buckets;
}

// Only a file whose bucket has changes can hold a changed key.
Result<bool> UpsertMerge::must_go(const AddFile& file, const Buckets& buckets, std::uint32_t count, const SchemaPtr& schema) {
  if (may_hold_any(file, replacements_)) return true;
  const Bucket bucket = bucket_of(file.path);
  for (std::uint32_t number = bucket.number; number < count; number += bucket.count)
    if (buckets.contains(number)) return holds_a_key(file, schema);
  return false;
}

Result<bool> UpsertMerge::holds_a_key(const AddFile& file, const SchemaPtr& schema) {
  if (const auto known = holds_.find(file.path); known != holds_.end()) return known->second;
  bool found = false;
  // Reading ends with an error of ours as soon as one is found.
  const Error enough(ErrorKind::cancelled, "a key was found");
  const Status read = parquet_->read({target_.folder + "/" + file.path}, "", key_schema(*schema, changes_.key()), [&](const Batch& rows) -> Status {
    PENSTOCK_TRY(for_each_key(rows, changes_.key(), [&](std::int64_t, const std::string& bytes) { found = found || changes_.holds(bytes); }));
    return found ? Status(enough) : Status();
  });
  if (!read.ok() && !found) return read.error();
  return holds_[file.path] = found;
}

Status UpsertMerge::divide(const AddFile& file, std::uint32_t count, const SchemaPtr& schema, Buckets& buckets) {
  const Bucket bucket = bucket_of(file.path);
  for (std::uint32_t number = bucket.number; number < count; number += bucket.count) buckets[number].divided_paths += file.path + "\n";
  return parquet_->read({target_.folder + "/" + file.path}, sql_none_of(replacements_), schema, [&](const Batch& rows) -> Status {
    std::map<std::uint32_t, std::vector<std::int64_t>> indices;
    PENSTOCK_TRY(for_each_key(rows, changes_.key(), [&](std::int64_t row, const std::string& bytes) {
      if (!changes_.holds(bytes)) indices[static_cast<std::uint32_t>(fnv_hash(bytes) & (count - 1))].push_back(row);
    }));
    for (const auto& [number, rows_of_bucket] : indices) buckets[number].divided.push_back(rows.take(rows_of_bucket));
    return {};
  });
}

// A table may be any number of times as large as memory: what was divided so far goes into files of its own.
Status UpsertMerge::write_divided(Buckets& buckets, std::uint32_t count, const SchemaPtr& schema, std::int64_t epoch, std::int64_t now_ms, std::vector<Action>& actions) {
  for (auto& [number, work] : buckets) {
    if (work.divided.empty()) continue;
    Work part;
    part.divided = std::exchange(work.divided, {});
    part.divided_paths = std::exchange(work.divided_paths, {});
    PENSTOCK_ASSIGN(const AddFile file, write({number, count}, part, schema, epoch, now_ms));
    actions.push_back(file);
  }
  return {};
}

void UpsertMerge::take_small_ones(Work& work, std::vector<AddFile> others) {
  std::sort(others.begin(), others.end(), [](const AddFile& a, const AddFile& b) { return rows_of(a) < rows_of(b); });
  auto rows = static_cast<std::int64_t>(std::count_if(work.changes.begin(), work.changes.end(), [](const auto& change) { return !change.removed; }));
  for (const Batch& batch : work.divided) rows += batch.rows();
  for (const AddFile& file : work.files) rows += rows_of(file);
  for (const AddFile& file : others) {
    if (rows_of(file) > rows * kTakenRows) return;
    rows += rows_of(file);
    work.files.push_back(file);
  }
}

// Without a path where nothing is left to write.
Result<AddFile> UpsertMerge::write(const Bucket& bucket, const Work& work, const SchemaPtr& schema, std::int64_t epoch, std::int64_t now_ms) {
  ParquetMerge merge{.condition = sql_none_of(replacements_)};
  std::string made_of = bucket.to_string() + "\n" + schema->to_string() + "\n" + work.divided_paths + "\n";
  for (const AddFile& file : work.files) {
    merge.paths.push_back(target_.folder + "/" + file.path);
    made_of += file.path + "\n";
  }
  if (const auto known = written_.find(made_of); known != written_.end()) return known->second;
  if (work.files_may_hold_keys) merge.keys = changes_.collect(work.changes, key_schema(*schema, changes_.key()), true);
  merge.rows = changes_.collect(work.changes, schema, false);
  merge.rows.insert(merge.rows.end(), work.divided.begin(), work.divided.end());
  if (merge.paths.empty() && merge.rows.empty()) return AddFile{};

  const std::string name = bucket_file_name(bucket, target_.writer_tag, epoch);
  PENSTOCK_ASSIGN(const ParquetFile file, parquet_->merge(merge, schema, target_.folder + "/" + name, target_.parquet));
  if (file.rows == 0) {
    remove_file(target_.folder + "/" + name);
    return written_[made_of] = AddFile{};
  }
  return written_[made_of] = AddFile{.path = name, .bytes = file.bytes, .modified_ms = now_ms, .statistics = file.statistics};
}

void UpsertMerge::measure(const std::vector<Action>& actions) {
  std::int64_t rows = 0, added = 0, removed = 0, inserted = 0;
  for (const Action& action : actions) {
    if (const auto* add = std::get_if<AddFile>(&action)) rows += rows_of(*add), ++added;
    if (std::holds_alternative<RemoveFile>(action)) ++removed;
  }
  for (const Change& change : hashed_) inserted += change.row.removed ? 0 : 1;
  rows_written_ = {static_cast<std::int64_t>(changes_.changes()), rows};
  metrics_ = {{"numSourceRows", std::to_string(changes_.changes())},
              {"numOutputRows", std::to_string(rows)},
              {"numTargetRowsCopied", std::to_string(rows - inserted)},
              {"numTargetFilesAdded", std::to_string(added)},
              {"numTargetFilesRemoved", std::to_string(removed)}};
}

void UpsertMerge::discard_unused(const Snapshot& committed) {
  for (const auto& [made_of, file] : written_)
    if (!file.path.empty() && !committed.files.contains(file.path)) remove_file(target_.folder + "/" + file.path);
  written_.clear();
}

}  // namespace penstock::delta
