#pragma once

#include "widgets/time_plot.h"

namespace penstock::ui {

// One quantity of many like things over time: a row of each, darker where there is more. Reads in greyscale; the scale goes
// from nothing to the largest value that is shown.
class HeatChart final : public TimePlot {
  Q_OBJECT

 public:
  explicit HeatChart(QWidget* parent = nullptr);

  void setValueText(ValueText text);
  // A series each, from the top; `named` is what the rows are: "partition".
  void setRows(const QList<TimeSeries>& rows, const QString& named);
  // Said beside the title: "64 of 500 partitions". Empty: nothing.
  void setNote(const QString& note);

  const QList<TimeSeries>& rows() const { return rows_; }
  // The row that is in focus: under the pointer, else the one with the largest last value; -1: none.
  int rowInFocus() const;

  QSize sizeHint() const override { return {480, heightFor(rows_.size())}; }
  QSize minimumSizeHint() const override { return {240, heightFor(rows_.size())}; }

 protected:
  void paintData(QPainter& painter) override;
  void paintLegend(QPainter& painter) const override;
  void rangeChanged() override { fitScale(); }
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  static int heightFor(qsizetype rows);
  void fitScale();
  QString textOf(double value) const { return text_ ? text_(value) : QString::number(value); }

  ValueText text_;
  QString named_;
  QString note_;
  QList<TimeSeries> rows_;
  double most_ = 0;
  int pointed_ = -1;
};

}  // namespace penstock::ui
