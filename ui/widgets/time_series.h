#pragma once

#include <QList>
#include <QString>

namespace penstock::ui {

// One measured quantity over time. `at` is ascending, in microseconds since the epoch; `value` has as many entries, NaN
// where nothing was reported.
struct TimeSeries {
  enum class Voice {
    Main,      // the quantity that the objective is about
    Second,    // beside it, quieter
    Third,     // quieter still, dashed
    Earlier,   // the same quantity at an earlier time, dotted
  };

  QString label;
  Voice voice = Voice::Main;
  QList<qint64> at;
  QList<double> value;
};

// What one pixel column of a plot shows of a series.
struct PlotColumn {
  double low = 0;
  double high = 0;
  double first = 0;
  double last = 0;
  bool filled = false;
  // Whether the line goes on from the column before: false after a hole.
  bool joined = false;
};

// From which time to which nothing was reported, microseconds.
struct TimeHole {
  qint64 from = 0;
  qint64 to = 0;
};

// At most two values per pixel column, however long the series is. `columns` spans [from, to).
QList<PlotColumn> reducedToColumns(const TimeSeries& series, qint64 from, qint64 to, int columns);

// Times inside [from, to] that are longer without a value than three usual steps, and at least 5 s.
QList<TimeHole> holesOf(const TimeSeries& series, qint64 from, qint64 to);

// The value at or just before `time`; NaN where there is none within a hole's length.
double valueAt(const TimeSeries& series, qint64 time);

}  // namespace penstock::ui
