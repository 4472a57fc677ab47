#include "stream/replay_pace.h"

#include <algorithm>
#include <cstdio>

namespace penstock {
namespace {

constexpr std::chrono::seconds kLookEvery{1};

}  // namespace

// Before it has looked for the first time, half of the cores count as taken.
ReplayPace::ReplayPace(const CpuMeter& cpu, const Clock& clock, std::int32_t runs)
    : cpu_(cpu), clock_(clock), runs_(std::max(runs, 1)), looked_at_(clock.steady()), process_then_(cpu.process()), own_then_(cpu.this_thread()),
      share_(cpu.cores() / (2 * (runs_ + 1))) {}

void ReplayPace::begin() { own_at_begin_ = cpu_.this_thread(); }

std::chrono::microseconds ReplayPace::due(const std::function<bool()>& waits) {
  if (const auto now = clock_.steady(); now - looked_at_ >= kLookEvery) look(now, waits());
  const auto spent = static_cast<double>((cpu_.this_thread() - own_at_begin_).count());
  return std::chrono::microseconds(static_cast<std::int64_t>(spent / share_));
}

void ReplayPace::look(std::chrono::steady_clock::time_point now, bool waits) {
  const auto process = cpu_.process(), own = cpu_.this_thread();
  const double passed = std::chrono::duration<double, std::micro>(now - looked_at_).count();
  const double others = static_cast<double>((process - process_then_ - (own - own_then_)).count()) / passed;
  // What the other runs use stands among `others`: with s each, s = (spare - (n - 1) s) / (n + 1) makes n s half of what is spare.
  share_ = waits ? kLeast : std::max(kLeast, (cpu_.cores() - std::max(0.0, others)) / (runs_ + 1));
  looked_at_ = now;
  process_then_ = process;
  own_then_ = own;
}

std::string ReplayPace::sentence() const {
  char text[96];
  std::snprintf(text, sizeof text, "on %.2f of %g cores, half of what is spare", share_, cpu_.cores());
  return share_ > kLeast ? text : "nearly at rest: nothing is spare";
}

}  // namespace penstock
