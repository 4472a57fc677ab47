#include "widgets/plot.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QPainter>

#include <algorithm>
#include <cmath>

#include "widgets/theme.h"

namespace penstock::ui {

namespace {

constexpr qint64 second = 1'000'000;

QDateTime dateTime(qint64 micros, bool localTime) {
  return QDateTime::fromMSecsSinceEpoch(micros / 1000, localTime ? Qt::LocalTime : Qt::UTC);
}

qint64 timeStep(qint64 span, int most) {
  for (const qint64 seconds : {1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 604800})
    if (span / (seconds * second) <= most) return seconds * second;
  return span / most;
}

double decimalStep(double least, bool whole) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 2.5, 5.0})
    if (factor * power >= least && (!whole || factor * power == std::floor(factor * power))) return factor * power;
  return power * 10;
}

// From ten seconds on time is not divided by tens.
double spanStep(double least) {
  for (const double seconds : {10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400})
    if (least > 5 * second && seconds * second >= least) return seconds * second;
  return decimalStep(least, false);
}

QPen penOf(const Theme& theme, TimeSeries::Voice voice) {
  switch (voice) {
    case TimeSeries::Voice::Second: return QPen(theme.edge, 1);
    case TimeSeries::Voice::Third: return QPen(theme.edge, 1, Qt::DashLine);
    case TimeSeries::Voice::Earlier: return QPen(theme.accent, 1, Qt::DotLine);
    case TimeSeries::Voice::Main: break;
  }
  return QPen(theme.text, 1);
}

}  // namespace

QList<double> valueTicks(double high, ValueScale scale) {
  if (!(high > 0)) return {0, scale == ValueScale::Micros ? 1'000.0 : 1.0};
  const double step = scale == ValueScale::Micros ? spanStep(high / 3) : scale == ValueScale::Whole ? std::max(1.0, decimalStep(high / 3, true)) : decimalStep(high / 3, false);
  QList<double> ticks;
  for (int i = 0; ticks.isEmpty() || ticks.last() < high; ++i) ticks << i * step;
  return ticks;
}

QString spanInWords(qint64 span) {
  const auto text = [](const char* pattern, qint64 count) { return QCoreApplication::translate("Plot", pattern).arg(count); };
  const qint64 seconds = (span + second / 2) / second;
  if (seconds < 120) return text("%1 s", seconds);
  if (seconds < 7200) return text("%1 min", (seconds + 30) / 60);
  if (seconds < 172800) return text("%1 h", (seconds + 1800) / 3600);
  return text("%1 days", (seconds + 43200) / 86400);
}

QString rangeInWords(qint64 from, qint64 to, bool localTime) {
  const QDateTime start = dateTime(from, localTime);
  const QDateTime end = dateTime(to, localTime);
  const QString format = start.date() == end.date() ? QStringLiteral("HH:mm:ss") : QStringLiteral("d MMM HH:mm");
  const QString zone = localTime ? end.timeZoneAbbreviation() : QStringLiteral("UTC");
  return QString("%1 · %2 – %3 %4").arg(spanInWords(to - from), start.toString(format), end.toString(format), zone);
}

void paintValues(QPainter& painter, const PlotArea& area, const Theme& theme, ValueScale scale, const AxisText& text) {
  painter.setFont(smallFont());
  for (const double value : valueTicks(area.high, scale)) {
    if (value > area.high * 1.0001) break;
    const double y = std::round(area.y(value)) + 0.5;
    painter.setPen(theme.line);
    painter.drawLine(QPointF(area.box.left(), y), QPointF(area.box.right(), y));
    painter.setPen(theme.dim);
    painter.drawText(QRectF(area.box.left() - 70, y - 10, 62, 20), Qt::AlignRight | Qt::AlignVCenter, text ? text(value, area.high) : QString::number(value));
  }
}

void paintTimes(QPainter& painter, const PlotArea& area, const Theme& theme, bool localTime) {
  painter.setFont(smallFont());
  const QFontMetrics font(painter.font());
  const qint64 step = timeStep(area.to - area.from, std::max(2, static_cast<int>(area.box.width() / 90)));
  const QString format = step >= 86400 * second ? QStringLiteral("d MMM") : step >= 60 * second ? QStringLiteral("HH:mm") : QStringLiteral("HH:mm:ss");
  for (qint64 time = (area.from / step + 1) * step; time < area.to; time += step) {
    const double x = std::round(area.x(time)) + 0.5;
    const QString label = dateTime(time, localTime).toString(format);
    const double half = font.horizontalAdvance(label) / 2.0;
    painter.setPen(theme.line);
    painter.drawLine(QPointF(x, area.box.bottom()), QPointF(x, area.box.bottom() + 4));
    if (x + half > area.box.right() + 8) continue;
    painter.setPen(theme.dim);
    painter.drawText(QPointF(x - half, area.box.bottom() + 6 + font.ascent()), label);
  }
}

void paintSeries(QPainter& painter, const PlotArea& area, const Theme& theme, const TimeSeries& series, double objective) {
  const int columns = static_cast<int>(area.box.width());
  const QList<PlotColumn> reduced = reducedToColumns(series, area.from, area.to, columns);
  const auto clamped = [&](double value) { return std::clamp(area.y(value), area.box.top() - 1, area.box.bottom()); };
  QList<QLineF> lines;
  QList<QLineF> crossed;
  int before = -1;
  for (int i = 0; i < reduced.size(); ++i) {
    const PlotColumn& column = reduced[i];
    if (!column.filled) continue;
    const double x = area.box.left() + i + 0.5;
    auto& target = objective > 0 && series.voice == TimeSeries::Voice::Main && column.high > objective ? crossed : lines;
    if (column.joined && before >= 0)
      target << QLineF(area.box.left() + before + 0.5, clamped(reduced[before].last), x, clamped(column.first));
    // A lone value still has to be seen.
    const double low = clamped(column.low);
    const double high = clamped(column.high);
    target << QLineF(x, low, x, std::abs(high - low) < 1 ? low - 1 : high);
    before = i;
  }
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setPen(penOf(theme, series.voice));
  painter.drawLines(lines);
  painter.setPen(QPen(theme.failing, 1));
  painter.drawLines(crossed);
  painter.restore();
}

// Lines of one device pixel, as far apart on every screen: a brush's pattern is so many device pixels, and is a grey veil at 200 %.
void paintHatch(QPainter& painter, const QRectF& box, const QColor& color) {
  constexpr double apart = 8;
  painter.save();
  painter.setClipRect(box, Qt::IntersectClip);
  painter.setPen(QPen(color, 0));
  QList<QLineF> lines;
  // From whole multiples, so that they stand still while the range moves on.
  for (double foot = std::floor((box.left() + box.top()) / apart) * apart; foot < box.right() + box.bottom(); foot += apart)
    lines << QLineF(foot - box.top(), box.top(), foot - box.bottom(), box.bottom());
  painter.drawLines(lines);
  painter.restore();
}

void paintHoles(QPainter& painter, const PlotArea& area, const Theme& theme, const QList<TimeHole>& holes) {
  for (const TimeHole& hole : holes) {
    const double left = std::max(area.box.left(), area.x(hole.from));
    const double right = std::min(area.box.right(), area.x(hole.to));
    if (right - left < 2) continue;
    // Before the first report nothing has fallen silent.
    const bool isBefore = hole.from <= area.from;
    paintHatch(painter, QRectF(left, area.box.top(), right - left, area.box.height()), isBefore ? theme.line : theme.edge);
  }
}

void paintObjective(QPainter& painter, const PlotArea& area, const Theme& theme, double objective, const QString& text) {
  if (!(objective > 0) || objective > area.high) return;
  const double y = std::round(area.y(objective)) + 0.5;
  painter.setPen(QPen(theme.warning, 1, Qt::DashLine));
  painter.drawLine(QPointF(area.box.left(), y), QPointF(area.box.right(), y));
  painter.setFont(smallFont());
  const QRectF label(area.box.left() + 4, y - 18, QFontMetricsF(painter.font()).horizontalAdvance(text) + 8, 16);
  painter.fillRect(label, theme.panel);
  painter.setPen(theme.warning);
  painter.drawText(label, Qt::AlignCenter, text);
}

}  // namespace penstock::ui
