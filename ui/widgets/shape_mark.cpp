#include "widgets/shape_mark.h"

#include <QPainter>

#include "widgets/theme.h"

namespace penstock::ui {

ShapeMark::ShapeMark(StateShape shape, QWidget* parent) : QWidget(parent), shape_(shape) {
  setFixedSize(16, metrics::lineHeight);
  setAccessibleName(shapeName(shape));
}

void ShapeMark::setShape(StateShape shape) {
  shape_ = shape;
  setAccessibleName(shapeName(shape));
  update();
}

void ShapeMark::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paintShape(painter, rect(), shape_, shapeColor(Theme::of(this), shape_), 12);
}

}  // namespace penstock::ui
