#pragma once

#include <QWidget>

#include "widgets/state_shape.h"

namespace penstock::ui {

// A state's shape as a widget, before a title.
class ShapeMark final : public QWidget {
  Q_OBJECT

 public:
  explicit ShapeMark(StateShape shape = StateShape::Unknown, QWidget* parent = nullptr);

  void setShape(StateShape shape);
  StateShape shape() const { return shape_; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  StateShape shape_;
};

}  // namespace penstock::ui
