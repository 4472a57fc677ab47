#pragma once

#include <QFontMetricsF>
#include <QRectF>
#include <QString>

class QPainter;

namespace penstock::ui {

// Numbers whose digits are all as wide as the widest one, so that a live column does not dance. Qt 6.4 cannot switch
// a font's own tabular figures on.

// Width in logical pixels that paintDigits needs for `text`.
double digitsWidth(const QFontMetricsF& metrics, const QString& text);

// Paints one line with the painter's font and pen, vertically centred in `box`; `alignment` is Qt::AlignLeft or
// Qt::AlignRight. Text that is too wide is elided on the right.
void paintDigits(QPainter& painter, const QRectF& box, Qt::Alignment alignment, const QString& text);

}  // namespace penstock::ui
