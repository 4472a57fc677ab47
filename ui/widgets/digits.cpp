#include "widgets/digits.h"

#include <QPainter>

#include <algorithm>

namespace penstock::ui {

namespace {

bool isDigit(QChar c) { return c >= QLatin1Char('0') && c <= QLatin1Char('9'); }

double widestDigit(const QFontMetricsF& metrics) {
  double widest = 0;
  for (char digit = '0'; digit <= '9'; ++digit)
    widest = std::max(widest, metrics.horizontalAdvance(QLatin1Char(digit)));
  return widest;
}

}  // namespace

double digitsWidth(const QFontMetricsF& metrics, const QString& text) {
  const double digit = widestDigit(metrics);
  double width = 0;
  QString run;
  for (const QChar c : text) {
    if (!isDigit(c)) {
      run += c;
      continue;
    }
    width += digit + (run.isEmpty() ? 0 : metrics.horizontalAdvance(run));
    run.clear();
  }
  return width + (run.isEmpty() ? 0 : metrics.horizontalAdvance(run));
}

void paintDigits(QPainter& painter, const QRectF& box, Qt::Alignment alignment, const QString& text) {
  const QFontMetricsF metrics(painter.font(), painter.device());
  const double width = digitsWidth(metrics, text);
  if (width > box.width()) {
    painter.drawText(box, Qt::AlignVCenter | alignment, metrics.elidedText(text, Qt::ElideRight, box.width()));
    return;
  }
  const double digit = widestDigit(metrics);
  const double baseline = box.center().y() + (metrics.ascent() - metrics.descent()) / 2;
  double x = alignment & Qt::AlignRight ? box.right() - width : box.left();
  QString run;
  const auto flush = [&] {
    if (run.isEmpty()) return;
    painter.drawText(QPointF(x, baseline), run);
    x += metrics.horizontalAdvance(run);
    run.clear();
  };
  for (const QChar c : text) {
    if (!isDigit(c)) {
      run += c;
      continue;
    }
    flush();
    painter.drawText(QPointF(x + (digit - metrics.horizontalAdvance(c)) / 2, baseline), QString(c));
    x += digit;
  }
  flush();
}

}  // namespace penstock::ui
