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
  else parts << tr("circuit still closed");
  if (sink.circuit != "half_open" && isKnown(sink.nextTry)) parts << (sink.nextTry > now ? tr("next try in %1").arg(duration(sink.nextTry - now)) : tr("it is tried now"));
  return parts.join(QStringLiteral(" · "));
}

}  // namespace penstock::ui
