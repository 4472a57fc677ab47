#include "stream/state_store.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <vector>

#include "base/ids.h"
#include "base/log.h"
#include "stream/packed_value.h"

namespace penstock {
namespace {

constexpr std::string_view kIdKey = "meta/id";
constexpr std::string_view kFormerIdKey = "meta/former_id";

// Its warnings go where those of Penstock go. In a file beside the data they would be one more write for a full disk to
// refuse, and RocksDB aborts when a log that has failed once is written to again.
class WarningLog final : public rocksdb::Logger {
 public:
  WarningLog() : rocksdb::Logger(rocksdb::WARN_LEVEL) {}
  void LogHeader(const char*, va_list) override {}
  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list values) override {
    char line[1024];
    std::vsnprintf(line, sizeof line, format, values);
    log_warn("rocksdb: {}", line);
  }
};

// The outbox is a column family of its own. What is in it is written once, read once and gone: a value of some size stands
// in a blob file, which goes whole, and compaction never carries it on. Everything else stays longer.
constexpr const char* kOutboxName = "outbox";
constexpr std::string_view kOutboxPrefix = "out/";
constexpr std::uint64_t kBlobBytes = 4096;
constexpr std::size_t kMemtableBytes = 2 << 20;       // of each family
constexpr std::size_t kMoveBytes = 16 << 20;

// A write is made before it is known for which store, and a batch keeps no more of a family than its number.
class OutboxFamily final : public rocksdb::ColumnFamilyHandle {
 public:
  const std::string& GetName() const override { return name_; }
  std::uint32_t GetID() const override { return 1; }       // the first that is made after the default one
  rocksdb::Status GetDescriptor(rocksdb::ColumnFamilyDescriptor*) override { return rocksdb::Status::NotSupported(); }
  const rocksdb::Comparator* GetComparator() const override { return rocksdb::BytewiseComparator(); }

 private:
  const std::string name_ = kOutboxName;
};

OutboxFamily outbox_family;

bool is_of_outbox(std::string_view key) { return key.starts_with(kOutboxPrefix); }
// For a batch; a store has handles of its own.
rocksdb::ColumnFamilyHandle* family_of(std::string_view key) { return is_of_outbox(key) ? &outbox_family : nullptr; }

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

Error to_error(const rocksdb::Status& status, const std::string& path) {
  if (status.IsNoSpace() || status.ToString().find("No space left") != std::string::npos)
    return Error(ErrorKind::resource_exhausted, "the disk that holds the stream's state is full", "free space: the pipeline goes on by itself", path);
  if (status.IsCorruption())
    return Error(ErrorKind::data_loss, "the stream's state is damaged: " + status.ToString(), "reset its pod: the state is rebuilt from the tables", path);
  if (status.IsIOError() && status.ToString().find("lock") != std::string::npos)
    return Error(ErrorKind::failed_precondition, "the stream's state is held by another process", "stop the other pod first", path);
  return Error(ErrorKind::io, "the stream's state cannot be used: " + status.ToString(), "", path);
}

// A file that its list of files names and that is not there is damage too, though RocksDB calls it an I/O error.
Error open_error(const rocksdb::Status& status, const std::string& path) {
  if (status.IsIOError() && status.subcode() == rocksdb::Status::SubCode::kPathNotFound) return to_error(rocksdb::Status::Corruption(status.ToString()), path);
  return to_error(status, path);
}

}  // namespace

struct StateWrite::Impl {
  rocksdb::WriteBatch batch;
  std::string packed;      // the last value that was put, when it was packed
};

StateWrite::StateWrite() : impl_(std::make_unique<Impl>()) {}
StateWrite::~StateWrite() = default;
StateWrite::StateWrite(StateWrite&&) noexcept = default;
StateWrite& StateWrite::operator=(StateWrite&&) noexcept = default;

void StateWrite::put(std::string_view key, std::string_view value) {
  impl_->batch.Put(family_of(key), slice(key), slice(pack_value(value, impl_->packed)));
}
void StateWrite::erase(std::string_view key) { impl_->batch.Delete(family_of(key), slice(key)); }
void StateWrite::erase_range(std::string_view from, std::string_view until) { impl_->batch.DeleteRange(family_of(from), slice(from), slice(until)); }

struct StateStore::Impl {
  std::string path;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;      // the default one, the outbox
  std::atomic<bool> broken = false;
  std::function<void(const Error&)> failed;
  std::atomic<bool> is_told = false;

  mutable std::mutex mutex;
  std::string id, former_id;       // protected by mutex

  ~Impl() {
    for (rocksdb::ColumnFamilyHandle* family : families) db->DestroyColumnFamilyHandle(family);
  }

  rocksdb::ColumnFamilyHandle* family_of(std::string_view key) const { return families[is_of_outbox(key) ? 1 : 0]; }

  // A state of a build before the outbox had a family keeps it among the rest.
  rocksdb::Status move_outbox() {
    rocksdb::WriteBatch batch;
    const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator(rocksdb::ReadOptions()));
    const rocksdb::Slice prefix = slice(kOutboxPrefix);
    rocksdb::Status status;
    for (it->Seek(prefix); status.ok() && it->Valid() && it->key().starts_with(prefix); it->Next()) {
      batch.Put(families[1], it->key(), it->value());
      batch.Delete(it->key());
      if (batch.GetDataSize() < kMoveBytes) continue;
      status = db->Write({}, &batch);
      batch.Clear();
    }
    if (status.ok() && batch.Count() > 0) status = db->Write({}, &batch);
    return status.ok() ? it->status() : status;
  }

  Result<std::string_view> value_of(std::string_view stored, std::string& buffer) {
    if (const auto value = unpack_value(stored, buffer)) return *value;
    return meet(rocksdb::Status::Corruption("a packed value cannot be unpacked"));
  }

  // Damage is for the operator to choose about; a disk that refuses is not.
  Error meet(const rocksdb::Status& status) {
    const Error error = to_error(status, path);
    const bool refused = error.kind == ErrorKind::io || error.kind == ErrorKind::resource_exhausted;
    if (refused && failed && !is_told.exchange(true)) failed(error);
    return error;
  }
};

StateStore::StateStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StateStore::~StateStore() = default;

Result<std::unique_ptr<StateStore>> StateStore::open(const std::string& path, const Options& options) {
  std::error_code failed;
  if (options.create) std::filesystem::create_directories(path, failed);
  if (failed) return Error(ErrorKind::io, "cannot make the state folder: " + failed.message(), "", path);

  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(static_cast<std::size_t>(options.cache_bytes));
  rocksdb::Options settings;
  settings.create_if_missing = options.create;
  settings.create_missing_column_families = true;
  settings.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  settings.write_buffer_size = kMemtableBytes;
  settings.compression = rocksdb::kNoCompression;      // mostly hashes, which do not get smaller, or gone again soon
  settings.max_write_buffer_number = 2;
  settings.max_background_jobs = 2;
  settings.max_total_wal_size = 32 << 20;
  settings.max_open_files = 64;
  settings.recycle_log_file_num = 0;
  settings.avoid_flush_during_recovery = true;      // what the log holds is small, and whoever opens the state waits for it
  settings.stats_dump_period_sec = 0;
  settings.stats_persist_period_sec = 0;
  settings.info_log = std::make_shared<WarningLog>();

  auto impl = std::make_unique<Impl>();
  impl->path = path;
  impl->failed = options.failed;
  rocksdb::ColumnFamilyOptions outbox(settings);
  // The rest is hardly read but at a start: each compaction writes all of it again, so it may wait.
  settings.level0_file_num_compaction_trigger = 16;
  settings.level0_slowdown_writes_trigger = 32;
  settings.level0_stop_writes_trigger = 48;
  outbox.enable_blob_files = true;
  outbox.min_blob_size = kBlobBytes;
  rocksdb::DB* db = nullptr;
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {{rocksdb::kDefaultColumnFamilyName, settings}, {kOutboxName, outbox}};
  if (const auto status = rocksdb::DB::Open(settings, path, families, &impl->families, &db); !status.ok()) return open_error(status, path);
  impl->db.reset(db);
  if (impl->families[1]->GetID() != outbox_family.GetID()) return open_error(rocksdb::Status::Corruption("its outbox is not where it was made"), path);
  if (const auto status = impl->move_outbox(); !status.ok()) return open_error(status, path);

  std::unique_ptr<StateStore> store(new StateStore(std::move(impl)));
  PENSTOCK_ASSIGN(const std::optional<std::string> id, store->get(kIdKey));
  if (id) {
    PENSTOCK_ASSIGN(const std::optional<std::string> former, store->get(kFormerIdKey));
    store->impl_->id = *id;
    store->impl_->former_id = former.value_or("");
    return store;
  }
  store->impl_->id = random_id();
  StateWrite write;
  write.put(kIdKey, store->impl_->id);
  PENSTOCK_TRY(store->write(write, true));
  return store;
}

std::string StateStore::id() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->id;
}

std::string StateStore::former_id() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->former_id;
}

Status StateStore::renew_id() {
  const std::string id = random_id();
  StateWrite write;
  write.put(kIdKey, id);
  write.put(kFormerIdKey, this->id());
  PENSTOCK_TRY(this->write(write, true));
  std::lock_guard lock(impl_->mutex);
  impl_->former_id = std::exchange(impl_->id, id);
  return {};
}

Status StateStore::write(const StateWrite& write, bool sync) {
  if (impl_->broken)
    return Error(ErrorKind::failed_precondition, "an earlier write to the stream's state failed", "resume the pipeline", impl_->path);
  rocksdb::WriteOptions options;
  options.sync = sync;
  if (const auto status = impl_->db->Write(options, &write.impl_->batch); !status.ok()) {
    impl_->broken = true;
    return impl_->meet(status);
  }
  return {};
}

Result<std::optional<std::string>> StateStore::get(std::string_view key) const {
  std::string stored, buffer;
  const auto status = impl_->db->Get(rocksdb::ReadOptions(), impl_->family_of(key), slice(key), &stored);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return impl_->meet(status);
  PENSTOCK_ASSIGN(const std::string_view value, impl_->value_of(stored, buffer));
  return std::optional<std::string>(value.data() == stored.data() ? std::move(stored) : std::move(buffer));
}

Status StateStore::scan(std::string_view prefix, const std::function<Status(std::string_view, std::string_view)>& visit) const {
  const std::unique_ptr<rocksdb::Iterator> it(impl_->db->NewIterator(rocksdb::ReadOptions(), impl_->family_of(prefix)));
  std::string buffer;
  for (it->Seek(slice(prefix)); it->Valid() && it->key().starts_with(slice(prefix)); it->Next()) {
    PENSTOCK_ASSIGN(const std::string_view value, impl_->value_of(view(it->value()), buffer));
    PENSTOCK_TRY(visit(view(it->key()).substr(prefix.size()), value));
  }
  if (!it->status().ok()) return impl_->meet(it->status());
  return {};
}

Status StateStore::scan_between(std::string_view first, std::string_view last, const std::function<Status(std::string_view, std::string_view)>& visit) const {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> it(impl_->db->NewIterator(options, impl_->family_of(first)));
  std::string buffer;
  for (it->Seek(slice(first)); it->Valid() && it->key().compare(slice(last)) <= 0; it->Next()) {
    PENSTOCK_ASSIGN(const std::string_view value, impl_->value_of(view(it->value()), buffer));
    PENSTOCK_TRY(visit(view(it->key()), value));
  }
  if (!it->status().ok()) return impl_->meet(it->status());
  return {};
}

std::int64_t StateStore::bytes_on_disk() const {
  std::uint64_t files = 0, blobs = 0, memory = 0;
  impl_->db->GetAggregatedIntProperty(rocksdb::DB::Properties::kTotalSstFilesSize, &files);
  impl_->db->GetAggregatedIntProperty(rocksdb::DB::Properties::kTotalBlobFileSize, &blobs);
  impl_->db->GetAggregatedIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables, &memory);
  return static_cast<std::int64_t>(files + blobs + memory);
}

Status StateStore::copy_to(const std::string& folder) {
  rocksdb::Checkpoint* made = nullptr;
  auto status = rocksdb::Checkpoint::Create(impl_->db.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(folder);
  return status.ok() ? Status() : Status(to_error(status, folder));
}

Status StateStore::sync() {
  if (const auto status = impl_->db->FlushWAL(true); !status.ok()) {
    impl_->broken = true;
    return impl_->meet(status);
  }
  return {};
}

void append_key(std::int64_t number, std::string& key) {
  // The sign bit is flipped so that negative numbers sort first.
  const auto bits = static_cast<std::uint64_t>(number) ^ (std::uint64_t{1} << 63);
  for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(bits >> shift));
}

std::int64_t read_key(std::string_view key) {
  std::uint64_t bits = 0;
  for (const char c : key.substr(key.size() - 8)) bits = bits << 8 | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(bits ^ (std::uint64_t{1} << 63));
}

}  // namespace penstock
