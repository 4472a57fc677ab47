#include "viewmodels/lineage_history.h"

#include <cmath>

#include "client/series_client.h"
#include "viewmodels/format.h"

namespace penstock::ui {
namespace {

using namespace std::chrono_literals;

// So far from the wanted time a report still tells about it.
constexpr auto reach = 60s;

QString edgeSeries(const LineageEdge& edge, const char* what) {
  return QStringLiteral("edge/%1/%2/%3/%4").arg(edge.pipeline, edge.from, edge.to, QLatin1String(what));
}

QString behindSeries(const QString& pipeline) { return QStringLiteral("pipeline/%1/behind_rows").arg(pipeline); }

// The reported value that is nearest to `at`; NaN where there is none.
double nearest(const QHash<QString, const Series*>& all, const QString& name, qint64 at) {
  double value = NAN;
  qint64 distance = std::numeric_limits<qint64>::max();
  if (const Series* series = all.value(name))
    for (size_t i = 0; i < series->at.size(); ++i)
      if (!std::isnan(series->value[i]) && std::abs(series->at[i] - at) < distance) {
        distance = std::abs(series->at[i] - at);
        value = series->value[i];
      }
  return value;
}

}  // namespace

LineageHistory::LineageHistory(const LineageModel& model, QObject* parent) : QObject(parent), model_(model) {
  resting_.setSingleShot(true);
  resting_.setInterval(150);
  connect(&resting_, &QTimer::timeout, this, &LineageHistory::ask);
}

void LineageHistory::show(Instant at) {
  at_ = at;
  resting_.start();
}

void LineageHistory::stop() {
  resting_.stop();
  call_.cancel();
  edges_.clear();
}

void LineageHistory::ask() {
  if (!model_.engine()) return;
  QStringList names;
  for (const LineageModel::Edge& edge : model_.edges()) {
    for (const char* what : {"rows_per_second", "p50", "p99"}) names << edgeSeries(edge.edge, what);
    names << behindSeries(edge.edge.pipeline);
  }
  names.removeDuplicates();
  call_ = SeriesClient(*model_.engine()).series(names, at_ - reach, at_ + reach, 60, this, [this](const Answer<std::vector<Series>>& answer) {
    problem_ = answer ? QString() : answer.error().message;
    if (answer) take(*answer);
    emit changed();
  });
}

void LineageHistory::take(const std::vector<Series>& series) {
  QHash<QString, const Series*> byName;
  for (const Series& one : series) byName.insert(one.name, &one);
  const qint64 at = microsOf(at_);
  edges_.clear();
  for (const LineageModel::Edge& edge : model_.edges()) {
    const double rows = nearest(byName, edgeSeries(edge.edge, "rows_per_second"), at);
    const double p50 = nearest(byName, edgeSeries(edge.edge, "p50"), at);
    const double p99 = nearest(byName, edgeSeries(edge.edge, "p99"), at);
    Edge past;
    if (!std::isnan(rows)) {
      past.rowsPerSecond = rows;
      past.label = shortNumber(rows) + QStringLiteral("/s");
      if (!std::isnan(p50) && !std::isnan(p99)) past.label += QStringLiteral(" · ") + p50AndP99(Micros(std::llround(p50)), Micros(std::llround(p99)));
      const bool waits = nearest(byName, behindSeries(edge.edge.pipeline), at) > 0;
      past.shape = rows <= 0 && waits ? int(mark::Failing) : int(mark::Ok);
    }
    edges_.push_back(past);
  }
}

}  // namespace penstock::ui
