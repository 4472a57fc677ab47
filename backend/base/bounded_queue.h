#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>

namespace penstock {

// A queue between threads, bounded by items and by bytes; a full one blocks its producer, which is how
// back-pressure travels. Thread-safe. close() wakes everyone: producers are refused, consumers drain what is left.
template <typename T>
class BoundedQueue {
 public:
  BoundedQueue(std::size_t max_items, std::size_t max_bytes) : max_items_(max_items), max_bytes_(max_bytes) {}

  // Blocks while full; an item larger than max_bytes passes when the queue is empty. False when closed.
  bool push(T item, std::size_t bytes) {
    std::unique_lock lock(mutex_);
    has_room_.wait(lock, [&] { return closed_ || fits(bytes); });
    if (closed_) return false;
    bytes_ += bytes;
    items_.emplace_back(std::move(item), bytes);
    has_items_.notify_one();
    return true;
  }

  // Empty when the queue stays empty for `wait`, is closed and drained, or the consumer is called away.
  std::optional<T> pop(std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    has_items_.wait_for(lock, wait, [&] { return closed_ || called_ || !items_.empty(); });
    called_ = false;
    if (items_.empty()) return std::nullopt;
    auto [item, bytes] = std::move(items_.front());
    items_.pop_front();
    bytes_ -= bytes;
    has_room_.notify_one();
    return std::move(item);
  }

  // There is something else to do for the consumer: its pop(), or its next one, does not wait.
  void call() {
    std::lock_guard lock(mutex_);
    called_ = true;
    has_items_.notify_all();
  }

  void close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    has_room_.notify_all();
    has_items_.notify_all();
  }

  std::size_t items() const { std::lock_guard lock(mutex_); return items_.size(); }
  std::size_t bytes() const { std::lock_guard lock(mutex_); return bytes_; }

 private:
  bool fits(std::size_t bytes) const {
    return items_.empty() || (items_.size() < max_items_ && bytes_ + bytes <= max_bytes_);
  }

  // Constant after construction.
  const std::size_t max_items_;
  const std::size_t max_bytes_;

  // Protected by mutex_.
  mutable std::mutex mutex_;
  std::condition_variable has_room_;
  std::condition_variable has_items_;
  std::deque<std::pair<T, std::size_t>> items_;
  std::size_t bytes_ = 0;
  bool called_ = false;
  bool closed_ = false;
};

}  // namespace penstock
