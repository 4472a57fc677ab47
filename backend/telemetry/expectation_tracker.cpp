#include "telemetry/expectation_tracker.h"

#include <algorithm>
#include <limits>

namespace penstock {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
// An hour of usual rate, before the minute that is compared with it and the minute that is not over.
constexpr std::size_t kMinutes = 62;
// Fewer failing rows in a minute are left to the Quality page.
constexpr std::int64_t kAlarmRows = 5;
constexpr double kAlarmRate = 0.005;
constexpr double kAlarmFactor = 3;
// An alarm that is raised ends well below what raised it: a rate about the limit does not come and go under the operator's hand.
constexpr double kAlarmEnds = 0.5;

std::int64_t rise_of(std::int64_t before, std::int64_t now) { return now >= before ? now - before : now; }

}  // namespace

ExpectationTracker::ExpectationTracker(std::string pipeline, std::string step, std::string name)
    : pipeline_(std::move(pipeline)), step_(std::move(step)), checked_(kMinute, kSecond), failed_(kMinute, kSecond), recently_(15 * kSecond, 60),
      checked_by_minute_(kMinute, kMinutes), failed_by_minute_(kMinute, kMinutes) {
  last_.name = std::move(name);
}

void ExpectationTracker::add(std::int64_t at, const ExpectationReport& report) {
  if (has_report_) {
    const auto checked = static_cast<double>(rise_of(last_.checked, report.checked));
    const auto failed = static_cast<double>(rise_of(last_.failed, report.failed));
    recently_.add(at, failed);
    checked_by_minute_.add(at, checked);
    failed_by_minute_.add(at, failed);
  }
  checked_.add(at, report.checked);
  failed_.add(at, report.failed);
  last_ = report;
  has_report_ = true;
}

ExpectationState ExpectationTracker::state(std::int64_t now) const {
  ExpectationState state;
  state.pipeline = pipeline_;
  state.step = step_;
  state.name = last_.name;
  state.sql = last_.sql;
  state.on_fail = last_.on_fail;
  state.checked = last_.checked;
  state.failed = last_.failed;
  state.last_failed_at = last_.last_failed_at;
  state.failed_recently = static_cast<std::int64_t>(recently_.total(now, 60));
  const auto share = [](double failed, double checked) { return checked > 0 ? failed / checked : 0; };
  state.rate = share(static_cast<double>(failed_.rise(now)), static_cast<double>(checked_.rise(now)));
  state.usual_rate = share(failed_by_minute_.total(now, kMinutes, 2), checked_by_minute_.total(now, kMinutes, 2));
  const auto checked = checked_by_minute_.sums(now), failed = failed_by_minute_.sums(now);
  for (std::size_t i = checked.size() - 60; i < checked.size(); ++i)
    state.trend.push_back(checked[i] > 0 ? failed[i] / checked[i] : std::numeric_limits<double>::quiet_NaN());
  return state;
}

std::int64_t ExpectationTracker::alarmed_since(std::int64_t now) {
  const ExpectationState current = state(now);
  // Once raised, it is measured against what was usual then: a fault that lasts an hour does not become usual.
  const double usual = alarmed_since_ ? usual_when_alarmed_ : current.usual_rate;
  // Rows that are only counted or dropped need nobody until it is known what is usual for them.
  const bool mild = current.on_fail == "warn" || current.on_fail == "drop";
  const bool known = !mild || checked_by_minute_.total(now, kMinutes, 2) > 0;
  const double limit = std::max(kAlarmRate, kAlarmFactor * usual);
  const bool fails = alarmed_since_ ? current.rate > kAlarmEnds * limit : known && failed_.rise(now) >= kAlarmRows && current.rate > limit;
  if (!fails) {
    alarmed_since_ = 0;
  } else if (alarmed_since_ == 0) {
    alarmed_since_ = now;
    usual_when_alarmed_ = current.usual_rate;
  }
  return alarmed_since_;
}

}  // namespace penstock
