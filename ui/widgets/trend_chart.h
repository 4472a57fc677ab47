#pragma once

#include <QtCharts/QChartView>

class QBarCategoryAxis;
class QBarSet;
class QValueAxis;

namespace penstock::ui {

// Bars of a distribution or a trend, with Qt Charts: for what changes seldom. Live series are TimeChart's.
class TrendChart final : public QChartView {
  Q_OBJECT

 public:
  explicit TrendChart(QWidget* parent = nullptr);

  // One bar per value; `labels` has as many entries, an empty one writes nothing. NaN leaves its place empty.
  void setBars(const QString& title, const QStringList& labels, const QList<double>& values);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void adoptTheme();

  QBarSet* bars_;
  QBarCategoryAxis* labels_;
  QValueAxis* values_;
};

}  // namespace penstock::ui
