#include "viewmodels/rejected_detail.h"

#include "client/quality_client.h"
#include "client/replay_client.h"
#include "viewmodels/format.h"

namespace penstock::ui {
namespace {

QString sentenceOf(const ReplayPreview& preview) {
  QStringList targets = preview.tables;
  for (const SinkEffect& sink : preview.sinks)
    if (sink.effect != "off") targets << sink.sink;
  QString text = QObject::tr("Preview: %1").arg(counted(preview.rows, QObject::tr("row"), QObject::tr("rows")));
  if (!targets.isEmpty()) text += QStringLiteral(" → ") + targets.join(QStringLiteral(", "));
  text += '.';
  if (preview.windows > 0) text += ' ' + QObject::tr("%1 computed again.").arg(counted(preview.windows, QObject::tr("window is"), QObject::tr("windows are")));
  if (preview.sendsAgain > 0) text += ' ' + QObject::tr("%1 again.").arg(counted(preview.sendsAgain, QObject::tr("row is sent"), QObject::tr("rows are sent")));
  else text += ' ' + QObject::tr("Nothing is sent twice.");
  if (preview.refusedRows > 0) text += ' ' + QObject::tr("%1 at the limit of redrives stay.").arg(counted(preview.refusedRows, QObject::tr("row"), QObject::tr("rows")));
  return text;
}

}  // namespace

RejectedDetail::RejectedDetail(QObject* parent) : QObject(parent) {
  resting_.setSingleShot(true);
  resting_.setInterval(250);
  connect(&resting_, &QTimer::timeout, this, &RejectedDetail::askPreview);
}

void RejectedDetail::showRow(Connection* engine, const QString& rowId) {
  journey_.reset();
  journeyProblem_.clear();
  journeyCall_.cancel();
  emit changed();
  if (!engine || rowId.isEmpty()) return;
  journeyCall_ = QualityClient(*engine).journey(rowId, this, [this](const Answer<RejectedJourney>& answer) {
    if (answer) journey_ = *answer;
    else journeyProblem_ = answer.error().message;
    emit changed();
  });
}

void RejectedDetail::showChoice(Connection* engine, const RejectedFilter& chosen, qint64 rows) {
  engine_ = engine;
  chosen_ = chosen;
  previewCall_.cancel();
  previewText_.clear();
  emit changed();
  if (engine && rows > 0) resting_.start();
  else resting_.stop();
}

void RejectedDetail::askPreview() {
  if (!engine_) return;
  previewCall_ = ReplayClient(*engine_).previewRedrive({chosen_, 0}, this, [this](const Answer<ReplayPreview>& answer) {
    previewText_ = answer ? sentenceOf(*answer) : answer.error().message;
    emit changed();
  });
}

}  // namespace penstock::ui
