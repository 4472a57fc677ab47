#include "viewmodels/latency_series.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "viewmodels/format.h"

namespace penstock::ui {
namespace {

using namespace std::chrono_literals;

constexpr int heatPoints = 360;          // as many columns as a heat chart has
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
  connect(&partitions_, &SeriesFeed::changed, this, &LatencySeries::changed);
  // A pipeline that has just started gets its sources and hops one by one.
  looking_.setInterval(1s);
  connect(&looking_, &QTimer::timeout, this, &LatencySeries::lookAgain);
  looking_.start();
}

void LatencySeries::show(Connection* engine, const QString& pipeline) {
  engine_ = engine;
  pipeline_ = pipeline;
  charts_ = chartsOf(engine_, pipeline_);
  heats_ = heatsOf();
  emit chartsChanged();
  readAgain();
}

void LatencySeries::lookAgain() {
  std::vector<Chart> charts = chartsOf(engine_, pipeline_);
  std::vector<Heat> heats = heatsOf();
  if (charts == charts_ && heats == heats_) return;
  charts_ = std::move(charts);
  heats_ = std::move(heats);
  emit chartsChanged();
  readAgain();
}

QString LatencySeries::prefixOf(const Heat& heat) const { return QStringLiteral("partition/%1/%2/").arg(pipeline_, heat.source); }

std::vector<LatencySeries::Heat> LatencySeries::heatsOf() const {
  std::vector<Heat> heats;
  if (!engine_) return heats;
  for (const SourceState& source : engine_->picture().pipelines.value(pipeline_).sources) {
    if (source.partitions < 2) continue;
    heats.push_back({tr("%1 · rows behind, by partition").arg(source.name), Unit::Rows, source.name, QStringLiteral("behind_rows"), source.partitions});
    heats.push_back({tr("%1 · rows per second, by partition").arg(source.name), Unit::RowsPerSecond, source.name, QStringLiteral("rows_per_second"), source.partitions});
  }
  return heats;
}

std::vector<LatencySeries::HeatRow> LatencySeries::rowsOf(const Heat& heat) const {
  std::vector<HeatRow> rows;
  const QString prefix = prefixOf(heat);
  for (const Series& series : partitions_.series()) {
    if (!series.name.startsWith(prefix)) continue;
    const QStringList rest = series.name.mid(prefix.size()).split('/');
    if (rest.size() == 2 && rest[1] == heat.measure) rows.push_back({rest[0], &series});
  }
  std::sort(rows.begin(), rows.end(), [](const HeatRow& a, const HeatRow& b) { return a.partition.toInt() < b.partition.toInt(); });
  return rows;
}

std::vector<LatencySeries::Chart> LatencySeries::chartsOf(const Connection* engine, const QString& pipeline) {
  std::vector<Chart> charts;
  if (!engine || pipeline.isEmpty()) return charts;
  const auto name = [&](const char* what) { return QStringLiteral("pipeline/%1/%2").arg(pipeline, QLatin1String(what)); };
  const PipelineState state = engine->picture().pipelines.value(pipeline);
  charts.push_back({tr("Source event → queryable"), Unit::Micros,
                    {{name("queryable_p99"), "p99", Voice::Main}, {name("queryable_p50"), "p50", Voice::Second}, {name("queryable_p999"), "p99.9", Voice::Third}},
                    static_cast<double>(state.objectiveP99.count())});
  charts.push_back({tr("Source event → visible in Delta"), Unit::Micros, {{name("visible_p99"), "p99", Voice::Main}}, static_cast<double>(state.objectiveFreshness.count())});
  charts.push_back({tr("Throughput"), Unit::RowsPerSecond, {{name("rows_per_second"), tr("in"), Voice::Main}}});
  charts.push_back({tr("Backlog"), Unit::Rows, {{name("behind_rows"), tr("rows that wait"), Voice::Main}}});
  charts.push_back({tr("Oldest row that waits"), Unit::Micros, {{name("behind_micros"), tr("age"), Voice::Main}}});
  charts.push_back({tr("Event time lag"), Unit::Micros, {{name("event_time_lag"), tr("watermark behind the clock"), Voice::Main}}});
  charts.push_back({tr("Failing rows"), Unit::Rows, {{name("failing_rows"), tr("in 15 minutes"), Voice::Main}}});
  const bool promises = state.objectiveP99.count() > 0 || state.objectiveFreshness.count() > 0 || state.objectiveAvailability > 0;
  if (promises)
    charts.push_back({tr("Time that misses an objective"), Unit::Share, {{name("objective_met"), tr("share"), Voice::Main}},
                      state.objectiveAvailability > 0 ? 1 - state.objectiveAvailability : 0, true});
  for (const SourceState& source : state.sources)
    if (source.keptLogBytes)
      charts.push_back({tr("Log that is kept for %1").arg(source.name), Unit::Bytes,
                        {{QStringLiteral("source/%1/%2/kept_log_bytes").arg(pipeline, source.name), tr("slot lag"), Voice::Main}}});
  for (const EdgeState& hop : hopsOf(engine->picture(), pipeline)) {
    const QString edge = QStringLiteral("edge/%1/%2/%3/").arg(pipeline, hop.from, hop.to);
    charts.push_back({tr("Hop %1 → %2").arg(shortNode(hop.from), shortNode(hop.to)), Unit::Micros, {{edge + "p99", "p99", Voice::Main}, {edge + "p50", "p50", Voice::Second}, {edge + "p999", "p99.9", Voice::Third}}});
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
  QStringList partitions;
  for (const Heat& heat : heats_)
    if (const QString all = prefixOf(heat) + '*'; !partitions.contains(all)) partitions << all;
  if (live_) partitions_.followLive(engine_, partitions, span_, heatPoints);
  else partitions_.showPast(engine_, partitions, pastFrom_, pastTo_, heatPoints);
  readYesterday();
}

void LatencySeries::readYesterday() {
  if (!compares_) return;
  QStringList names;
  for (const Chart& chart : charts_) names << chart.lines.front().series;
  yesterday_.showPast(engine_, names, from() - oneDay, to() - oneDay, maxPoints);
}

QByteArray LatencySeries::csvLines(const SeriesFeed& feed, const QByteArray& before) {
  QByteArray text;
  for (const Series& series : feed.series())
    for (size_t i = 0; i < series.at.size(); ++i) {
      text += dateAndTime(instantOf(series.at[i]), TimeZone::Utc).toUtf8() + ',' + before + series.name.toUtf8() + ',' + series.unit.toUtf8() + ',';
      if (!std::isnan(series.value[i])) text += QByteArray::number(series.value[i], 'g', 12);
      text += '\n';
    }
  return text;
}

QByteArray LatencySeries::csv() const {
  QByteArray text = "time,series,unit,value\n" + csvLines(now_) + csvLines(partitions_);
  if (compares_) text += csvLines(yesterday_, "yesterday/");
  return text;
}

}  // namespace penstock::ui
