#include "stream/outbox.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/clock.h"
#include "record/batch_bytes.h"

namespace penstock {
namespace {

// A stored epoch: u32 batches, each u32 length + batch bytes; u32 files, each path, bytes, rows, statistics;
// u32 replacements; the progress. Texts are u32 length + bytes.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  void number(std::int64_t value) { out_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void text(std::string_view value) {
    number(static_cast<std::int64_t>(value.size()));
    out_.append(value);
  }

 private:
  std::string& out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  std::int64_t number() {
    std::int64_t value = 0;
    if (bytes_.size() < sizeof value) return fail();
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
    return value;
  }
  std::string_view text() {
    const std::int64_t size = number();
    if (size < 0 || static_cast<std::size_t>(size) > bytes_.size()) {
      fail();
      return {};
    }
    const std::string_view value = bytes_.substr(0, static_cast<std::size_t>(size));
    bytes_.remove_prefix(value.size());
    return value;
  }
  bool ok() const { return ok_; }

 private:
  std::int64_t fail() {
    ok_ = false;
    bytes_ = {};
    return 0;
  }
  std::string_view bytes_;
  bool ok_ = true;
};

std::string encode(const SinkEpoch& epoch) {
  std::string bytes;
  Writer writer(bytes);
  writer.number(static_cast<std::int64_t>(epoch.rows.size()));
  for (const Batch& batch : epoch.rows) {
    const std::size_t at = bytes.size();
    writer.number(0);
    append_batch_bytes(batch, bytes);
    const auto size = static_cast<std::int64_t>(bytes.size() - at - sizeof(std::int64_t));
    std::memcpy(bytes.data() + at, &size, sizeof size);
  }
  writer.number(static_cast<std::int64_t>(epoch.files.size()));
  for (const StagedFile& file : epoch.files) {
    writer.text(file.path);
    writer.number(file.bytes);
    writer.number(file.rows);
    writer.text(file.statistics);
  }
  writer.number(static_cast<std::int64_t>(epoch.replaces.size()));
  for (const Replacement& replaced : epoch.replaces) {
    writer.text(replaced.column);
    writer.text(replaced.source);
    writer.number(replaced.partition);
    writer.number(replaced.from);
    writer.number(replaced.until);
  }
  writer.text(epoch.progress);
  return bytes;
}

Result<SinkEpoch> decode(std::int64_t number, std::string_view bytes) {
  const Error damaged(ErrorKind::data_loss, "an outbox entry is damaged");
  SinkEpoch epoch;
  epoch.epoch = number;
  Reader reader(bytes);
  for (std::int64_t left = reader.number(); left > 0 && reader.ok(); --left) {
    PENSTOCK_ASSIGN(Batch batch, parse_batch_bytes(reader.text()));
    epoch.rows.push_back(std::move(batch));
  }
  for (std::int64_t left = reader.number(); left > 0 && reader.ok(); --left) {
    StagedFile file;
    file.path = reader.text();
    file.bytes = reader.number();
    file.rows = reader.number();
    file.statistics = reader.text();
    epoch.files.push_back(std::move(file));
  }
  for (std::int64_t left = reader.number(); left > 0 && reader.ok(); --left) {
    Replacement replaced;
    replaced.column = reader.text();
    replaced.source = reader.text();
    replaced.partition = static_cast<std::int32_t>(reader.number());
    replaced.from = reader.number();
    replaced.until = reader.number();
    epoch.replaces.push_back(std::move(replaced));
  }
  epoch.progress = reader.text();
  if (!reader.ok()) return damaged;
  return epoch;
}

constexpr std::int64_t kStagedMicros = 1'000'000;
constexpr std::size_t kEntriesInMemory = 32;

std::int64_t staged_bytes(const SinkEpoch& epoch) {
  std::int64_t bytes = 0;
  for (const StagedFile& file : epoch.files) bytes += file.bytes;
  return bytes;
}

std::int64_t rows_of(const SinkEpoch& epoch) {
  std::int64_t rows = 0;
  for (const Batch& batch : epoch.rows) rows += batch.rows();
  for (const StagedFile& file : epoch.files) rows += file.rows;
  return rows;
}

}  // namespace

std::string Outbox::key_of(const std::string& sink, std::int64_t epoch) {
  std::string key = "out/" + sink + "/";
  append_key(epoch, key);
  return key;
}

void Outbox::add_sink(const std::string& sink) {
  std::lock_guard lock(mutex_);
  queues_.try_emplace(sink);
}

void Outbox::push(const std::string& sink, Entry entry) {
  Queue& queue = queues_[sink];
  queue.rows += entry.rows;
  queue.bytes += entry.bytes;
  // Many small epochs cost more memory as batches than they hold; they are read back when they are due.
  const bool too_many = queue.entries.size() >= kEntriesInMemory;
  if (entry.in_memory && !entry.staged && (too_many || queue.memory + entry.bytes > memory_bytes_)) {
    entry.in_memory = false;
    entry.content = {};
  }
  if (entry.in_memory && !entry.staged) queue.memory += entry.bytes;
  queue.entries.push_back(std::move(entry));
}

Status Outbox::restore(std::int64_t now) {
  std::lock_guard lock(mutex_);
  for (auto& [sink, queue] : queues_) {
    PENSTOCK_TRY(state_.scan("out/" + sink + "/", [&, &name = sink](std::string_view key, std::string_view value) -> Status {
      PENSTOCK_ASSIGN(SinkEpoch epoch, decode(read_key(key), value));
      Entry entry;
      entry.epoch = epoch.epoch;
      entry.rows = rows_of(epoch);
      entry.bytes = static_cast<std::int64_t>(value.size()) + staged_bytes(epoch);
      entry.staged = !epoch.files.empty();
      entry.at = now;
      entry.in_memory = true;
      entry.content = std::move(epoch);
      push(name, std::move(entry));
      return {};
    }));
  }
  return {};
}

void Outbox::stage(const std::string& sink, SinkEpoch epoch, StateWrite& write) {
  const std::string bytes = encode(epoch);
  write.put(key_of(sink, epoch.epoch), bytes);
  Entry entry;
  entry.epoch = epoch.epoch;
  entry.rows = rows_of(epoch);
  entry.bytes = static_cast<std::int64_t>(bytes.size()) + staged_bytes(epoch);
  entry.staged = !epoch.files.empty();
  entry.in_memory = true;
  entry.content = std::move(epoch);
  staged_.emplace_back(sink, std::move(entry));
}

void Outbox::publish(std::int64_t now) {
  if (staged_.empty()) return;
  std::lock_guard lock(mutex_);
  for (auto& [sink, entry] : staged_) {
    entry.at = now;
    push(sink, std::move(entry));
    // Its waiter knows by itself when the oldest is due: woken at each epoch, it would cost more than the epoch.
    Queue& queue = queues_[sink];
    if (queue.entries.size() == 1 || queue.bytes >= queue.due_bytes) queue.due.notify_one();
  }
  staged_.clear();
}

Outbox::Waiting Outbox::waiting(const std::string& sink) const {
  std::lock_guard lock(mutex_);
  const auto found = queues_.find(sink);
  if (found == queues_.end() || found->second.entries.empty()) return {};
  const Queue& queue = found->second;
  return {queue.rows, queue.bytes, queue.entries.front().at, queue.entries.back().epoch};
}

std::int64_t Outbox::oldest_waiting() const {
  std::int64_t oldest = std::numeric_limits<std::int64_t>::max();
  if (!staged_.empty()) oldest = staged_.front().second.epoch;
  std::lock_guard lock(mutex_);
  for (const auto& [sink, queue] : queues_)
    if (!queue.entries.empty()) oldest = std::min(oldest, queue.entries.front().epoch);
  return oldest;
}

std::int64_t Outbox::bytes() const {
  std::lock_guard lock(mutex_);
  std::int64_t total = 0;
  for (const auto& [sink, queue] : queues_) total += queue.bytes;
  return total;
}

std::string Outbox::holder(std::int64_t limit) const {
  std::lock_guard lock(mutex_);
  std::int64_t total = 0, most = -1;
  std::string holder;
  for (const auto& [sink, queue] : queues_) {
    total += queue.bytes;
    if (queue.bytes > most) {
      most = queue.bytes;
      holder = sink;
    }
  }
  return total >= limit ? holder : "";
}

bool Outbox::wait_due(const std::string& sink, std::chrono::milliseconds flush, std::int64_t flush_bytes, const Clock& clock, Cancellation cancellation) {
  const std::int64_t flush_micros = std::chrono::duration_cast<std::chrono::microseconds>(flush).count();
  std::unique_lock lock(mutex_);
  while (!cancellation.stop_requested()) {
    Queue& queue = queues_[sink];
    queue.due_bytes = flush_bytes;
    if (queue.entries.empty()) {
      queue.due.wait(lock, cancellation, [&] { return !queue.entries.empty(); });
      continue;
    }
    // Rows in staged files are not in memory for `query` to look at: they become visible soon.
    const Entry& oldest = queue.entries.front();
    const std::int64_t left = oldest.at + (oldest.staged ? std::min(flush_micros, kStagedMicros) : flush_micros) - to_micros(clock.now());
    if (flush_now_ || queue.bytes >= flush_bytes || left <= 0) return true;
    queue.due.wait_for(lock, cancellation, std::chrono::microseconds(left), [&] { return flush_now_ || queue.bytes >= flush_bytes; });
  }
  return false;
}

Result<std::vector<SinkEpoch>> Outbox::take(const std::string& sink, std::int64_t max_bytes) const {
  std::vector<SinkEpoch> epochs;
  std::vector<std::size_t> to_read;
  {
    std::lock_guard lock(mutex_);
    const auto found = queues_.find(sink);
    if (found == queues_.end()) return epochs;
    std::int64_t bytes = 0;
    for (const Entry& entry : found->second.entries) {
      if (!epochs.empty() && bytes + entry.bytes > max_bytes) break;
      bytes += entry.bytes;
      if (!entry.in_memory) to_read.push_back(epochs.size());
      epochs.push_back(entry.in_memory ? entry.content : SinkEpoch{.epoch = entry.epoch});
    }
  }
  for (const std::size_t index : to_read) {
    const std::int64_t number = epochs[index].epoch;
    PENSTOCK_ASSIGN(const auto bytes, state_.get(key_of(sink, number)));
    // Trimmed in between: nothing of it is due any more.
    if (!bytes) continue;
    PENSTOCK_ASSIGN(epochs[index], decode(number, *bytes));
  }
  return epochs;
}

Status Outbox::trim(const std::string& sink, std::int64_t epoch) {
  StateWrite write;
  {
    std::lock_guard lock(mutex_);
    Queue& queue = queues_[sink];
    while (!queue.entries.empty() && queue.entries.front().epoch <= epoch) {
      const Entry& entry = queue.entries.front();
      write.erase(key_of(sink, entry.epoch));
      queue.rows -= entry.rows;
      queue.bytes -= entry.bytes;
      if (entry.in_memory && !entry.staged) queue.memory -= entry.bytes;
      queue.entries.pop_front();
    }
    trimmed_.notify_all();
  }
  // Not synced: what comes back after a power cut is known to the sink by its marker.
  return state_.write(write, false);
}

void Outbox::flush_now(bool on) {
  std::lock_guard lock(mutex_);
  flush_now_ = on;
  for (auto& [sink, queue] : queues_) queue.due.notify_one();
}

bool Outbox::wait_empty(const std::vector<std::string>& sinks, std::int64_t epoch, std::chrono::milliseconds at_most, Cancellation cancellation) const {
  std::unique_lock lock(mutex_);
  return trimmed_.wait_for(lock, cancellation, at_most, [&] {
    for (const std::string& sink : sinks) {
      const auto found = queues_.find(sink);
      if (found != queues_.end() && !found->second.entries.empty() && found->second.entries.front().epoch <= epoch) return false;
    }
    return true;
  });
}

}  // namespace penstock
