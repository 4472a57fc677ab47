#pragma once

#include "widgets/time_plot.h"

namespace penstock::ui {

// One quantity, or a few of one unit, over time.
class TimeChart final : public TimePlot {
  Q_OBJECT

 public:
  explicit TimeChart(QWidget* parent = nullptr);

  void setValueText(ValueText text);
  // Of the axis; unless told any scale, in the words of the values.
  void setAxis(ValueScale scale, AxisText text);
  // In the series' unit; 0: none. What crosses it is drawn in the failing colour.
  void setObjective(double objective);
  void setSeries(const QList<TimeSeries>& series);

  const QList<TimeSeries>& series() const { return series_; }

  QSize sizeHint() const override { return {480, 180}; }
  QSize minimumSizeHint() const override { return {240, 140}; }

 protected:
  void paintData(QPainter& painter) override;
  void paintLegend(QPainter& painter) const override;
  void rangeChanged() override { fitValues(); }

 private:
  void fitValues();
  QString textOf(double value) const { return text_ ? text_(value) : QString::number(value); }

  ValueText text_;
  ValueScale scale_ = ValueScale::Any;
  AxisText axisText_;
  double objective_ = 0;
  QList<TimeSeries> series_;
};

}  // namespace penstock::ui
