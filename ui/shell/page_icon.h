#pragma once

#include <QColor>
#include <QIcon>
#include <QString>

namespace penstock::ui {

// The line icon of a page, 20 px, drawn: crisp at every scale and in every colour.
QPixmap pageIcon(const QString& page, const QColor& color, double devicePixelRatio);

}  // namespace penstock::ui
