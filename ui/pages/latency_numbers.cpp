#include "pages/latency_numbers.h"

#include <QCoreApplication>

namespace penstock::ui {
namespace {

using Number = NumberStrip::Number;

QString tr(const char* text) { return QCoreApplication::translate("LatencyNumbers", text); }

// "100 ms", "1 m": of what was declared, so without a rest of nothing.
QString span(Micros length) {
  if (length < std::chrono::seconds(1)) return milliseconds(length) + QStringLiteral(" ms");
  QString text = duration(length);
  for (const QLatin1String rest : {QLatin1String(" 0 s"), QLatin1String(" 0 m"), QLatin1String(" 0 h")})
    if (text.endsWith(rest)) text.chop(rest.size());
  return text;
}

Number latencyNumber(const QString& name, const QString& value, const Latency& latency, Micros objective) {
  const bool misses = objective.count() > 0 && latency.count > 0 && latency.p99 > objective;
  return {name, latency.count > 0 ? value : noValue, objective.count() > 0 ? tr("objective p99 %1").arg(span(objective)) : tr("no objective"), misses ? Tone::Failing : Tone::Normal, {}};
}

Number keptNumber(const PipelineState& state, const ErrorBudget& budget) {
  Number number{tr("Objectives kept, 30 days"), noValue, tr("nothing is known yet"), Tone::Normal, {}};
  const auto kept = budget.kept();
  if (!kept) return number;
  number.value = share(*kept);
  number.detail = state.objectiveAvailability > 0 ? tr("objective %1").arg(share(state.objectiveAvailability)) : tr("no objective");
  // A month that is known for an hour says little.
  if (budget.known() < ErrorBudget::window * 9 / 10) number.name = tr("Kept, of known %1").arg(span(budget.known()));
  if (state.objectiveAvailability > 0 && *kept < state.objectiveAvailability) number.tone = Tone::Failing;
  return number;
}

Number budgetNumber(const ErrorBudget& budget) {
  Number number{tr("Error budget, 30 days"), noValue, tr("no availability objective"), Tone::Normal, {}};
  const auto allowed = budget.allowed();
  if (!allowed) return number;
  const auto left = budget.left();
  number.detail = tr("of %1 · %2 missed").arg(span(*allowed), span(budget.missed()));
  if (!left) return number;
  number.value = *left >= 0 ? tr("%1 left").arg(span(*allowed - budget.missed())) : tr("overspent by %1").arg(span(budget.missed() - *allowed));
  number.tone = *left < 0 ? Tone::Failing : *left < 0.25 ? Tone::Warning : Tone::Normal;
  number.share = std::max(0.0, *left);
  return number;
}

}  // namespace

QString share(double fraction) {
  const double rest = std::min(fraction, 1 - fraction) * 100;
  QString text = QString::number(fraction * 100, 'f', rest <= 0 ? 0 : rest < 0.01 ? 4 : rest < 1 ? 2 : 1);
  while (text.contains('.') && (text.endsWith('0') || text.endsWith('.'))) text.chop(1);
  return text + QStringLiteral(" %");
}

QList<Number> latencyNumbers(const PipelineState& state, const ErrorBudget& budget, TimeZone zone) {
  const Latency& here = state.queryable;
  const bool waits = state.behindRows.value_or(0) > 0;
  const bool hasTime = isKnown(state.watermark);
  return {latencyNumber(tr("p50 / p99 / p99.9"), tr("%1 / %2 / %3 ms").arg(milliseconds(here.p50), milliseconds(here.p99), milliseconds(here.p999)), here, state.objectiveP99),
          latencyNumber(tr("Visible in Delta, p99"), duration(state.visible.p99), state.visible, state.objectiveFreshness),
          {tr("Rows behind"), state.behindRows ? grouped(*state.behindRows) : noValue, waits ? tr("the oldest waits %1").arg(duration(state.behind)) : tr("nothing waits"), Tone::Normal, {}},
          {tr("Watermark"), hasTime ? timeOfDay(state.watermark, zone) : noValue,
           hasTime ? tr("%1 behind the clock").arg(duration(std::max(Micros{}, wallClockNow() - state.watermark))) : tr("no step has event time"), Tone::Normal, {}},
          keptNumber(state, budget),
          budgetNumber(budget)};
}

}  // namespace penstock::ui
