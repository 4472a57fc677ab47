#pragma once

#include "viewmodels/latency_series.h"
#include "widgets/time_chart.h"

namespace penstock::ui {

// "31 ms", "12.4k/s": a value of a latency chart.
QString chartValueText(LatencySeries::Unit unit, double value);
// "0 s", "2.5 s": the same at a round place of an axis that ends at `high`, all in the unit of its end.
QString chartAxisText(LatencySeries::Unit unit, double value, double high);
// Moved by `shift` microseconds; null: nothing is known.
TimeSeries drawnSeries(const Series* series, const QString& label, TimeSeries::Voice voice, qint64 shift = 0, bool isComplement = false);
// An empty chart of that kind, with what it says at its axis and its objective.
TimeChart* newChart(const LatencySeries::Chart& spec, const QString& title);

}  // namespace penstock::ui
