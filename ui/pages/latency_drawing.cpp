#include "pages/latency_drawing.h"

#include <cmath>

#include "pages/latency_numbers.h"
#include "viewmodels/format.h"

namespace penstock::ui {

QString chartValueText(LatencySeries::Unit unit, double value) {
  switch (unit) {
    case LatencySeries::Unit::Micros:
      if (value == 0) return QStringLiteral("0 ms");
      return value < 1e6 ? milliseconds(Micros(static_cast<qint64>(value))) + QStringLiteral(" ms") : duration(Micros(static_cast<qint64>(value)));
    case LatencySeries::Unit::RowsPerSecond: return shortNumber(value) + QStringLiteral("/s");
    case LatencySeries::Unit::Bytes: return bytes(static_cast<qint64>(value));
    case LatencySeries::Unit::Share: return share(value);
    case LatencySeries::Unit::Rows:
      if (value == std::floor(value) && value < 1'000) return QString::number(value);
      break;
  }
  return shortNumber(value);
}

TimeSeries drawnSeries(const Series* series, const QString& label, TimeSeries::Voice voice, qint64 shift, bool isComplement) {
  TimeSeries result{label, voice};
  if (!series) return result;
  for (const qint64 at : series->at) result.at << at + shift;
  result.value = QList<double>(series->value.begin(), series->value.end());
  if (isComplement)
    for (double& value : result.value) value = 1 - value;
  return result;
}

TimeChart* newChart(const LatencySeries::Chart& spec, const QString& title) {
  auto* chart = new TimeChart;
  chart->setTitle(title);
  chart->setValueText([unit = spec.unit](double value) { return chartValueText(unit, value); });
  chart->setObjective(spec.objective);
  chart->setMinimumHeight(190);
  return chart;
}

}  // namespace penstock::ui
