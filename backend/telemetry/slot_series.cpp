#include "telemetry/slot_series.h"

#include <limits>

namespace penstock {

void SlotSeries::add(std::int64_t at, double amount) {
  const std::int64_t number = at / width_;
  Slot& slot = slots_[static_cast<std::size_t>(number) % slots_.size()];
  if (slot.number != number) slot = {number, 0};
  slot.sum += amount;
}

const SlotSeries::Slot* SlotSeries::slot_of(std::int64_t number) const {
  if (number < 0) return nullptr;
  const Slot& slot = slots_[static_cast<std::size_t>(number) % slots_.size()];
  return slot.number == number ? &slot : nullptr;
}

std::vector<double> SlotSeries::sums(std::int64_t now) const {
  std::vector<double> sums;
  const auto count = static_cast<std::int64_t>(slots_.size());
  for (std::int64_t number = now / width_ - count + 1; number <= now / width_; ++number) {
    const Slot* slot = slot_of(number);
    sums.push_back(slot ? slot->sum : std::numeric_limits<double>::quiet_NaN());
  }
  return sums;
}

double SlotSeries::total(std::int64_t now, std::size_t slots, std::size_t skip) const {
  double total = 0;
  for (std::size_t i = skip; i < slots; ++i)
    if (const Slot* slot = slot_of(now / width_ - static_cast<std::int64_t>(i))) total += slot->sum;
  return total;
}

}  // namespace penstock
