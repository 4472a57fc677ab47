#pragma once

#include <QTimer>

#include <optional>

#include "pages/page.h"
#include "viewmodels/lineage_history.h"
#include "viewmodels/lineage_model.h"
#include "viewmodels/series_feed.h"

class QLineEdit;
class QScrollArea;
class QSplitter;
class QStackedWidget;

namespace penstock::ui {

class Button;
class EmptyState;
class GraphTree;
class GraphView;
class Label;
class NodeDetail;
class TimeStrip;

// The live graph from sources to sinks, the selected node beside it, and the recent past below. Links: the id of a node,
// or the name of a pipeline; `at` goes back in time.
class LineagePage : public Page {
  Q_OBJECT
 public:
  explicit LineagePage(Session& session, QWidget* parent = nullptr);

  void open(const Link& link) override;
  Link here() const override;
  QJsonObject layoutState() const override;
  void restoreLayoutState(const QJsonObject& state) override;
  QWidget* firstFocus() override;
  void focusFilter() override;
  bool isReady() const override;

 private:
  QWidget* makeGraph();
  QWidget* makeChips();
  void showEngine();
  void followRates();
  void showGraph();
  void showLive();
  void showPast();
  // In the graph and in the tree.
  void showNode(const LineageModel::Node& node, const QString& rate, int shape, const QString& note);
  void showEdge(const LineageModel::Edge& edge, const QString& label, int shape, double weight);
  void showMessage();
  void showStrip();
  void goTo(std::optional<qint64> time);
  void focusOn(int focus);
  void select(const QString& object);

  LineageModel model_;
  LineageHistory history_;
  SeriesFeed rates_;
  std::optional<Instant> at_;   // empty: live
  QString wanted_;              // of a link that came before the graph
  GraphView* view_;
  GraphTree* tree_;
  QStackedWidget* stack_;
  EmptyState* empty_;
  QLineEdit* search_;
  Button* upstream_;
  Button* downstream_;
  Button* wrong_;
  Button* columns_;
  Button* tables_;
  Button* rejected_;
  Button* asTree_;
  Label* drawn_;
  TimeStrip* strip_;
  NodeDetail* detail_;
  QScrollArea* side_;           // of detail_; hidden while no node is selected
  QSplitter* split_;
  QTimer refreshing_;
};

}  // namespace penstock::ui
