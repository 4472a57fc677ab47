#pragma once

#include <QList>
#include <QWidget>

#include "widgets/state_shape.h"

class QHBoxLayout;

namespace penstock::ui {

class Button;
class Label;
class ShapeMark;

// What runs in the background.
struct BackgroundItem {
  QString id;
  QString title;     // "Replay sales 13:50–14:05"
  double fraction = -1;  // 0…1; negative: unknown
  QString detail;    // "41,200 rows/s · 1 m 10 s left"
};

// The line at the bottom of the window: how far behind the slowest engine is, what runs, and a reminder of keys.
class StatusBand final : public QWidget {
  Q_OBJECT

 public:
  explicit StatusBand(QWidget* parent = nullptr);

  void setSummary(StateShape shape, const QString& text);
  // The first is shown in full, the others as "and 2 more" with their titles in the tooltip.
  void setWork(const QList<BackgroundItem>& work);
  void setHint(const QString& hint);

 signals:
  void summaryPressed();
  void workPressed(const QString& id);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  ShapeMark* mark_;
  Button* summary_;
  ShapeMark* workMark_;
  Button* work_;
  Label* hint_;
  QString workId_;
};

}  // namespace penstock::ui
