#include "widgets/time_series.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace penstock::ui {

namespace {

constexpr qint64 shortestHole = 5'000'000;

// Longest pause between two reports that is still no hole.
qint64 usualPause(const TimeSeries& series) {
  QList<qint64> steps;
  const qsizetype every = std::max<qsizetype>(1, series.at.size() / 64);
  for (qsizetype i = 1; i < series.at.size(); i += every) steps << series.at[i] - series.at[i - 1];
  if (steps.isEmpty()) return shortestHole;
  const auto middle = steps.begin() + steps.size() / 2;
  std::nth_element(steps.begin(), middle, steps.end());
  return std::max(shortestHole, 3 * *middle);
}

qsizetype firstAfter(const TimeSeries& series, qint64 time) {
  return std::lower_bound(series.at.begin(), series.at.end(), time) - series.at.begin();
}

}  // namespace

QList<PlotColumn> reducedToColumns(const TimeSeries& series, qint64 from, qint64 to, int columns) {
  QList<PlotColumn> result(std::max(0, columns));
  if (columns <= 0 || to <= from) return result;
  const qint64 pause = usualPause(series);
  const double perMicro = columns / static_cast<double>(to - from);
  qint64 before = std::numeric_limits<qint64>::min() / 2;
  for (qsizetype i = firstAfter(series, from); i < series.at.size() && series.at[i] < to; ++i) {
    const double value = series.value[i];
    if (std::isnan(value)) continue;
    PlotColumn& column = result[std::min(columns - 1, static_cast<int>((series.at[i] - from) * perMicro))];
    if (!column.filled) {
      column = {value, value, value, value, true, series.at[i] - before <= pause};
    } else {
      column.low = std::min(column.low, value);
      column.high = std::max(column.high, value);
      column.last = value;
    }
    before = series.at[i];
  }
  return result;
}

QList<TimeHole> holesOf(const TimeSeries& series, qint64 from, qint64 to) {
  QList<TimeHole> holes;
  const qint64 pause = usualPause(series);
  qint64 before = from;
  for (qsizetype i = firstAfter(series, from); i < series.at.size() && series.at[i] <= to; ++i) {
    if (std::isnan(series.value[i])) continue;
    if (series.at[i] - before > pause) holes << TimeHole{before, series.at[i]};
    before = series.at[i];
  }
  if (to - before > pause) holes << TimeHole{before, to};
  return holes;
}

double valueAt(const TimeSeries& series, qint64 time) {
  const qint64 pause = usualPause(series);
  for (qsizetype i = firstAfter(series, time + 1) - 1; i >= 0 && time - series.at[i] <= pause; --i)
    if (!std::isnan(series.value[i])) return series.value[i];
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace penstock::ui
