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

namespace {

// "2.5 s", "40k/s": a round number, without a rest of zeros.
QString axisNumber(double value, double unit, const char* name) { return QString::number(value / unit, 'g', 6) + QString::fromUtf8(name); }

ValueScale scaleOf(LatencySeries::Unit unit) {
  switch (unit) {
    case LatencySeries::Unit::Micros: return ValueScale::Micros;
    case LatencySeries::Unit::Rows:
    case LatencySeries::Unit::Bytes: return ValueScale::Whole;
    case LatencySeries::Unit::RowsPerSecond:
    case LatencySeries::Unit::Share: break;
  }
  return ValueScale::Any;
}

}  // namespace

QString chartAxisText(LatencySeries::Unit unit, double value, double high) {
  switch (unit) {
    case LatencySeries::Unit::Micros:
      if (high < 1e3) return axisNumber(value, 1, " µs");
      if (high < 1e6) return axisNumber(value, 1e3, " ms");
      if (high < 120e6) return axisNumber(value, 1e6, " s");
      if (high < 7'200e6) return axisNumber(value, 60e6, " min");
      return high < 172'800e6 ? axisNumber(value, 3'600e6, " h") : axisNumber(value, 86'400e6, " d");
    case LatencySeries::Unit::Bytes:
      if (high < 1e3) return axisNumber(value, 1, " B");
      if (high < 1e6) return axisNumber(value, 1e3, " kB");
      return high < 1e9 ? axisNumber(value, 1e6, " MB") : axisNumber(value, 1e9, " GB");
    case LatencySeries::Unit::Share: return share(value);
    case LatencySeries::Unit::Rows:
    case LatencySeries::Unit::RowsPerSecond: break;
  }
  const QString number = high < 1e4 || value == 0 ? grouped(static_cast<qint64>(value)) : high < 1e6 ? axisNumber(value, 1e3, "k") : high < 1e9 ? axisNumber(value, 1e6, " M") : axisNumber(value, 1e9, " G");
  const bool isPart = high < 1e4 && value != std::floor(value);
  return (isPart ? QString::number(value, 'g', 6) : number) + (unit == LatencySeries::Unit::RowsPerSecond ? QStringLiteral("/s") : QString());
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
  chart->setAxis(scaleOf(spec.unit), [unit = spec.unit](double value, double high) { return chartAxisText(unit, value, high); });
  chart->setObjective(spec.objective);
  chart->setMinimumHeight(190);
  return chart;
}

}  // namespace penstock::ui
