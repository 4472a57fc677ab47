#include "shell/silence_bar.h"

#include <QHBoxLayout>
#include <QPainter>

#include "viewmodels/session.h"
#include "widgets/button.h"
#include "widgets/label.h"
#include "widgets/shape_mark.h"
#include "widgets/theme.h"

namespace penstock::ui {

SilenceBar::SilenceBar(Session& session, QWidget* parent)
    : QWidget(parent), session_(session), mark_(new ShapeMark(StateShape::Failing)), text_(new Label({}, Tone::Normal, Label::Font::Strong)),
      hint_(new Label({}, Tone::Dim)), again_(new Button(tr("Try again"))) {
  setObjectName(QStringLiteral("silence bar"));
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(metrics::margin, 6, metrics::margin, 6);
  layout->setSpacing(metrics::gap);
  layout->addWidget(mark_);
  layout->addWidget(text_);
  hint_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  layout->addWidget(hint_, 1);
  layout->addWidget(again_);
  connect(again_, &Button::clicked, this, [this] {
    if (Connection* engine = session_.engine()) engine->retryNow();
  });
  connect(&session, &Session::engineChanged, this, &SilenceBar::refresh);
  connect(&session.fleet, &Fleet::stateChanged, this, &SilenceBar::refresh);
  ageing_.setInterval(1'000);
  connect(&ageing_, &QTimer::timeout, this, &SilenceBar::refresh);
  ageing_.start();
  refresh();
}

void SilenceBar::refresh() {
  const Connection* engine = session_.engine();
  const bool silent = engine && !engine->isFresh() && engine->state() != EngineState::Connecting;
  setVisible(silent);
  if (!silent) return;
  const bool known = isKnown(engine->picture().at);
  const QString name = engine->name();
  switch (engine->state()) {
    case EngineState::Unauthorised: text_->setText(tr("%1 does not accept this token").arg(name)); break;
    case EngineState::Incompatible: text_->setText(tr("%1 speaks another version of the API").arg(name)); break;
    default:
      text_->setText(known ? tr("%1 has been silent for %2").arg(name, duration(Micros(engine->behind()))) : tr("%1 does not answer").arg(name));
  }
  QStringList words;
  if (known) words << tr("What you see is what it told last");
  if (!engine->problem().message.isEmpty()) words << engine->problem().message;
  if (!engine->problem().action.isEmpty()) words << engine->problem().action;
  hint_->setText(words.join(QStringLiteral(" · ")));
  hint_->setToolTip(hint_->text());
}

void SilenceBar::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::of(this);
  QPainter painter(this);
  painter.fillRect(rect(), theme.raised);
  painter.fillRect(QRect(0, 0, metrics::accentBar, height()), theme.failing);
  painter.fillRect(QRect(0, height() - 1, width(), 1), theme.line);
}

}  // namespace penstock::ui
