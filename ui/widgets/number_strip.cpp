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
constexpr int linesApart = 10;
// What a number with its words needs; from it alone, so that no value that grows by a digit turns one line into two.
constexpr int roomOfOne = 150;

}  // namespace

NumberStrip::NumberStrip(QWidget* parent) : QWidget(parent) {
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
}

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

int NumberStrip::perLine(int width) const {
  const int count = std::max(1, static_cast<int>(numbers_.size()));
  const int most = std::clamp((width + between) / (roomOfOne + between), 1, count);
  const int lines = (count + most - 1) / most;
  return (count + lines - 1) / lines;
}

double NumberStrip::widthOfEach() const { return (width() + between) / static_cast<double>(perLine(width())) - between; }

int NumberStrip::heightForWidth(int width) const {
  const int each = perLine(width);
  const int lines = (std::max(1, static_cast<int>(numbers_.size())) + each - 1) / each;
  return lines * lineOfNumbers + (lines - 1) * linesApart;
}

QSize NumberStrip::sizeHint() const { return {std::max(1, static_cast<int>(numbers_.size())) * (roomOfOne + between), lineOfNumbers}; }

bool NumberStrip::isCut() const {
  const double room = widthOfEach();
  const QFontMetricsF small(smallFont());
  const QFontMetricsF heading(headingFont());
  return std::any_of(numbers_.begin(), numbers_.end(), [&](const Number& number) {
    return std::max({small.horizontalAdvance(number.name), heading.horizontalAdvance(number.value), small.horizontalAdvance(number.detail)}) > room;
  });
}

void NumberStrip::paintEvent(QPaintEvent*) {
  if (numbers_.isEmpty()) return;
  const Theme& theme = Theme::of(this);
  QPainter painter(this);
  const int each = perLine(width());
  const double wide = widthOfEach();
  const auto line = [&](const QFont& font, const QColor& color, double left, double top, double high, const QString& text) {
    painter.setFont(font);
    painter.setPen(color);
    paintDigits(painter, QRectF(left, top, wide, high), Qt::AlignLeft, text);
  };
  for (int i = 0; i < numbers_.size(); ++i) {
    const Number& number = numbers_[i];
    const double left = std::round(i % each * (wide + between));
    const double top = i / each * (lineOfNumbers + linesApart);
    if (i % each > 0) painter.fillRect(QRectF(left - between / 2.0, top + 4, 1, lineOfNumbers - 8), theme.line);
    line(smallFont(), theme.dim, left, top, 18, number.name);
    line(headingFont(), toneColor(theme, number.tone), left, top + 18, 22, number.value);
    line(smallFont(), theme.dim, left, top + 40, 16, number.detail);
    if (!number.share) continue;
    const QRectF bar(left, top + lineOfNumbers - barHeight - 2, wide, barHeight);
    painter.fillRect(bar, theme.line);
    painter.fillRect(QRectF(bar.topLeft(), QSizeF(wide * std::clamp(*number.share, 0.0, 1.0), barHeight)), number.tone == Tone::Normal ? theme.dim : toneColor(theme, number.tone));
  }
}

}  // namespace penstock::ui
