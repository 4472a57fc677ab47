#include "quality/mutes.h"

#include <algorithm>

namespace penstock {

Status Mutes::open() {
  PENSTOCK_ASSIGN(const auto known, store_.list());
  for (const auto& mute : known) registry_.mute({mute.pipeline, mute.step, mute.expectation, mute.at, mute.who, mute.why});
  return {};
}

Result<std::string> Mutes::mute(const Mute& mute) {
  if (mute.why.empty()) return Error(ErrorKind::invalid_argument, "muting needs a reason", "say why, for those who wonder later", mute.expectation);
  const auto reported = registry_.expectations();
  const bool known = std::any_of(reported.begin(), reported.end(), [&](const ExpectationState& state) {
    return state.pipeline == mute.pipeline && state.step == mute.step && state.name == mute.expectation;
  });
  if (!known) return Error(ErrorKind::not_found, mute.pipeline + " reports no expectation '" + mute.expectation + "'", "penstockctl failures lists them", mute.expectation);
  PENSTOCK_TRY(store_.put({mute.pipeline, mute.step, mute.expectation, mute.at, mute.who, mute.why}));
  registry_.mute(mute);
  return mute.expectation + " of " + mute.pipeline + " is muted; it goes on checking";
}

Result<std::string> Mutes::unmute(const std::string& pipeline, const std::string& step, const std::string& expectation) {
  PENSTOCK_ASSIGN(const bool was_muted, store_.remove(pipeline, step, expectation));
  if (!was_muted) return Error(ErrorKind::failed_precondition, expectation + " of " + pipeline + " is not muted", {}, expectation);
  registry_.unmute(pipeline, step, expectation);
  return expectation + " of " + pipeline + " raises alarms again";
}

}  // namespace penstock
