#include "stream/outbox.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/clock.h"
#include "record/batch_builder.h"
#include "stream/outbox_entry.h"

namespace penstock {
namespace {

// Small batches of epochs that were read back, as slices of larger ones: by itself a batch of one row takes some 5 KB.
class Gatherer {
 public:
  void add(SinkEpoch& epoch) {
    for (Batch& batch : epoch.rows) {
      if (batch.rows() >= kAlone) continue;
      if (rows_ && (*rows_->schema() != *batch.schema() || rows_->rows() + batch.rows() > kMaxBatchRows)) finish();
      if (!rows_) rows_.emplace(batch.schema());
      places_.push_back({&batch, rows_->rows(), batch.rows()});
      rows_->append_rows(batch);
      batch = {};
    }
  }
  void finish() {
    if (!rows_) return;
    const Batch all = rows_->finish();
    for (const Place& place : places_) *place.batch = all.slice(place.first, place.rows);
    places_.clear();
    rows_.reset();
  }

 private:
  static constexpr std::int64_t kAlone = 1'000;
  struct Place {
    Batch* batch;
    std::int64_t first;
    std::int64_t rows;
  };
  std::optional<BatchBuilder> rows_;
  std::vector<Place> places_;
};

constexpr std::int64_t kStagedMicros = 1'000'000;

}  // namespace

std::int64_t commit_time(const std::string& sink, std::int64_t oldest, std::int64_t flush) {
  if (flush <= 0) return oldest;
  const auto place = static_cast<std::int64_t>(std::hash<std::string>{}(sink) % static_cast<std::uint64_t>(flush));
  return oldest + flush - (oldest - place) % flush;
}
constexpr std::size_t kEntriesInMemory = 32;

std::string Outbox::key_of(const std::string& sink, std::int64_t epoch) {
  std::string key = "out/" + sink + "/";
  append_key(epoch, key);
  return key;
}

void Outbox::add_sink(const std::string& sink) {
  std::lock_guard lock(mutex_);
  queues_.try_emplace(sink);
}

Outbox::Entry Outbox::entry_of(std::int64_t epoch, std::string_view bytes, const EpochSize& size) {
  Entry entry;
  entry.epoch = epoch;
  entry.rows = size.rows;
  entry.bytes = static_cast<std::int64_t>(bytes.size()) + size.file_bytes;
  entry.staged = size.staged;
  return entry;
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
      PENSTOCK_ASSIGN(const EpochSize size, size_of_stored(value));
      Entry entry = entry_of(read_key(key), value, size);
      entry.at = now;
      push(name, std::move(entry));
      return {};
    }));
  }
  return {};
}

void Outbox::stage(const std::string& sink, SinkEpoch epoch, StateWrite& write) {
  const std::string bytes = encode_epoch(epoch);
  write.put(key_of(sink, epoch.epoch), bytes);
  Entry entry = entry_of(epoch.epoch, bytes, size_of(epoch));
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
  std::int64_t waits_for = 0;
  std::chrono::steady_clock::time_point due_at;
  while (!cancellation.stop_requested()) {
    Queue& queue = queues_[sink];
    queue.due_bytes = flush_bytes;
    if (queue.entries.empty()) {
      queue.due.wait(lock, cancellation, [&] { return !queue.entries.empty(); });
      continue;
    }
    // Rows in staged files are not in memory for `query` to look at: they become visible soon.
    const Entry& oldest = queue.entries.front();
    const std::int64_t due = oldest.staged ? oldest.at + std::min(flush_micros, kStagedMicros) : commit_time(sink, oldest.at, flush_micros);
    // The wall clock chooses the moment, and is asked once: rows do not wait for it where it is set back meanwhile.
    if (waits_for != oldest.epoch) due_at = clock.steady() + std::chrono::microseconds(std::clamp<std::int64_t>(due - to_micros(clock.now()), 0, flush_micros));
    waits_for = oldest.epoch;
    const std::int64_t left = std::chrono::duration_cast<std::chrono::microseconds>(due_at - clock.steady()).count();
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
  if (to_read.empty()) return epochs;
  Gatherer gatherer;
  auto next = to_read.begin();
  const std::string first = key_of(sink, epochs[to_read.front()].epoch), last = key_of(sink, epochs[to_read.back()].epoch);
  PENSTOCK_TRY(state_.scan_between(first, last, [&](std::string_view key, std::string_view value) -> Status {
    const std::int64_t number = read_key(key);
    // One that is not there was trimmed in between: nothing of it is due any more.
    while (next != to_read.end() && epochs[*next].epoch < number) ++next;
    if (next == to_read.end() || epochs[*next].epoch != number) return {};
    PENSTOCK_ASSIGN(epochs[*next], decode_epoch(number, value));
    gatherer.add(epochs[*next]);
    return {};
  }));
  gatherer.finish();
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
