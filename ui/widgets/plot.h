#pragma once

#include <QRectF>

#include <functional>

#include "widgets/time_series.h"

class QPainter;

namespace penstock::ui {

struct Theme;

// Where a plot stands and what it shows: pixels ↔ time and value.
struct PlotArea {
  QRectF box;
  qint64 from = 0;
  qint64 to = 1;
  double low = 0;
  double high = 1;

  double x(qint64 time) const { return box.left() + box.width() * static_cast<double>(time - from) / static_cast<double>(to - from); }
  double y(double value) const { return box.bottom() - box.height() * (value - low) / (high - low); }
  qint64 timeAt(double x) const { return from + static_cast<qint64>((x - box.left()) / box.width() * static_cast<double>(to - from)); }
};

// "12.5k rows/s", "64 ms": how a value of the plot is written.
using ValueText = std::function<QString(double)>;

// The same on an axis that ends at `high`: one unit for all of it.
using AxisText = std::function<QString(double value, double high)>;

// What an axis measures, and so which of its divisions are round.
enum class ValueScale { Any, Whole, Micros };   // Whole: things that are counted; Micros: spans of time

// Round numbers that divide [0, high] into about three; the last is at or above `high`.
QList<double> valueTicks(double high, ValueScale scale = ValueScale::Any);

// "15 min".
QString spanInWords(qint64 span);

// "15 min · 14:17:00 – 14:32:00 UTC"; with the date where the range is longer than a day.
QString rangeInWords(qint64 from, qint64 to, bool localTime);

// Below the plot, and beside it.
void paintTimes(QPainter& painter, const PlotArea& area, const Theme& theme, bool localTime);
void paintValues(QPainter& painter, const PlotArea& area, const Theme& theme, ValueScale scale, const AxisText& text);
// Columns and their joints as vertical segments: a wide antialiased polyline costs ten times as much.
void paintSeries(QPainter& painter, const PlotArea& area, const Theme& theme, const TimeSeries& series, double objective);
void paintHatch(QPainter& painter, const QRectF& box, const QColor& color);
void paintHoles(QPainter& painter, const PlotArea& area, const Theme& theme, const QList<TimeHole>& holes);
void paintObjective(QPainter& painter, const PlotArea& area, const Theme& theme, double objective, const QString& text);

}  // namespace penstock::ui
