#include "shell/keys_help.h"

#include <QGridLayout>
#include <QPainter>

#include "shell/keyboard.h"
#include "widgets/label.h"
#include "widgets/theme.h"

namespace penstock::ui {

KeysHelp::KeysHelp(QWidget* window) : QWidget(window) {
  setObjectName(QStringLiteral("keys help"));
  setAccessibleName(tr("Keys"));
  setFocusPolicy(Qt::StrongFocus);
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(24, 20, 24, 20);
  grid->setHorizontalSpacing(20);
  grid->setVerticalSpacing(8);
  grid->addWidget(new Label(tr("Keys"), Tone::Normal, Label::Font::Heading), 0, 0, 1, 5);
  const auto keys = Keyboard::help();
  const int half = static_cast<int>(keys.size() + 1) / 2;
  for (int i = 0; i < static_cast<int>(keys.size()); ++i) {
    const int row = 1 + i % half;
    const int column = i < half ? 0 : 3;
    grid->addWidget(new Label(keys[static_cast<size_t>(i)].keys, Tone::Normal, Label::Font::Mono), row, column);
    grid->addWidget(new Label(keys[static_cast<size_t>(i)].what, Tone::Dim), row, column + 1);
  }
  grid->setColumnMinimumWidth(2, 24);
  hide();
}

void KeysHelp::open() {
  adjustSize();
  move((parentWidget()->width() - width()) / 2, std::max(20, (parentWidget()->height() - height()) / 3));
  show();
  raise();
  setFocus(Qt::ShortcutFocusReason);
}

void KeysHelp::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::of(this);
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(theme.edge, 1));
  painter.setBrush(theme.raised);
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), metrics::radius, metrics::radius);
}

void KeysHelp::keyPressEvent(QKeyEvent*) { hide(); }
void KeysHelp::mousePressEvent(QMouseEvent*) { hide(); }
void KeysHelp::focusOutEvent(QFocusEvent*) { hide(); }

}  // namespace penstock::ui
