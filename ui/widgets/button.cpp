#include "widgets/button.h"

#include "widgets/theme.h"

namespace penstock::ui {

Button::Button(const QString& text, Kind kind, QWidget* parent) : QPushButton(text, parent), kind_(kind) {
  setAutoDefault(false);
  setKind(kind);
}

void Button::setKind(Kind kind) {
  kind_ = kind;
  const bool filled = kind == Kind::Primary || kind == Kind::Destroys;
  setFont(filled ? strongFont() : textFont());
  if (kind == Kind::Link || kind == Kind::Quiet) setCursor(Qt::PointingHandCursor);
  updateGeometry();
  update();
}

}  // namespace penstock::ui
