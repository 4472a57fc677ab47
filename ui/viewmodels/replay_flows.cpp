#include "viewmodels/replay_flows.h"

#include "client/replay_client.h"
#include "viewmodels/format.h"

namespace penstock::ui {
namespace {

QStringList factsOf(const ReplayPreview& preview) {
  QStringList facts;
  if (preview.rows > 0 || preview.warnings.isEmpty())      // else a warning tells why it is not known, or that there are none
    facts << QObject::tr("%1, about %2").arg(counted(preview.rows, QObject::tr("row"), QObject::tr("rows")), duration(preview.estimated));
  if (!preview.tables.isEmpty()) facts << QObject::tr("Replaces in %1").arg(preview.tables.join(QStringLiteral(", ")));
  if (preview.windows > 0) facts << QObject::tr("%1 computed again").arg(counted(preview.windows, QObject::tr("window"), QObject::tr("windows")));
  for (const SinkEffect& sink : preview.sinks) facts << sink.sink + QStringLiteral(": ") + sink.effect;
  if (preview.refusedRows > 0) facts << QObject::tr("%1 at the limit of redrives stay").arg(counted(preview.refusedRows, QObject::tr("row"), QObject::tr("rows")));
  return facts + preview.warnings;
}

ActionFlow::Sheet sheetOf(const ReplayPreview& preview, const QString& title) {
  ActionFlow::Sheet sheet;
  sheet.title = title;
  sheet.facts = factsOf(preview);
  sheet.numberToType = preview.sendsAgain;
  if (preview.sendsAgain > 0) sheet.warning = QObject::tr("%1 again. This cannot be undone.").arg(counted(preview.sendsAgain, QObject::tr("row is sent"), QObject::tr("rows are sent")));
  sheet.destroys = preview.sendsAgain > 0;
  return sheet;
}

}  // namespace

RedriveFlow::RedriveFlow(Connection& engine, RedriveRequest request, QObject* parent)
    : ActionFlow(engine, parent), request_(std::move(request)) {}

QString RedriveFlow::title() const {
  const qsizetype chosen = request_.filter.onlyIds.size();
  return chosen > 0 ? tr("Redrive %1").arg(counted(chosen, tr("row"), tr("rows"))) : tr("Redrive rows of %1").arg(request_.filter.stream);
}

void RedriveFlow::preview() {
  call_ = ReplayClient(*engine()).previewRedrive(request_, this, [this](const Answer<ReplayPreview>& answer) {
    if (!answer) return fail(answer.error());
    previewed(sheetOf(*answer, title()), answer->safe);
  });
}

void RedriveFlow::run(const Command& command) {
  call_ = ReplayClient(*engine()).redrive(command, request_, this, [this](const Answer<ReplayState>& answer) {
    if (!answer) return fail(answer.error());
    followReplay(*answer);
  });
}

DiscardFlow::DiscardFlow(Connection& engine, RedriveRequest request, qint64 rows, QObject* parent)
    : ActionFlow(engine, parent), request_(std::move(request)), rows_(rows) {}

QString DiscardFlow::title() const { return tr("Discard %1").arg(counted(rows_, tr("row"), tr("rows"))); }

void DiscardFlow::preview() {
  Sheet sheet;
  sheet.title = title();
  sheet.facts << tr("Of %1").arg(request_.filter.stream) << tr("They stay recorded, but are not redriven any more");
  sheet.warning = tr("This cannot be undone.");
  sheet.destroys = true;
  previewed(sheet, false);
}

void DiscardFlow::run(const Command& command) {
  call_ = ReplayClient(*engine()).discard(command, request_, this, [this](const Answer<CommandOutcome>& answer) {
    answer ? finish(answer->outcome) : fail(answer.error());
  });
}

ReplayFlow::ReplayFlow(Connection& engine, ReplayRequest request, QObject* parent)
    : ActionFlow(engine, parent), request_(std::move(request)) {}

QString ReplayFlow::title() const { return tr("Replay %1").arg(request_.pipeline); }

void ReplayFlow::preview() {
  preview_.reset();
  call_ = ReplayClient(*engine()).previewReplay(request_, this, [this](const Answer<ReplayPreview>& answer) {
    if (!answer) return fail(answer.error());
    preview_ = *answer;
    request_.confirmedRows = answer->sendsAgain;
    previewed(sheetOf(*answer, title()), false);
  });
}

void ReplayFlow::run(const Command& command) {
  call_ = ReplayClient(*engine()).startReplay(command, request_, this, [this](const Answer<ReplayState>& answer) {
    if (!answer) return fail(answer.error());
    followReplay(*answer);
  });
}

}  // namespace penstock::ui
