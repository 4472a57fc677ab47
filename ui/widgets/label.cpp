#include "widgets/label.h"

#include <QHelpEvent>
#include <QPainter>
#include <QStyle>
#include <QToolTip>

#include <algorithm>

#include "widgets/theme.h"

namespace penstock::ui {

namespace {

QFont fontOf(Label::Font font) {
  switch (font) {
    case Label::Font::Strong: return strongFont();
    case Label::Font::Heading: return headingFont();
    case Label::Font::Small: return smallFont();
    case Label::Font::Mono: return monoFont();
    case Label::Font::Text: break;
  }
  return textFont();
}

// A line is cut only where even this much is not there; shorter ones never.
constexpr int leastWidth = 120;

// Names are one word to Qt: those that no line has room for may be broken between their parts.
QString breakable(const QString& text, const QFontMetrics& metrics, int width) {
  QStringList words = text.split(' ');
  for (QString& word : words) {
    if (metrics.horizontalAdvance(word) <= width) continue;
    QString broken;
    for (const QChar letter : word) {
      broken += letter;
      if (letter == '_' || letter == '.' || letter == '/') broken += QChar(0x200b);
    }
    word = broken;
  }
  return words.join(' ');
}

}  // namespace

Label::Label(const QString& text, Tone tone, Font font, QWidget* parent)
    : QLabel(text, parent), tone_(tone), look_(font) {
  setTextFormat(Qt::PlainText);
  adopt();
}

void Label::setTone(Tone tone) {
  tone_ = tone;
  adopt();
}

void Label::setLook(Font font) {
  look_ = font;
  adopt();
}

// What selects text or has markup, or several lines, is QLabel's to draw.
bool Label::isOwnLine() const {
  return textFormat() == Qt::PlainText && !wordWrap() && !(textInteractionFlags() & Qt::TextSelectableByMouse) && !text().contains('\n');
}

bool Label::isOwnParagraph() const { return textFormat() == Qt::PlainText && wordWrap() && !(textInteractionFlags() & Qt::TextSelectableByMouse); }

QSize Label::minimumSizeHint() const {
  const QSize needed = QLabel::minimumSizeHint();
  return {std::min(needed.width(), leastWidth), needed.height()};
}

int Label::heightForWidth(int width) const {
  if (!isOwnParagraph()) return QLabel::heightForWidth(width);
  return fontMetrics().boundingRect(QRect(0, 0, std::max(width, 1), QWIDGETSIZE_MAX), static_cast<int>(alignment()) | Qt::TextWordWrap, breakable(text(), fontMetrics(), width)).height();
}

void Label::paintEvent(QPaintEvent* event) {
  const bool isLine = isOwnLine();
  if (!isLine && !isOwnParagraph()) return QLabel::paintEvent(event);
  QPainter painter(this);
  const QString shown = isLine ? fontMetrics().elidedText(text(), Qt::ElideRight, contentsRect().width()) : breakable(text(), fontMetrics(), contentsRect().width());
  style()->drawItemText(&painter, contentsRect(), static_cast<int>(QStyle::visualAlignment(layoutDirection(), alignment())) | (isLine ? 0 : Qt::TextWordWrap), palette(), isEnabled(), shown,
                        foregroundRole());
}

bool Label::event(QEvent* event) {
  const bool isCut = event->type() == QEvent::ToolTip && toolTip().isEmpty() && isOwnLine() && fontMetrics().horizontalAdvance(text()) > contentsRect().width();
  if (!isCut) return QLabel::event(event);
  QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), text(), this);
  return true;
}

void Label::changeEvent(QEvent* event) {
  QLabel::changeEvent(event);
  if (event->type() == QEvent::StyleChange) adopt();
}

void Label::adopt() {
  setFont(fontOf(look_));
  const QColor color = toneColor(Theme::of(this), tone_);
  QPalette changed;
  changed.setColor(QPalette::WindowText, color);
  changed.setColor(QPalette::Text, color);
  setPalette(changed);
}

}  // namespace penstock::ui
