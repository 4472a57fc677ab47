#include "widgets/panel.h"

#include <QPainter>
#include <QPainterPath>

#include "widgets/style.h"

namespace penstock::ui {

Panel::Panel(QWidget* parent) : QWidget(parent) {}

void Panel::setState(std::optional<StateShape> state) {
  state_ = state;
  update();
}

void Panel::setOutlined(bool outlined) {
  outlined_ = outlined;
  update();
}

void Panel::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::of(this);
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF box = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
  QPainterPath outline;
  outline.addRoundedRect(box, metrics::radius, metrics::radius);
  const QColor color = state_ ? shapeColor(theme, *state_) : theme.line;
  painter.fillPath(outline, theme.panel);
  if (state_ && !outlined_) {
    painter.setClipPath(outline);
    painter.fillRect(QRectF(0, 0, metrics::accentBar, height()), color);
    painter.setClipping(false);
  }
  painter.setPen(outlined_ ? color : theme.line);
  painter.drawPath(outline);
  if (hasFocus()) paintFocusRing(painter, rect(), theme.accent);
}

}  // namespace penstock::ui
