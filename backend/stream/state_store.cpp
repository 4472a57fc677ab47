#include "stream/state_store.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <filesystem>
#include <mutex>

#include "base/ids.h"
#include "base/log.h"

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
};

StateWrite::StateWrite() : impl_(std::make_unique<Impl>()) {}
StateWrite::~StateWrite() = default;
StateWrite::StateWrite(StateWrite&&) noexcept = default;
StateWrite& StateWrite::operator=(StateWrite&&) noexcept = default;

void StateWrite::put(std::string_view key, std::string_view value) { impl_->batch.Put(slice(key), slice(value)); }
void StateWrite::erase(std::string_view key) { impl_->batch.Delete(slice(key)); }
void StateWrite::erase_range(std::string_view from, std::string_view until) { impl_->batch.DeleteRange(slice(from), slice(until)); }

struct StateStore::Impl {
  std::string path;
  std::unique_ptr<rocksdb::DB> db;
  std::atomic<bool> broken = false;
  std::function<void(const Error&)> failed;
  std::atomic<bool> is_told = false;

  mutable std::mutex mutex;
  std::string id, former_id;       // protected by mutex

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
  settings.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  settings.write_buffer_size = 2 << 20;
  // What is written is gone again soon (outbox), or hashes, which do not get smaller.
  settings.compression = rocksdb::kNoCompression;
  settings.max_write_buffer_number = 2;
  settings.max_background_jobs = 2;
  settings.max_total_wal_size = 32 << 20;
  settings.max_open_files = 64;
  settings.recycle_log_file_num = 0;
  settings.stats_dump_period_sec = 0;
  settings.stats_persist_period_sec = 0;
  settings.info_log = std::make_shared<WarningLog>();

  auto impl = std::make_unique<Impl>();
  impl->path = path;
  impl->failed = options.failed;
  rocksdb::DB* db = nullptr;
  if (const auto status = rocksdb::DB::Open(settings, path, &db); !status.ok()) return open_error(status, path);
  impl->db.reset(db);

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
  std::string value;
  const auto status = impl_->db->Get(rocksdb::ReadOptions(), slice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return impl_->meet(status);
  return std::optional<std::string>(std::move(value));
}

Status StateStore::scan(std::string_view prefix, const std::function<Status(std::string_view, std::string_view)>& visit) const {
  const std::unique_ptr<rocksdb::Iterator> it(impl_->db->NewIterator(rocksdb::ReadOptions()));
  for (it->Seek(slice(prefix)); it->Valid() && it->key().starts_with(slice(prefix)); it->Next())
    PENSTOCK_TRY(visit(view(it->key()).substr(prefix.size()), view(it->value())));
  if (!it->status().ok()) return impl_->meet(it->status());
  return {};
}

std::int64_t StateStore::bytes_on_disk() const {
  std::uint64_t files = 0, memory = 0;
  impl_->db->GetIntProperty(rocksdb::DB::Properties::kTotalSstFilesSize, &files);
  impl_->db->GetIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables, &memory);
  return static_cast<std::int64_t>(files + memory);
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
