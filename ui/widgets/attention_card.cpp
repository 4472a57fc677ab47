#include "widgets/attention_card.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QVBoxLayout>

#include <algorithm>

#include "widgets/button.h"
#include "widgets/label.h"
#include "widgets/shape_mark.h"
#include "widgets/theme.h"

namespace penstock::ui {

AttentionCard::AttentionCard(QWidget* parent)
    : Panel(parent),
      mark_(new ShapeMark(StateShape::Failing, this)),
      subject_(new Label({}, Tone::Normal, Label::Font::Strong, this)),
      age_(new Label({}, Tone::Dim, Label::Font::Text, this)),
      impact_(new Label({}, Tone::Normal, Label::Font::Text, this)),
      detail_(new Label({}, Tone::Dim, Label::Font::Text, this)),
      actions_(new QHBoxLayout),
      layout_(new QVBoxLayout(this)) {
  setFocusPolicy(Qt::StrongFocus);
  subject_->setWordWrap(true);
  impact_->setWordWrap(true);
  detail_->setWordWrap(true);

  auto* head = new QHBoxLayout;
  head->setSpacing(metrics::gap);
  head->addWidget(mark_, 0, Qt::AlignTop);
  head->addWidget(subject_, 1);
  head->addWidget(age_, 0, Qt::AlignTop);

  actions_->setSpacing(metrics::gap / 2);
  actions_->addStretch();

  layout_->setContentsMargins(metrics::margin, 12, metrics::margin, 12);
  layout_->setSpacing(4);
  layout_->addLayout(head);
  layout_->addWidget(impact_);
  layout_->addWidget(detail_);
  layout_->addSpacing(4);
  layout_->addLayout(actions_);
  layout_->addStretch();
}

void AttentionCard::setText(const AttentionText& text) {
  const auto same = [](const AttentionText::Action& a, const AttentionText::Action& b) { return a.id == b.id && a.text == b.text; };
  const bool actionsStay = std::equal(text.actions.begin(), text.actions.end(), text_.actions.begin(), text_.actions.end(), same);
  text_ = text;
  setState(text.shape);
  mark_->setShape(text.shape);
  subject_->setText(text.subject);
  age_->setText(text.age);
  impact_->setText(text.impact);
  impact_->setVisible(!text.impact.isEmpty());
  detail_->setText(text.detail);
  detail_->setVisible(!text.detail.isEmpty());
  setAccessibleName(shapeName(text.shape) + ": " + text.subject);
  setAccessibleDescription(QStringList{text.impact, text.detail, text.age}.join(". "));
  if (!actionsStay) rebuildActions();
}

void AttentionCard::rebuildActions() {
  qDeleteAll(buttons_);
  buttons_.clear();
  for (const AttentionText::Action& action : text_.actions) {
    const auto kind = buttons_.isEmpty() ? Button::Kind::Primary : Button::Kind::Secondary;
    auto* button = new Button(action.text, kind, this);
    connect(button, &QPushButton::clicked, this, [this, action = action.id] { emit actionPressed(text_.id, action); });
    actions_->insertWidget(static_cast<int>(buttons_.size()), button);
    buttons_ << button;
  }
}

void AttentionCard::setSheet(QWidget* sheet) {
  if (sheet_ && sheet_ != sheet) layout_->removeWidget(sheet_);
  sheet_ = sheet;
  if (sheet_) layout_->insertWidget(layout_->count() - 1, sheet_);
}

void AttentionCard::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) emit opened(text_.id);
  else Panel::keyPressEvent(event);
}

void AttentionCard::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton && rect().contains(event->position().toPoint())) emit opened(text_.id);
}

}  // namespace penstock::ui
