#pragma once

#include <QAbstractTableModel>
#include <QHash>
#include <QPointer>
#include <QTimer>

#include "client/call.h"
#include "client/connection.h"
#include "client/records.h"
#include "viewmodels/roles.h"

namespace penstock::ui {

// The lineage graph of one engine with what flows now. A table of nodes (for lists, search and screen readers); the
// edges stand beside it, by the same numbers.
class LineageModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Columns { State, Label, Kind, Technology, Pipeline, Rate, Note, columns };
  enum Roles { LayerRole = FirstOwnRole, KindRole };   // int; QString

  struct Node {
    LineageNode node;
    int shape = mark::Ok;
    double rowsPerSecond = 0;   // what reaches it; of a source: what leaves it
    QString note;               // "1,204 quarantined", "stuck 4 m · 182k wait"; empty when all is well
  };
  struct Edge {
    LineageEdge edge;
    int from = 0;               // number of the node
    int to = 0;
    EdgeState live;
    bool isLive = false;        // anything was reported
    QString label;              // "12.5k/s · 1 / 4 ms", "stuck"
    int shape = mark::Ok;
  };

  explicit LineageModel(QObject* parent = nullptr);

  void show(Connection* engine);
  Connection* engine() const { return engine_; }
  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Edge>& edges() const { return edges_; }
  int find(const QString& nodeId) const { return places_.value(nodeId, -1); }
  // All that feeds it, or all that it feeds, with itself.
  std::vector<int> upstream(int node) const { return reached(node, false); }
  std::vector<int> downstream(int node) const { return reached(node, true); }
  bool isLoading() const { return loading_; }
  bool isStale() const;
  const QString& problem() const { return problem_; }
  void reload();

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : columns; }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 signals:
  void graphChanged();          // other nodes or edges: lay out anew
  void liveChanged();           // other numbers on the same graph, at most ten times a second

 private:
  void take(const LineageGraph& graph);
  void update();
  void updateEdges();
  void updateNodes();
  static const SinkState* brokenSinkOf(const LineageNode& node, const PipelineState* pipeline);
  QString noteOf(const LineageNode& node, const PipelineState* pipeline, int shape) const;
  std::vector<int> reached(int node, bool down) const;

  QPointer<Connection> engine_;
  std::vector<Node> nodes_;
  std::vector<Edge> edges_;
  QHash<QString, int> places_;
  qint64 version_ = -1;
  bool loading_ = false;
  QString problem_;
  ScopedCall call_;
  QTimer updating_;
};

}  // namespace penstock::ui
