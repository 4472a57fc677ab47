#pragma once

#include <QObject>
#include <QPointer>
#include <QTimer>

#include "client/call.h"
#include "client/connection.h"
#include "client/values.h"

namespace penstock::ui {

// The series that a page of charts draws: read once over a range, then, while live, only the newest part every second.
class SeriesFeed : public QObject {
  Q_OBJECT
 public:
  explicit SeriesFeed(QObject* parent = nullptr);

  // Names as in telemetry.proto, GetSeriesRequest. The last `span` up to now, moving on with the clock.
  void followLive(Connection* engine, const QStringList& names, Micros span, int maxPoints);
  // A part of the past; does not move.
  void showPast(Connection* engine, const QStringList& names, Instant from, Instant to, int maxPoints);

  const std::vector<Series>& series() const { return series_; }
  const Series* find(const QString& name) const;
  Instant from() const;
  Instant to() const;
  bool isLoading() const { return loading_; }
  const QString& problem() const { return problem_; }

 signals:
  void changed();

 private:
  void readAll();
  void readNewest();
  void append(const std::vector<Series>& newest);
  void fail(const CallError& error);

  QPointer<Connection> engine_;
  QStringList names_;
  Micros span_{};
  Instant from_;
  Instant to_;
  bool live_ = false;
  int maxPoints_ = 0;
  std::vector<Series> series_;
  bool loading_ = false;
  QString problem_;
  ScopedCall call_;
  QTimer following_;
};

}  // namespace penstock::ui
