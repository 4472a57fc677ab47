#include "viewmodels/latency_series.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "viewmodels/format.h"

namespace penstock::ui {
namespace {

using namespace std::chrono_literals;

constexpr int maxPoints = 1'200;
constexpr auto oneDay = 24h;

// "silver" of "step/sales/silver", "silver.sales" of "table/silver.sales".
QString shortNode(const QString& id) { return id.section('/', -1); }

// Rows that are put aside have no latency, and what Penstock keeps for itself is nobody's hop.
bool holdsRejected(const QString& id) {
  return id.startsWith(QLatin1String("dead_letters/")) || id.startsWith(QLatin1String("quarantine/")) || shortNode(id).startsWith('_');
}

// The hops of one pipeline, as its rows take them: from the sources on.
std::vector<EdgeState> hopsOf(const EnginePicture& picture, const QString& pipeline) {
  std::vector<EdgeState> hops;
  for (const EdgeState& edge : picture.edges)
    if (edge.pipeline == pipeline && !holdsRejected(edge.to)) hops.push_back(edge);
  QHash<QString, int> depth;
  for (size_t round = 0; round < hops.size(); ++round)
    for (const EdgeState& hop : hops) depth[hop.to] = std::max(depth.value(hop.to), depth.value(hop.from) + 1);
  std::sort(hops.begin(), hops.end(), [&](const EdgeState& a, const EdgeState& b) {
    return std::tuple(depth.value(a.from), a.from, a.to) < std::tuple(depth.value(b.from), b.from, b.to);
  });
  return hops;
}

}  // namespace

LatencySeries::LatencySeries(QObject* parent) : QObject(parent), span_(15min) {
  connect(&now_, &SeriesFeed::changed, this, &LatencySeries::changed);
  connect(&yesterday_, &SeriesFeed::changed, this, &LatencySeries::changed);
}

void LatencySeries::show(Connection* engine, const QString& pipeline) {
  engine_ = engine;
  pipeline_ = pipeline;
  charts_ = chartsOf();
  emit chartsChanged();
  readAgain();
}

std::vector<LatencySeries::Chart> LatencySeries::chartsOf() const {
  std::vector<Chart> charts;
  if (!engine_ || pipeline_.isEmpty()) return charts;
  const auto name = [this](const char* what) { return QStringLiteral("pipeline/%1/%2").arg(pipeline_, QLatin1String(what)); };
  const PipelineState state = engine_->picture().pipelines.value(pipeline_);
  charts.push_back({tr("Source event → queryable"), Unit::Micros,
                    {{name("queryable_p99"), "p99", Voice::Main}, {name("queryable_p50"), "p50", Voice::Second}, {name("queryable_p999"), "p99.9", Voice::Third}},
                    static_cast<double>(state.objectiveP99.count())});
  charts.push_back({tr("Source event → visible in Delta"), Unit::Micros, {{name("visible_p99"), "p99", Voice::Main}}, static_cast<double>(state.objectiveFreshness.count())});
  charts.push_back({tr("Throughput"), Unit::RowsPerSecond, {{name("rows_per_second"), tr("in"), Voice::Main}}});
  charts.push_back({tr("Backlog"), Unit::Rows, {{name("behind_rows"), tr("rows that wait"), Voice::Main}}});
  charts.push_back({tr("Oldest row that waits"), Unit::Micros, {{name("behind_micros"), tr("age"), Voice::Main}, {name("event_time_lag"), tr("event time lag"), Voice::Second}}});
  charts.push_back({tr("Failing rows"), Unit::Rows, {{name("failing_rows"), tr("in 15 minutes"), Voice::Main}}});
  for (const EdgeState& hop : hopsOf(engine_->picture(), pipeline_)) {
    const QString edge = QStringLiteral("edge/%1/%2/%3/").arg(pipeline_, hop.from, hop.to);
    charts.push_back({tr("Hop %1 → %2").arg(shortNode(hop.from), shortNode(hop.to)), Unit::Micros, {{edge + "p99", "p99", Voice::Main}, {edge + "p50", "p50", Voice::Second}}});
  }
  return charts;
}

void LatencySeries::follow(Micros span) {
  live_ = true;
  span_ = span;
  readAgain();
}

void LatencySeries::showPast(Instant from, Instant to) {
  live_ = false;
  pastFrom_ = from;
  pastTo_ = to;
  readAgain();
}

void LatencySeries::compare(bool withYesterday) {
  compares_ = withYesterday;
  readYesterday();
  emit changed();
}

void LatencySeries::readAgain() {
  QStringList names;
  for (const Chart& chart : charts_)
    for (const Line& line : chart.lines) names << line.series;
  if (live_) now_.followLive(engine_, names, span_, maxPoints);
  else now_.showPast(engine_, names, pastFrom_, pastTo_, maxPoints);
  readYesterday();
}

void LatencySeries::readYesterday() {
  if (!compares_) return;
  QStringList names;
  for (const Chart& chart : charts_) names << chart.lines.front().series;
  yesterday_.showPast(engine_, names, from() - oneDay, to() - oneDay, maxPoints);
}

QByteArray LatencySeries::csv() const {
  QByteArray text = "time,series,unit,value\n";
  for (const Series& series : now_.series())
    for (size_t i = 0; i < series.at.size(); ++i) {
      text += dateAndTime(instantOf(series.at[i]), TimeZone::Utc).toUtf8() + ',' + series.name.toUtf8() + ',' + series.unit.toUtf8() + ',';
      if (!std::isnan(series.value[i])) text += QByteArray::number(series.value[i], 'g', 12);
      text += '\n';
    }
  return text;
}

}  // namespace penstock::ui
