#include "stream/back_off.h"

#include <algorithm>
#include <random>

namespace penstock {

std::chrono::milliseconds BackOff::next() {
  thread_local std::mt19937 random(std::random_device{}());
  const auto whole = std::min(longest_, first_ * (1 << std::min(failures_++, 10)));
  return whole / 2 + std::chrono::milliseconds(random() % static_cast<unsigned>(whole.count() / 2 + 1));
}

void BackOff::wait(Cancellation cancellation) { wait_for(next(), cancellation); }

}  // namespace penstock
