#include "stream/epoch_pace.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr std::chrono::microseconds kFirst{500}, kNone{200};

}  // namespace

EpochPace::EpochPace(const CpuMeter& cpu) : cpu_(cpu) {}

void EpochPace::begin() {
  used_ = cpu_.this_thread();
  waited_ = cpu_.this_thread_waited();
}

// It grows fast and shrinks slowly, so that it stays near what leaves the cores enough air.
std::chrono::microseconds EpochPace::rest(std::int64_t rows) {
  if (rows >= kManyRows) return rest_ = {};
  const auto used = cpu_.this_thread() - used_, waited = cpu_.this_thread_waited() - waited_;
  if (2 * waited > used) rest_ = std::min(rest_ + rest_ / 2 + kFirst, kLongest);
  else if (4 * waited < used) rest_ = rest_ * 7 / 8 < kNone ? std::chrono::microseconds(0) : rest_ * 7 / 8;
  return rest_;
}

}  // namespace penstock
