#include "viewmodels/replay_command_flow.h"

#include "client/replay_client.h"
#include "viewmodels/format.h"

namespace penstock::ui {

ReplayCommandFlow::ReplayCommandFlow(Connection& engine, QString replay, Act act, QString expected, double rowsPerSecond, QObject* parent)
    : ActionFlow(engine, parent), replay_(std::move(replay)), act_(act), expected_(std::move(expected)), rowsPerSecond_(rowsPerSecond) {}

QString ReplayCommandFlow::title() const {
  switch (act_) {
    case Act::Pause: return tr("Pause");
    case Act::Resume: return tr("Resume");
    case Act::Cancel: return tr("Cancel the replay");
    case Act::SetRate: break;
  }
  return rowsPerSecond_ > 0 ? tr("At most %1 rows/s").arg(rate(rowsPerSecond_)) : tr("No limit");
}

void ReplayCommandFlow::preview() {
  Sheet sheet;
  sheet.title = title();
  if (act_ == Act::Cancel) {
    sheet.facts << tr("Rows that are through stay where they are; the others are not touched");
    sheet.warning = tr("A cancelled replay cannot go on; start a new one for the rest.");
    sheet.destroys = true;
  }
  previewed(sheet, act_ != Act::Cancel);
}

void ReplayCommandFlow::run(const Command& command) {
  ReplayClient client(*engine());
  const Reply<CommandOutcome> reply = [this](const Answer<CommandOutcome>& answer) { answer ? finish(answer->outcome) : fail(answer.error()); };
  switch (act_) {
    case Act::Pause: call_ = client.pause(command, replay_, this, reply); break;
    case Act::Resume: call_ = client.resume(command, replay_, this, reply); break;
    case Act::Cancel: call_ = client.cancel(command, replay_, this, reply); break;
    case Act::SetRate: call_ = client.setRate(command, replay_, rowsPerSecond_, this, reply); break;
  }
}

}  // namespace penstock::ui
