#include "viewmodels/action_flow.h"

#include <QUuid>

#include "viewmodels/format.h"

namespace penstock::ui {

ActionFlow::ActionFlow(Connection& engine, QObject* parent) : QObject(parent), engine_(&engine) {
  connect(&engine, &Connection::changed, this, [this] {
    if (!replayId_.isEmpty()) lookAtReplay();
  });
}

void ActionFlow::start() {
  if (isBusy()) return;
  outcome_.clear();
  problem_ = {};
  progress_.clear();
  fraction_.reset();
  replayId_.clear();
  if (!engine_) return fail({"unavailable", tr("This engine is no longer connected"), {}, {}});
  set(Stage::Previewing);
  preview();
}

void ActionFlow::confirm(const QString& why, qint64 typedNumber) {
  if (stage_ != Stage::Confirming) return;
  if (!sheet_.canRun || typedNumber != sheet_.numberToType || (sheet_.needsWhy && why.isEmpty())) return;
  execute(why);
}

void ActionFlow::cancel() {
  call_.cancel();
  replayId_.clear();
  set(Stage::Idle);
}

void ActionFlow::previewed(Sheet sheet, bool safe) {
  sheet_ = std::move(sheet);
  sheet_.environment = engine_->info().environment;
  sheet_.colour = engine_->info().colour;
  sheet_.isProtected = engine_->info().isProtected;
  if (sheet_.why.isEmpty() && !sheet_.needsWhy) sheet_.why = title();
  if (safe && !sheet_.isProtected) execute(sheet_.why);
  else set(Stage::Confirming);
}

void ActionFlow::execute(const QString& why) {
  set(Stage::Running);
  const Command command{QUuid::createUuid().toString(QUuid::WithoutBraces), why, engine_->picture().sequence, expectedState()};
  run(command);
}

void ActionFlow::progressed(const QString& text, std::optional<double> fraction) {
  progress_ = text;
  fraction_ = fraction;
  emit changed();
}

void ActionFlow::finish(const QString& outcome) {
  replayId_.clear();
  outcome_ = outcome;
  set(Stage::Done);
}

void ActionFlow::fail(const CallError& error) {
  replayId_.clear();
  problem_ = error;
  set(Stage::Failed);
}

void ActionFlow::followReplay(const ReplayState& state) {
  replayId_ = state.id;
  lookAtReplay();
}

void ActionFlow::lookAtReplay() {
  const auto found = engine_->picture().replays.constFind(replayId_);
  if (found == engine_->picture().replays.constEnd()) return;
  if (found->status == "done") return finish(found->outcome);
  if (found->status == "failed") return fail({"internal", found->outcome, {}, {}});
  if (found->status == "cancelled") return finish(tr("cancelled after %1").arg(counted(found->rowsDone, tr("row"), tr("rows"))));
  const double fraction = found->rowsTotal > 0 ? static_cast<double>(found->rowsDone) / static_cast<double>(found->rowsTotal) : 0;
  progressed(tr("%1 · %2 of %3 rows").arg(found->status, grouped(found->rowsDone), grouped(found->rowsTotal)),
             found->rowsTotal > 0 ? std::optional(fraction) : std::nullopt);
}

void ActionFlow::set(Stage stage) {
  stage_ = stage;
  emit changed();
}

}  // namespace penstock::ui
