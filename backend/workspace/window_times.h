#pragma once

// When the windows of a step begin and end. Windows are [start, start + size), one every `every` since
// 1970-01-01T00:00:00Z; tumbling ones have every == size (semantics.md, "Event time"). All numbers are micros.

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace penstock {

class WindowTimes {
 public:
  // 0 < every <= size.
  WindowTimes(std::int64_t size, std::int64_t every) : size_(size), every_(every), pane_(std::gcd(size, every)) {}

  std::int64_t size() const { return size_; }
  std::int64_t every() const { return every_; }
  // Windows that overlap share panes: all rows of a pane belong to the same windows.
  std::int64_t pane() const { return pane_; }
  std::int64_t pane_of(std::int64_t time) const { return down_to(time, pane_); }

  // Of the windows that `time` belongs to.
  std::int64_t first_start(std::int64_t time) const { return start_at_or_after(pane_of(time) + pane_ - size_); }
  std::int64_t last_start(std::int64_t time) const { return down_to(time, every_); }
  std::int64_t last_end(std::int64_t time) const { return last_start(time) + size_; }

  std::int64_t start_at_or_after(std::int64_t time) const { return down_to(time + every_ - 1, every_); }
  // Behind the starts of the windows that end at or before `time`.
  std::int64_t starts_until(std::int64_t time) const { return last_start(time - size_) + every_; }
  // Windows that lie in [from, to) as a whole.
  std::int64_t count_between(std::int64_t from, std::int64_t to) const {
    return std::max<std::int64_t>(0, (starts_until(to) - start_at_or_after(from)) / every_);
  }

 private:
  static std::int64_t down_to(std::int64_t time, std::int64_t step) { return time - ((time % step) + step) % step; }

  std::int64_t size_, every_, pane_;
};

}  // namespace penstock
