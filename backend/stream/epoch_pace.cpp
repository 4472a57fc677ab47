#include "stream/epoch_pace.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr std::chrono::microseconds kFirst{500}, kNone{200};

}  // namespace

// It grows fast and shrinks slowly, so that it stays near what leaves the cores enough air.
std::chrono::microseconds EpochPace::rest(std::int64_t rows) {
  if (const auto now = clock_.steady(); !looked_at_ || now - *looked_at_ >= kLookEvery) {
    const auto waited = cpu_.this_thread_waited();
    const double share = looked_at_ ? static_cast<double>((waited - waited_).count()) / std::chrono::duration<double, std::micro>(now - *looked_at_).count() : 0;
    if (share > kMuch) rest_ = std::min(rest_ + rest_ / 2 + kFirst, kLongest);
    else if (share < kLittle) rest_ = rest_ * 7 / 8 < kNone ? std::chrono::microseconds(0) : rest_ * 7 / 8;
    looked_at_ = now;
    waited_ = waited;
  }
  return rows >= kManyRows ? std::chrono::microseconds(0) : rest_;
}

}  // namespace penstock
