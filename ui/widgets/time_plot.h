#pragma once

#include <QWidget>

#include <optional>

#include "widgets/plot.h"

namespace penstock::ui {

// Something drawn over time, with a title and a range. Several are linked by their page: what is brushed in one is the range
// of all, and the cursor stands at the same time in each.
//
// Pointer: drag chooses a range, double click goes back. Keys: ←/→ move the cursor, with Shift they choose a range,
// Enter zooms into it, Esc goes back.
class TimePlot : public QWidget {
  Q_OBJECT

 public:
  explicit TimePlot(QWidget* parent = nullptr);

  void setTitle(const QString& title);
  void setRange(qint64 from, qint64 to);
  void setLocalTime(bool local);
  // Instead of data: "Loading", or why there is none. Empty: data.
  void setMessage(const QString& message);
  // Where the linked plots' cursor is; none hides it.
  void setCursorTime(std::optional<qint64> time);

  const QString& title() const { return title_; }
  qint64 from() const { return area_.from; }
  qint64 to() const { return area_.to; }

 signals:
  void rangeChosen(qint64 from, qint64 to);
  void rangeReset();
  void cursorMoved(std::optional<qint64> time);

 protected:
  // Within `area()`, under the message, the brush and the cursor.
  virtual void paintData(QPainter& painter) = 0;
  // Below the title, from x 12 on, the base line at 38.
  virtual void paintLegend(QPainter& painter) const = 0;
  // The range, or what is drawn in it, has changed.
  virtual void rangeChanged() { update(); }

  const PlotArea& area() const { return area_; }
  void setValues(double low, double high);
  const std::optional<qint64>& cursor() const { return cursor_; }
  bool isLocalTime() const { return localTime_; }

  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void moveCursor(std::optional<qint64> time);
  void chooseBrushed();
  void paintHead(QPainter& painter) const;
  void paintBrush(QPainter& painter) const;

  PlotArea area_;
  QString title_;
  QString message_;
  bool localTime_ = false;
  std::optional<qint64> cursor_;
  std::optional<qint64> brushFrom_;
};

}  // namespace penstock::ui
