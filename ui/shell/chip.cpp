#include "shell/chip.h"

#include <QPainter>

#include "widgets/digits.h"
#include "widgets/style.h"
#include "widgets/theme.h"

namespace penstock::ui {
namespace {

constexpr int padding = 10;
constexpr int between = 8;

QFont fontOf(const Chip::Part& part) {
  if (part.right) {
    QFont mono = monoFont();
    mono.setPixelSize(11);
    return mono;
  }
  return part.strong ? strongFont() : textFont();
}

double widthOf(const Chip::Part& part) {
  return digitsWidth(QFontMetricsF(fontOf(part)), part.text) + (part.right ? 12 : 0);
}

}  // namespace

Chip::Chip(QWidget* parent) : QAbstractButton(parent) {
  setCursor(Qt::PointingHandCursor);
  setFocusPolicy(Qt::TabFocus);
}

void Chip::setParts(const QList<Part>& parts) {
  QStringList words;
  for (const Part& part : parts) words << part.text;
  parts_ = parts;
  setText(words.join(' '));
  if (accessibleName().isEmpty()) setAccessibleName(text());
  setAccessibleDescription(text());
  updateGeometry();
  update();
}

void Chip::setEdge(const QColor& color) {
  edge_ = color;
  update();
}

QSize Chip::sizeHint() const {
  double width = 2 * padding - between;
  for (const Part& part : parts_) width += widthOf(part) + between;
  return {static_cast<int>(width) + 1, metrics::buttonHeight};
}

void Chip::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::of(this);
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF box = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
  painter.setPen(QPen(edge_.isValid() ? edge_ : theme.line, 1));
  painter.setBrush(theme.tinted(theme.panel, isDown() ? 0.12 : underMouse() ? 0.06 : 0.02));
  painter.drawRoundedRect(box, metrics::radius, metrics::radius);
  double left = padding;
  double right = width() - padding;
  for (const Part& part : parts_) {
    const QFont font = fontOf(part);
    const double wide = widthOf(part);
    painter.setFont(font);
    painter.setPen(part.color.isValid() ? part.color : theme.text);
    if (part.right) {
      const QRectF key(right - wide, (height() - 18) / 2.0, wide, 18);
      painter.setPen(QPen(theme.line, 1));
      painter.setBrush(Qt::NoBrush);
      painter.drawRoundedRect(key.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
      painter.setPen(theme.dim);
      painter.drawText(key, Qt::AlignCenter, part.text);
      right -= wide + between;
      continue;
    }
    paintDigits(painter, QRectF(left, 0, std::min(wide + 1, right - left), height()), Qt::AlignLeft, part.text);
    left += wide + between;
  }
  if (hasFocus()) paintFocusRing(painter, QRectF(rect()), theme.accent);
}

}  // namespace penstock::ui
