#include "shell/close_bar.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>

#include "widgets/button.h"
#include "widgets/label.h"
#include "widgets/theme.h"

namespace penstock::ui {

CloseBar::CloseBar(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("close bar"));
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(metrics::margin, 8, metrics::margin, 8);
  layout->setSpacing(metrics::gap);
  text_ = new Label;
  layout->addWidget(text_);
  layout->addStretch();
  keep_ = new Button(tr("Keep running"), Button::Kind::Primary);
  drain_ = new Button(tr("Drain and stop"));
  stay_ = new Button(tr("Cancel"));
  layout->addWidget(keep_);
  layout->addWidget(drain_);
  layout->addWidget(stay_);
  connect(keep_, &Button::clicked, this, [this] {
    answer(tr("Handing the streams over…"));
    emit keepRunning();
  });
  connect(drain_, &Button::clicked, this, [this] {
    answer(tr("Draining: the streams take what their sources hold now, then stop…"));
    emit drainAndStop();
  });
  connect(stay_, &Button::clicked, this, &QWidget::hide);
  hide();
}

void CloseBar::ask() {
  text_->setText(tr("Streams are running. Keep them running without this window, or drain and stop them?"));
  for (Button* button : {keep_, drain_, stay_}) button->setEnabled(true);
  show();
  keep_->setFocus(Qt::OtherFocusReason);
}

void CloseBar::answer(const QString& progress) {
  text_->setText(progress);
  for (Button* button : {keep_, drain_, stay_}) button->setEnabled(false);
}

void CloseBar::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape && stay_->isEnabled()) hide();
  else QWidget::keyPressEvent(event);
}

void CloseBar::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::of(this);
  QPainter painter(this);
  painter.fillRect(rect(), theme.raised);
  painter.fillRect(QRect(0, 0, metrics::accentBar, height()), theme.accent);
  painter.fillRect(QRect(0, height() - 1, width(), 1), theme.line);
}

}  // namespace penstock::ui
