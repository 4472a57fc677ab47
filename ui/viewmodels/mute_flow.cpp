#include "viewmodels/mute_flow.h"

#include "client/quality_client.h"

namespace penstock::ui {

MuteFlow::MuteFlow(Connection& engine, ExpectationName expectation, Act act, QObject* parent)
    : ActionFlow(engine, parent), expectation_(std::move(expectation)), act_(act) {}

QString MuteFlow::title() const {
  return (act_ == Act::Mute ? tr("Mute %1 of %2") : tr("Unmute %1 of %2")).arg(expectation_.name, expectation_.pipeline);
}

void MuteFlow::preview() {
  Sheet sheet;
  sheet.title = title();
  if (act_ == Act::Unmute) return previewed(sheet, true);
  sheet.facts << tr("It raises no alarm until it is unmuted") << tr("It goes on checking, and rows that fail are kept back as before");
  sheet.needsWhy = true;
  previewed(sheet, false);
}

void MuteFlow::run(const Command& command) {
  const Reply<CommandOutcome> reply = [this](const Answer<CommandOutcome>& answer) {
    answer ? finish(answer->outcome) : fail(answer.error());
  };
  QualityClient client(*engine());
  call_ = act_ == Act::Mute ? client.mute(command, expectation_, this, reply) : client.unmute(command, expectation_, this, reply);
}

}  // namespace penstock::ui
