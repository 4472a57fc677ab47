#include "viewmodels/sink_words.h"

#include <QCoreApplication>
#include <QStringList>

#include "viewmodels/format.h"

namespace penstock::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("SinkWords", text); }

}  // namespace

bool isTrying(const SinkState& sink) { return sink.failedTries > 0 || (!sink.circuit.isEmpty() && sink.circuit != "closed"); }

QString promiseOf(const SinkState& sink) { return sink.idempotent ? tr("exactly once") : tr("at least once: a row may arrive twice"); }

QString tryingInWords(const SinkState& sink, Instant now) {
  if (!isTrying(sink)) return {};
  QStringList parts;
  if (isKnown(sink.failingSince)) parts << tr("failing for %1").arg(duration(now - sink.failingSince));
  if (sink.failedTries > 0) parts << counted(sink.failedTries, tr("try failed"), tr("tries failed"));
  if (sink.circuit == "open") parts << tr("circuit open for %1").arg(duration(now - sink.circuitSince));
  else if (sink.circuit == "half_open") parts << tr("circuit half open: it is tried now");
  else parts << (sink.triesLeft > 0 ? tr("circuit still closed, %1").arg(counted(sink.triesLeft, tr("try left"), tr("tries left"))) : tr("circuit still closed"));
  if (sink.circuit != "half_open" && isKnown(sink.nextTry)) parts << (sink.nextTry > now ? tr("next try in %1").arg(duration(sink.nextTry - now)) : tr("it is tried now"));
  return parts.join(QStringLiteral(" · "));
}

QString costInWords(const SinkState& sink) {
  if (sink.changedRows == 0) return {};
  const double each = static_cast<double>(sink.writtenRows) / static_cast<double>(sink.changedRows);
  const QString text = each < 10 ? QString::number(each, 'f', 1) : grouped(qRound64(each));
  return tr("%1 rows written for each changed one").arg(text);
}

}  // namespace penstock::ui
