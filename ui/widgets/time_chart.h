#pragma once

#include <QWidget>

#include <optional>

#include "widgets/plot.h"

namespace penstock::ui {

// One quantity, or a few of one unit, over time. Several charts are linked by their page: what is brushed in one is the
// range of all, and the cursor stands at the same time in each.
//
// Pointer: drag chooses a range, double click goes back. Keys: ←/→ move the cursor, with Shift they choose a range,
// Enter zooms into it, Esc goes back.
class TimeChart final : public QWidget {
  Q_OBJECT

 public:
  explicit TimeChart(QWidget* parent = nullptr);

  void setTitle(const QString& title);
  void setValueText(ValueText text);
  // In the series' unit; 0: none. What crosses it is drawn in the failing colour.
  void setObjective(double objective);
  void setRange(qint64 from, qint64 to);
  void setSeries(const QList<TimeSeries>& series);
  void setLocalTime(bool local);
  // Instead of data: "Loading", or why there is none. Empty: data.
  void setMessage(const QString& message);
  // Where the linked charts' cursor is; none hides it.
  void setCursorTime(std::optional<qint64> time);

  const QString& title() const { return title_; }
  qint64 from() const { return area_.from; }
  qint64 to() const { return area_.to; }
  const QList<TimeSeries>& series() const { return series_; }

  QSize sizeHint() const override { return {480, 180}; }
  QSize minimumSizeHint() const override { return {240, 140}; }

 signals:
  void rangeChosen(qint64 from, qint64 to);
  void rangeReset();
  void cursorMoved(std::optional<qint64> time);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void fitValues();
  void moveCursor(std::optional<qint64> time);
  void chooseBrushed();
  void paintHead(QPainter& painter) const;
  void paintBrush(QPainter& painter) const;

  PlotArea area_;
  QString title_;
  QString message_;
  ValueText text_;
  double objective_ = 0;
  bool localTime_ = false;
  QList<TimeSeries> series_;
  std::optional<qint64> cursor_;
  std::optional<qint64> brushFrom_;
};

}  // namespace penstock::ui
