#pragma once

#include <QTimer>

#include "pages/page.h"
#include "viewmodels/error_budget.h"
#include "viewmodels/held_order.h"
#include "viewmodels/latency_series.h"

class QComboBox;
class QGridLayout;
class QLineEdit;
class QScrollArea;
class QSplitter;

namespace penstock::ui {

class Button;
class EmptyState;
class HeatChart;
class Label;
class NumberStrip;
class PinnedCharts;
class TableView;
class TimeChart;
class TimePlot;

// How long rows take, per pipeline and per hop, with throughput, backlog, watermark, partitions and objectives with what is
// left of their error budget. A range that is chosen in one chart is that of all. A chart that is pinned stays on top, whichever
// pipeline is selected. Link: the name of a pipeline.
class LatencyPage : public Page {
  Q_OBJECT
 public:
  explicit LatencyPage(Session& session, QWidget* parent = nullptr);

  void open(const Link& link) override;
  Link here() const override;
  QJsonObject layoutState() const override;
  void restoreLayoutState(const QJsonObject& state) override;
  QWidget* firstFocus() override;
  void focusFilter() override;
  bool isReady() const override;

 private:
  QWidget* makeList();
  QWidget* makeCharts();
  void select(const QString& engine, const QString& pipeline);
  void nameEngines();
  void showSelected();
  void remakeCharts();
  void showSeries();
  void showRange();
  void showHeats();
  void showNumbers();
  void link(TimePlot* plot);
  void followChosenSpan();
  void showPast(Instant from, Instant to);
  void exportTo(bool picture);

  HeldOrder order_;
  LatencySeries series_;
  ErrorBudget budget_;
  QLineEdit* filter_;
  TableView* list_;
  Label* title_;
  Label* rangeText_;
  QComboBox* span_;
  Button* yesterday_;
  Button* live_;
  EmptyState* empty_;
  QScrollArea* area_;
  QWidget* drawn_;              // pinned charts and the wall
  PinnedCharts* pinned_;
  QWidget* wall_;
  QGridLayout* grid_;
  NumberStrip* numbers_;
  QList<TimeChart*> charts_;
  QList<HeatChart*> heats_;
  QSplitter* split_;
  QString wanted_;
  QTimer waiting_;
};

}  // namespace penstock::ui
