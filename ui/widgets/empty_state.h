#pragma once

#include <QWidget>

#include "widgets/state_shape.h"

namespace penstock::ui {

class Button;
class Label;
class ShapeMark;

// What stands where there is nothing to show: what it is, why, and what to do next. Used for empty, loading, error and
// disconnected alike.
class EmptyState final : public QWidget {
  Q_OBJECT

 public:
  explicit EmptyState(QWidget* parent = nullptr);

  // `shape` stands before the title for errors; Ok means none is drawn. An empty `action` shows no button.
  void show(const QString& title, const QString& hint, const QString& action = {}, StateShape shape = StateShape::Ok);

  QString title() const;

 signals:
  void actionPressed();

 private:
  ShapeMark* mark_;
  Label* title_;
  Label* hint_;
  Button* action_;
};

}  // namespace penstock::ui
