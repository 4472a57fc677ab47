#pragma once

#include <cstdint>
#include <vector>

namespace penstock {

// Sums per slot of time, for the last `count` slots: sparklines, trends, "last 15 minutes". Slots are aligned to multiples of
// their width since 1970. Thread-compatible.
class SlotSeries {
 public:
  SlotSeries(std::int64_t width_micros, std::size_t count) : width_(width_micros), slots_(count) {}

  void add(std::int64_t at, double amount);
  // Oldest first, `count` of them, the last one the slot of `now`; NaN where nothing was added.
  std::vector<double> sums(std::int64_t now) const;
  // Over the last `slots` slots, that of `now` being the last; `skip` newest ones left out.
  double total(std::int64_t now, std::size_t slots, std::size_t skip = 0) const;
  std::int64_t width() const { return width_; }

 private:
  struct Slot {
    std::int64_t number = -1;       // of its width since 1970; -1: never used
    double sum = 0;
  };
  const Slot* slot_of(std::int64_t number) const;

  std::int64_t width_;
  std::vector<Slot> slots_;
};

}  // namespace penstock
