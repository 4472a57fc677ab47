#include "widgets/number_strip.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

#include "widgets/digits.h"
#include "widgets/theme.h"

namespace penstock::ui {

namespace {

constexpr int between = 20;     // two numbers
constexpr int barHeight = 4;
constexpr int lineOfNumbers = 66;

}  // namespace

NumberStrip::NumberStrip(QWidget* parent) : QWidget(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed); }

void NumberStrip::setNumbers(const QList<Number>& numbers) {
  numbers_ = numbers;
  QStringList spoken;
  for (const Number& number : numbers) spoken << number.name + ": " + number.value + (number.detail.isEmpty() ? QString() : ", " + number.detail);
  if (const QString text = spoken.join(". "); text != accessibleDescription()) {
    setAccessibleDescription(text);
    setToolTip(spoken.join('\n'));
    updateGeometry();
    update();
  }
}

QSize NumberStrip::sizeHint() const { return {std::max(1, static_cast<int>(numbers_.size())) * 170, lineOfNumbers}; }

void NumberStrip::paintEvent(QPaintEvent*) {
  if (numbers_.isEmpty()) return;
  const Theme& theme = Theme::of(this);
  QPainter painter(this);
  const double each = (width() + between) / static_cast<double>(numbers_.size());
  const auto line = [&](const QFont& font, const QColor& color, double left, double top, double high, const QString& text) {
    painter.setFont(font);
    painter.setPen(color);
    paintDigits(painter, QRectF(left, top, each - between, high), Qt::AlignLeft, text);
  };
  for (int i = 0; i < numbers_.size(); ++i) {
    const Number& number = numbers_[i];
    const double left = std::round(i * each);
    if (i > 0) painter.fillRect(QRectF(left - between / 2.0, 4, 1, lineOfNumbers - 8), theme.line);
    line(smallFont(), theme.dim, left, 0, 18, number.name);
    line(headingFont(), toneColor(theme, number.tone), left, 18, 22, number.value);
    line(smallFont(), theme.dim, left, 40, 16, number.detail);
    if (!number.share) continue;
    const double wide = each - between;
    painter.fillRect(QRectF(left, lineOfNumbers - barHeight - 2, wide, barHeight), theme.line);
    painter.fillRect(QRectF(left, lineOfNumbers - barHeight - 2, wide * std::clamp(*number.share, 0.0, 1.0), barHeight), number.tone == Tone::Normal ? theme.dim : toneColor(theme, number.tone));
  }
}

}  // namespace penstock::ui
