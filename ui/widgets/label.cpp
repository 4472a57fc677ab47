#include "widgets/label.h"

#include <QEvent>

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
