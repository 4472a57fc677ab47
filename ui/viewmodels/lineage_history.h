#pragma once

#include <QObject>
#include <QTimer>

#include "client/call.h"
#include "viewmodels/lineage_model.h"

namespace penstock::ui {

// What flowed on the edges of a lineage at one time of the past. States are not recorded; where nothing flowed although
// rows waited, the edge is shown as failing.
class LineageHistory : public QObject {
  Q_OBJECT
 public:
  struct Edge {
    QString label;              // "12.5k/s · 1 / 4 ms"; empty: nothing is known
    double rowsPerSecond = 0;
    int shape = mark::Unknown;
  };

  explicit LineageHistory(const LineageModel& model, QObject* parent = nullptr);

  // Asked when the time has rested for a moment.
  void show(Instant at);
  void stop();
  // By the numbers of the model's edges.
  const std::vector<Edge>& edges() const { return edges_; }
  const QString& problem() const { return problem_; }

 signals:
  void changed();

 private:
  void ask();
  void take(const std::vector<Series>& series);

  const LineageModel& model_;
  Instant at_;
  std::vector<Edge> edges_;
  QString problem_;
  QTimer resting_;
  ScopedCall call_;
};

}  // namespace penstock::ui
