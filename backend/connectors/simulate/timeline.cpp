#include "connectors/simulate/timeline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace penstock::simulate {
namespace {

constexpr std::int64_t kHour = 3'600'000'000;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kPlain = 100;      // ticks a microsecond

// Ticks a microsecond in each hour of the day; their mean is kPlain.
constexpr std::array<std::int64_t, 24> kHours = {45,  40,  40,  40,  45,  55,  70,  85,  100, 115, 125, 135,
                                                 150, 150, 135, 125, 130, 145, 155, 150, 130, 105, 75,  55};

constexpr std::int64_t day_ticks_before(std::int64_t hour) {
  std::int64_t ticks = 0;
  for (std::int64_t i = 0; i < hour; ++i) ticks += kHours[static_cast<std::size_t>(i)];
  return ticks * kHour;
}
static_assert(day_ticks_before(24) == kPlain * kDay);

// Of the diurnal curve, since 1970.
std::int64_t diurnal_ticks(std::int64_t micros) {
  const std::int64_t in_day = micros % kDay;
  const std::int64_t hour = in_day / kHour;
  return (micros - in_day) * kPlain + day_ticks_before(hour) + (in_day % kHour) * kHours[static_cast<std::size_t>(hour)];
}

}  // namespace

bool Recurrence::contains(std::int64_t micros) const {
  if (micros < from_micros) return false;
  if (lasts_micros == 0) return true;
  const std::int64_t since = micros - from_micros;
  return (every_micros == 0 ? since : since % every_micros) < lasts_micros;
}

std::int64_t Recurrence::covered_before(std::int64_t micros) const {
  const std::int64_t since = micros - from_micros;
  if (since <= 0) return 0;
  if (lasts_micros == 0) return since;
  if (every_micros == 0) return std::min(since, lasts_micros);
  return since / every_micros * std::min(lasts_micros, every_micros) + std::min(since % every_micros, lasts_micros);
}

std::optional<std::int64_t> Recurrence::next_edge(std::int64_t micros) const {
  if (micros < from_micros) return from_micros;
  if (lasts_micros == 0) return std::nullopt;
  if (every_micros == 0) {
    const std::int64_t end = from_micros + lasts_micros;
    return micros < end ? std::optional(end) : std::nullopt;
  }
  const std::int64_t start = micros - (micros - from_micros) % every_micros;
  return micros < start + lasts_micros ? std::min(start + lasts_micros, start + every_micros) : start + every_micros;
}

Timeline::Timeline(Shape shape)
    : shape_(std::move(shape)),
      origin_micros_(to_micros(shape_.origin)),
      ticks_per_row_(std::max<std::int64_t>(
          1, std::llround(1e6 * static_cast<double>(kPlain) * shape_.partitions / shape_.rows_per_second))) {}

std::int64_t Timeline::ticks_at(std::int64_t micros) const {
  std::int64_t ticks = shape_.diurnal ? diurnal_ticks(micros) - diurnal_ticks(origin_micros_)
                                      : (micros - origin_micros_) * kPlain;
  for (const Burst& burst : shape_.bursts)
    ticks += kPlain * (burst.factor - 1) *
             (burst.when.covered_before(micros) - burst.when.covered_before(origin_micros_));
  return ticks;
}

std::int64_t Timeline::ticks_per_micro(std::int64_t micros) const {
  std::int64_t ticks = shape_.diurnal ? kHours[static_cast<std::size_t>(micros % kDay / kHour)] : kPlain;
  for (const Burst& burst : shape_.bursts)
    if (burst.when.contains(micros)) ticks += kPlain * (burst.factor - 1);
  return ticks;
}

std::int64_t Timeline::next_change(std::int64_t micros) const {
  std::int64_t next = shape_.diurnal ? micros - micros % kHour + kHour : std::numeric_limits<std::int64_t>::max();
  for (const Burst& burst : shape_.bursts)
    if (const auto edge = burst.when.next_edge(micros)) next = std::min(next, *edge);
  return next;
}

std::int64_t Timeline::rows_until(std::int32_t partition, Timestamp time) const {
  if (to_micros(time) < origin_micros_) return 0;
  const std::int64_t ticks = ticks_at(to_micros(time)) - phase(partition);
  return ticks < 0 ? 0 : ticks / ticks_per_row_ + 1;
}

Timestamp Timeline::time_of(std::int32_t partition, std::int64_t offset) const {
  const std::int64_t wanted = offset * ticks_per_row_ + phase(partition);
  // The plain rate is reached on every whole day, so the answer lies within a day before the guess, bursts aside.
  std::int64_t low = origin_micros_;
  std::int64_t high = origin_micros_ + wanted / kPlain + kDay;
  // Narrow down to one stretch of constant speed, then divide.
  while (next_change(low) <= high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (ticks_at(middle) <= wanted) {
      low = middle;
    } else {
      high = middle;
    }
    if (high - low <= 1) break;
  }
  const std::int64_t speed = ticks_per_micro(low);
  const std::int64_t missing = wanted - ticks_at(low);
  return from_micros(low + (missing + speed - 1) / speed);
}

}  // namespace penstock::simulate
