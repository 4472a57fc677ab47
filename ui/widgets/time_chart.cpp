#include "widgets/time_chart.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

#include "widgets/theme.h"

namespace penstock::ui {

TimeChart::TimeChart(QWidget* parent) : TimePlot(parent) { setRange(0, 900'000'000); }

void TimeChart::setValueText(ValueText text) {
  text_ = std::move(text);
  update();
}

void TimeChart::setAxis(ValueScale scale, AxisText text) {
  scale_ = scale;
  axisText_ = std::move(text);
  fitValues();
}

void TimeChart::setObjective(double objective) {
  objective_ = objective;
  fitValues();
}

void TimeChart::setSeries(const QList<TimeSeries>& series) {
  series_ = series;
  fitValues();
}

void TimeChart::fitValues() {
  double high = 0;
  for (const TimeSeries& series : series_)
    for (qsizetype i = 0; i < series.at.size(); ++i)
      if (series.at[i] >= from() && series.at[i] <= to() && !std::isnan(series.value[i])) high = std::max(high, series.value[i]);
  // The objective is worth its room only where the values come near it.
  if (objective_ > 0 && high > objective_ / 4) high = std::max(high, objective_ * 1.1);
  setValues(0, valueTicks(high, scale_).last());
}

void TimeChart::paintData(QPainter& painter) {
  const Theme& theme = Theme::of(this);
  paintValues(painter, area(), theme, scale_, axisText_ ? axisText_ : [this](double value, double) { return textOf(value); });
  if (series_.isEmpty()) return;
  paintHoles(painter, area(), theme, holesOf(series_.front(), from(), to()));
  // The main one last, over the others.
  for (auto series = series_.rbegin(); series != series_.rend(); ++series) paintSeries(painter, area(), theme, *series, objective_);
  paintObjective(painter, area(), theme, objective_, tr("objective %1").arg(textOf(objective_)));
}

// It tells values too: those under the cursor, else the newest.
void TimeChart::paintLegend(QPainter& painter) const {
  const Theme& theme = Theme::of(this);
  double x = 12;
  const qint64 time = cursor().value_or(to());
  for (const TimeSeries& series : series_) {
    double value = valueAt(series, time);
    if (!cursor() && std::isnan(value) && !series.value.isEmpty() && series.at.last() <= to()) value = series.value.last();
    const QString shown = std::isnan(value) ? QStringLiteral("–") : textOf(value);
    painter.setPen(series.voice == TimeSeries::Voice::Main ? theme.text : series.voice == TimeSeries::Voice::Earlier ? theme.accent : theme.dim);
    const QString legend = series.label + ' ' + shown;
    painter.drawText(QPointF(x, 38), legend);
    x += QFontMetricsF(painter.font()).horizontalAdvance(legend) + 16;
  }
}

}  // namespace penstock::ui
