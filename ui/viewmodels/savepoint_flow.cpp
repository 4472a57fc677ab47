#include "viewmodels/savepoint_flow.h"

#include <algorithm>
#include <QDateTime>
#include <QRegularExpression>

#include "client/pipeline_client.h"
#include "viewmodels/format.h"
#include "viewmodels/states.h"

namespace penstock::ui {

SavepointFlow::SavepointFlow(Connection& engine, QString pipeline, Act act, QString name, QObject* parent)
    : ActionFlow(engine, parent), pipeline_(std::move(pipeline)), act_(act), name_(std::move(name)) {}

QString SavepointFlow::usualName(const QString& pipeline) { return pipeline + QDateTime::currentDateTimeUtc().toString(QStringLiteral("-yyyy-MM-dd-HHmm")); }

bool SavepointFlow::isName(const QString& name) {
  static const QRegularExpression form(QStringLiteral("^[A-Za-z0-9_-]{1,100}$"));
  return form.match(name).hasMatch();
}

void SavepointFlow::setName(const QString& name) {
  if (act_ != Act::Make || name == name_ || isBusy() || !engine()) return;
  name_ = name;
  if (stage() == Stage::Confirming) preview();
}

QString SavepointFlow::title() const {
  switch (act_) {
    case Act::Make: return tr("Make a savepoint of %1").arg(pipeline_);
    case Act::Restore: return tr("Restore %1 from %2").arg(pipeline_, name_);
    case Act::Remove: return tr("Remove savepoint %1 of %2").arg(name_, pipeline_);
  }
  return {};
}

QString SavepointFlow::expectedState() const {
  const auto found = engine()->picture().pipelines.constFind(pipeline_);
  return act_ == Act::Remove || found == engine()->picture().pipelines.constEnd() ? QString() : nameOf(found->status);
}

void SavepointFlow::preview() {
  call_ = PipelineClient(*engine()).listSavepoints(pipeline_, this, [this](const Answer<std::vector<Savepoint>>& answer) { answer ? say(*answer) : fail(answer.error()); });
}

void SavepointFlow::say(const std::vector<Savepoint>& known) {
  const auto found = std::find_if(known.begin(), known.end(), [this](const Savepoint& one) { return one.name == name_; });
  const auto state = engine()->picture().pipelines.constFind(pipeline_);
  const bool isReported = state != engine()->picture().pipelines.constEnd();
  Sheet sheet;
  sheet.title = title();
  if (act_ == Act::Make) {
    sheet.canRun = isName(name_) && found == known.end();
    sheet.facts << (!isName(name_)                ? tr("A name has letters, digits, - and _, and at most 100 of them")
                    : found != known.end()        ? tr("%1 is there already: another name, or remove that one first").arg(name_)
                    : isReported                  ? tr("Its state is copied: %1, %2 taken so far").arg(bytes(state->stateBytes), counted(state->rows.in, tr("row"), tr("rows")))
                                                  : tr("Its state is copied"))
                << tr("It stands still while that lasts, and then goes on as it was. Nothing is lost or sent twice.");
    return previewed(sheet, false);
  }
  if (found == known.end()) return fail({"not_found", tr("%1 has no savepoint %2 any more").arg(pipeline_, name_), {}, {}});
  sheet.destroys = true;
  sheet.facts << tr("Made %1 ago of version %2, when %3 had been taken · %4").arg(duration(wallClockNow() - found->madeAt)).arg(found->version).arg(counted(found->rowsIn, tr("row"), tr("rows")), bytes(found->bytes));
  if (act_ == Act::Remove) {
    sheet.facts << tr("The pipeline and its state are left alone");
    sheet.warning = tr("The copy cannot be brought back");
    return previewed(sheet, false);
  }
  if (isReported) sheet.facts << tr("By now %1 been taken").arg(counted(state->rows.in, tr("row has"), tr("rows have")));
  sheet.facts << tr("Tables keep what they hold, and what they have since then is not given again");
  for (const SinkState& sink : isReported ? state->sinks : std::vector<SinkState>())
    if (!sink.idempotent) sheet.facts << tr("%1 may get rows again: it keeps no mark of what it has taken").arg(sink.name);
  sheet.facts << tr("It stands still while the state is put back");
  sheet.warning = tr("The state that it has now cannot be brought back from here: make a savepoint of it before");
  previewed(sheet, false);
}

void SavepointFlow::run(const Command& command) {
  const Reply<CommandOutcome> reply = [this](const Answer<CommandOutcome>& answer) { answer ? finish(answer->outcome) : fail(answer.error()); };
  PipelineClient client(*engine());
  switch (act_) {
    case Act::Make: call_ = client.makeSavepoint(command, pipeline_, name_, this, reply); break;
    case Act::Restore: call_ = client.restoreSavepoint(command, pipeline_, name_, this, reply); break;
    case Act::Remove: call_ = client.removeSavepoint(command, pipeline_, name_, this, reply); break;
  }
}

}  // namespace penstock::ui
