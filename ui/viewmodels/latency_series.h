#pragma once

#include <QObject>

#include "viewmodels/series_feed.h"

namespace penstock::ui {

// The charts of one pipeline: how long, how much, how far behind, each hop, and its partitions one by one; live or a part of
// the past, and beside it the same time of the day before.
class LatencySeries : public QObject {
  Q_OBJECT
 public:
  enum class Unit { Micros, Rows, RowsPerSecond, Bytes, Share };
  enum class Voice { Main, Second, Third };
  struct Line {
    QString series;             // its name in the API
    QString label;              // "p99"
    Voice voice = Voice::Main;
    bool operator==(const Line&) const = default;
  };
  struct Chart {
    QString title;
    Unit unit = Unit::Micros;
    std::vector<Line> lines;
    double objective = 0;       // in the series' unit; 0: none
    bool isComplement = false;  // drawn as 1 - value
    bool operator==(const Chart&) const = default;
  };
  // Of a source that has several partitions: one quantity of each.
  struct Heat {
    QString title;
    Unit unit = Unit::Rows;
    QString source;
    QString measure;            // last part of the series' names
    int partitions = 0;         // that there are
    bool operator==(const Heat&) const = default;
  };
  // One partition of a heat chart.
  struct HeatRow {
    QString partition;
    const Series* series;
  };

  explicit LatencySeries(QObject* parent = nullptr);

  // Those of any pipeline, as far as it is reported.
  static std::vector<Chart> chartsOf(const Connection* engine, const QString& pipeline);
  // "time,series,unit,value" lines of what was read; names get `before` put in front.
  static QByteArray csvLines(const SeriesFeed& feed, const QByteArray& before = {});
  static constexpr int maxPoints = 3'600;         // an hour by the second

  void show(Connection* engine, const QString& pipeline);
  // The last `span`, moving on.
  void follow(Micros span);
  void showPast(Instant from, Instant to);
  void compare(bool withYesterday);

  Connection* engine() const { return engine_; }
  const QString& pipeline() const { return pipeline_; }
  bool isLive() const { return live_; }
  bool comparesWithYesterday() const { return compares_; }
  // Change only with the pipeline, its objectives, sources and hops.
  const std::vector<Chart>& charts() const { return charts_; }
  const std::vector<Heat>& heats() const { return heats_; }
  // In the order of their numbers.
  std::vector<HeatRow> rowsOf(const Heat& heat) const;
  const Series* find(const QString& name) const { return now_.find(name); }
  // Of the day before, at its own times.
  const Series* findYesterday(const QString& name) const { return compares_ ? yesterday_.find(name) : nullptr; }
  Instant from() const { return now_.from(); }
  Instant to() const { return now_.to(); }
  bool isLoading() const { return now_.isLoading(); }
  const QString& problem() const { return now_.problem(); }

  // All that is drawn as CSV: time, series, unit, value; of yesterday under the name "yesterday/<series>" at its own times.
  QByteArray csv() const;

 signals:
  void chartsChanged();
  void changed();

 private:
  void readAgain();
  void readYesterday();
  void lookAgain();
  QString prefixOf(const Heat& heat) const;
  std::vector<Heat> heatsOf() const;

  QPointer<Connection> engine_;
  QString pipeline_;
  std::vector<Chart> charts_;
  std::vector<Heat> heats_;
  bool live_ = true;
  bool compares_ = false;
  Micros span_{};
  Instant pastFrom_;
  Instant pastTo_;
  SeriesFeed now_;
  SeriesFeed yesterday_;
  SeriesFeed partitions_;
  QTimer looking_;
};

}  // namespace penstock::ui
