#pragma once

// The durable state of one shard: positions, operator state and outbox in one RocksDB directory. An epoch is one
// synced write; whatever is not in it did not happen. The only place in Penstock that knows RocksDB.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock {

// Puts and erases that take effect together. Not thread-safe.
class StateWrite {
 public:
  StateWrite();
  ~StateWrite();
  StateWrite(StateWrite&&) noexcept;
  StateWrite& operator=(StateWrite&&) noexcept;

  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);
  // Every key in [from, until).
  void erase_range(std::string_view from, std::string_view until);

 private:
  friend class StateStore;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Thread-safe. Errors: `failed_precondition` when another process holds the directory, `data_loss` when it is
// damaged, `resource_exhausted` when the disk is full, else `io`. After a failed write the store refuses all others:
// a shard never goes on with a damaged store, and its pod ends.
class StateStore {
 public:
  struct Options {
    std::int64_t cache_bytes = 8 << 20;
    bool create = true;
    std::function<void(const Error&)> failed;      // the disk refused a read or a write: called once, by whoever met it
  };
  static Result<std::unique_ptr<StateStore>> open(const std::string& path, const Options& options);
  ~StateStore();

  // Random, made with the directory: a marker of another id belongs to another state.
  std::string id() const;
  // The id that it had before renew_id(); empty: it always had this one.
  std::string former_id() const;
  // From now on this is another state: what it writes cannot be taken for what a newer copy of it wrote. Synced.
  Status renew_id();

  Status write(const StateWrite& write, bool sync);
  Result<std::optional<std::string>> get(std::string_view key) const;
  // Every key that begins with `prefix`, ascending, without the prefix. Stops at the first error.
  Status scan(std::string_view prefix, const std::function<Status(std::string_view key, std::string_view value)>& visit) const;
  // Every key from `first` to `last`, both with it, ascending and whole. For what is read once: nothing of it is cached.
  Status scan_between(std::string_view first, std::string_view last, const std::function<Status(std::string_view key, std::string_view value)>& visit) const;
  std::int64_t bytes_on_disk() const;
  // Makes what unsynced writes did durable.
  Status sync();
  // A copy of all that is durable now, in a folder that is not there yet; files that do not change are shared where both lie on
  // one disk.
  Status copy_to(const std::string& folder);

 private:
  struct Impl;
  explicit StateStore(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// Keys and values are texts and big-endian integers, so that keys sort as their numbers do.
void append_key(std::int64_t number, std::string& key);
std::int64_t read_key(std::string_view key);    // the last eight bytes

}  // namespace penstock
