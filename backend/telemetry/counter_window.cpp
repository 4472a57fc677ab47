#include "telemetry/counter_window.h"

namespace penstock {

void CounterWindow::add(std::int64_t at, std::int64_t cumulative) {
  if (samples_.empty()) {
    samples_.push_back({at, 0});
    last_value_ = cumulative;
    return;
  }
  const std::int64_t rise = cumulative >= last_value_ ? cumulative - last_value_ : cumulative;
  const std::int64_t total = samples_.back().total + rise;
  last_value_ = cumulative;
  if (samples_.size() >= 2 && at - samples_[samples_.size() - 2].at < spacing_) samples_.back() = {at, total};
  else samples_.push_back({at, total});
  // One sample at or before the window's start stays: what the rise is measured from.
  while (samples_.size() >= 2 && samples_[1].at <= at - span_) samples_.pop_front();
}

const CounterWindow::Sample* CounterWindow::baseline(std::int64_t now) const {
  const Sample* found = nullptr;
  for (const Sample& sample : samples_) {
    if (found && sample.at > now - span_) break;
    found = &sample;
  }
  return found;
}

std::int64_t CounterWindow::rise(std::int64_t now) const {
  const Sample* from = baseline(now);
  return from ? samples_.back().total - from->total : 0;
}

double CounterWindow::rate(std::int64_t now) const {
  const Sample* from = baseline(now);
  if (!from || samples_.back().at <= from->at) return 0;
  return static_cast<double>(samples_.back().total - from->total) * 1e6 / static_cast<double>(samples_.back().at - from->at);
}

}  // namespace penstock
