#include "widgets/inline_sheet.h"

#include <QApplication>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QLocale>
#include <QProgressBar>
#include <QVBoxLayout>

#include "widgets/button.h"
#include "widgets/label.h"
#include "widgets/shape_mark.h"
#include "widgets/theme.h"

namespace penstock::ui {

InlineSheet::InlineSheet(QWidget* parent)
    : Panel(parent),
      mark_(new ShapeMark(StateShape::Running, this)),
      title_(new Label({}, Tone::Normal, Label::Font::Strong, this)),
      environment_(new Label({}, Tone::Normal, Label::Font::Strong, this)),
      body_(new QWidget(this)),
      facts_(new QGridLayout),
      warning_(new Label({}, Tone::Warning, Label::Font::Text, this)),
      fieldsPlace_(new QVBoxLayout),
      numberLine_(new QWidget(this)),
      numberText_(new Label({}, Tone::Normal, Label::Font::Text, numberLine_)),
      number_(new QLineEdit(numberLine_)),
      whyLine_(new QWidget(this)),
      why_(new QLineEdit(this)),
      message_(new Label({}, Tone::Normal, Label::Font::Text, this)),
      hint_(new Label({}, Tone::Dim, Label::Font::Text, this)),
      bar_(new QProgressBar(this)),
      run_(new Button({}, Button::Kind::Primary, this)),
      cancel_(new Button({}, Button::Kind::Secondary, this)),
      undo_(new Button({}, Button::Kind::Link, this)) {
  setOutlined(true);
  for (Label* label : {warning_, message_, hint_}) label->setWordWrap(true);
  message_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  bar_->setTextVisible(false);
  bar_->setFixedHeight(10);
  why_->setAccessibleName(tr("Why"));
  why_->setPlaceholderText(tr("Why: goes into the audit log"));

  auto* head = new QHBoxLayout;
  head->setSpacing(metrics::gap);
  head->addWidget(mark_);
  head->addWidget(title_, 1);
  head->addWidget(environment_);

  facts_->setContentsMargins(0, 0, 0, 0);
  facts_->setHorizontalSpacing(metrics::margin);
  facts_->setVerticalSpacing(2);
  facts_->setColumnStretch(1, 1);

  auto* why = new QHBoxLayout(whyLine_);
  why->setContentsMargins(0, 0, 0, 0);
  why->setSpacing(metrics::margin);
  auto* whyLabel = new Label(tr("Why"), Tone::Dim, Label::Font::Text, whyLine_);
  whyLabel->setMinimumWidth(80);
  why->addWidget(whyLabel);
  why->addWidget(why_, 1);

  auto* number = new QHBoxLayout(numberLine_);
  number->setContentsMargins(0, 0, 0, 0);
  number->setSpacing(metrics::margin);
  number->addWidget(numberText_);
  number_->setFixedWidth(140);
  number_->setAccessibleName(tr("Number of rows that are sent again"));
  number->addWidget(number_);
  number->addStretch();

  auto* body = new QVBoxLayout(body_);
  body->setContentsMargins(0, 0, 0, 0);
  body->setSpacing(metrics::gap);
  body->addLayout(facts_);
  body->addWidget(warning_);
  body->addLayout(fieldsPlace_);
  body->addWidget(whyLine_);
  body->addWidget(numberLine_);

  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(metrics::gap);
  buttons->addWidget(run_);
  buttons->addWidget(cancel_);
  buttons->addWidget(undo_);
  buttons->addStretch();

  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(12, 10, 12, 10);
  layout->setSpacing(metrics::gap);
  layout->addLayout(head);
  layout->addWidget(body_);
  layout->addWidget(bar_);
  layout->addWidget(message_);
  layout->addWidget(hint_);
  layout->addLayout(buttons);

  connect(run_, &QPushButton::clicked, this, &InlineSheet::pressRun);
  connect(cancel_, &QPushButton::clicked, this, &InlineSheet::pressCancel);
  connect(undo_, &QPushButton::clicked, this, &InlineSheet::undoRequested);
  for (const QLineEdit* edit : {why_, number_}) {
    connect(edit, &QLineEdit::textChanged, this, [this] {
      if (stage_ == Stage::Asking) run_->setEnabled(isAnswered());
    });
    connect(edit, &QLineEdit::returnPressed, this, &InlineSheet::pressRun);
  }
  hide();
}

void InlineSheet::enter(Stage stage) {
  if (stage_ == Stage::Folded && stage != Stage::Folded) returnFocusTo_ = QApplication::focusWidget();
  stage_ = stage;
  const bool asking = stage == Stage::Asking;
  const bool running = stage == Stage::Running;
  const bool ended = stage == Stage::Finished || stage == Stage::Failed;
  body_->setVisible(asking);
  bar_->setVisible(running || stage == Stage::Preparing);
  message_->setVisible(running || ended);
  message_->setTone(Tone::Normal);
  hint_->setVisible(stage == Stage::Failed && !hint_->text().isEmpty());
  undo_->setVisible(stage == Stage::Finished && !undo_->text().isEmpty());
  run_->setVisible(asking || stage == Stage::Failed);
  cancel_->setVisible(true);
  cancel_->setText(ended ? tr("Close") : running ? tr("Stop") : tr("Cancel"));
  setState(stage == Stage::Failed ? std::optional(StateShape::Failing) : std::nullopt);
  mark_->setShape(stage == Stage::Failed ? StateShape::Failing : ended ? StateShape::Ok : StateShape::Running);
  mark_->setVisible(!asking);
  setVisible(stage != Stage::Folded);
}

void InlineSheet::prepare(const QString& title) {
  title_->setText(title);
  environment_->clear();
  bar_->setRange(0, 0);
  enter(Stage::Preparing);
  setAccessibleName(title);
  cancel_->setFocus();
}

void InlineSheet::say(const ActionSummary& summary) {
  title_->setText(summary.title);
  setAccessibleName(summary.title);
  environment_->setText(summary.environment);
  QPalette colored;
  colored.setColor(QPalette::WindowText, summary.environmentColor.isValid() ? summary.environmentColor : Theme::of(this).text);
  environment_->setPalette(colored);
  setFacts(summary);
  warning_->setText(summary.cannotBeUndone);
  warning_->setVisible(!summary.cannotBeUndone.isEmpty());
  numberToType_ = summary.numberToType;
  numberText_->setText(tr("Type %1 to send them again").arg(QLocale(QLocale::English).toString(numberToType_)));
  numberLine_->setVisible(numberToType_ > 0);
  number_->clear();
  needsWhy_ = summary.needsWhy;
  canRun_ = summary.canRun;
  run_->setText(summary.runText.isEmpty() ? tr("Run") : summary.runText);
  run_->setKind(summary.destroys ? Button::Kind::Destroys : Button::Kind::Primary);
  run_->setEnabled(isAnswered());
}

void InlineSheet::change(const ActionSummary& summary) {
  if (stage_ != Stage::Asking) return;
  if (why_->text() == whyGiven_) why_->setText(whyGiven_ = summary.why);
  say(summary);
}

void InlineSheet::ask(const ActionSummary& summary) {
  why_->setText(whyGiven_ = summary.why);
  say(summary);
  enter(Stage::Asking);
  // Enter must do what can be taken back, and nothing else.
  QWidget* first = summary.destroys ? static_cast<QWidget*>(cancel_) : numberToType_ > 0 ? number_ : needsWhy_ ? why_ : static_cast<QWidget*>(run_);
  first->setFocus();
}

bool InlineSheet::isAnswered() const {
  const bool numberFits = numberToType_ == 0 || number_->text().remove(',').trimmed() == QString::number(numberToType_);
  return canRun_ && numberFits && (!needsWhy_ || !why_->text().trimmed().isEmpty());
}

void InlineSheet::setFacts(const ActionSummary& summary) {
  while (QLayoutItem* item = facts_->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  QStringList spoken;
  for (int row = 0; row < summary.facts.size(); ++row) {
    const auto& [name, value] = summary.facts[row];
    auto* text = new Label(value, Tone::Normal, Label::Font::Text, body_);
    text->setWordWrap(true);
    if (name.isEmpty()) {
      facts_->addWidget(text, row, 0, 1, 2);
      spoken << value;
      continue;
    }
    auto* key = new Label(name, Tone::Dim, Label::Font::Text, body_);
    key->setMinimumWidth(80);
    facts_->addWidget(key, row, 0, Qt::AlignTop);
    facts_->addWidget(text, row, 1);
    spoken << name + ": " + value;
  }
  setAccessibleDescription(spoken.join(". ") + ". " + summary.cannotBeUndone);
}

void InlineSheet::setFields(QWidget* fields) {
  delete fields_;
  fields_ = fields;
  if (fields) fieldsPlace_->addWidget(fields);
}

void InlineSheet::progress(double fraction, const QString& text, bool canStop) {
  if (stage_ != Stage::Running) enter(Stage::Running);
  cancel_->setVisible(canStop);
  if (fraction < 0) {
    bar_->setRange(0, 0);
  } else {
    bar_->setRange(0, 1000);
    bar_->setValue(qBound(0, qRound(fraction * 1000), 1000));
  }
  message_->setText(text);
}

void InlineSheet::finish(const QString& outcome, const QString& undo) {
  undo_->setText(undo);
  message_->setText(outcome);
  enter(Stage::Finished);
  message_->setTone(Tone::Success);
  cancel_->setFocus();
}

void InlineSheet::fail(const QString& message, const QString& hint) {
  message_->setText(message);
  hint_->setText(hint);
  run_->setText(tr("Try again"));
  run_->setKind(Button::Kind::Secondary);
  run_->setEnabled(true);
  enter(Stage::Failed);
  message_->setTone(Tone::Failing);
  cancel_->setFocus();
}

void InlineSheet::fold() {
  if (stage_ == Stage::Folded) return;
  const bool hadFocus = isAncestorOf(QApplication::focusWidget());
  enter(Stage::Folded);
  setFields(nullptr);
  if (hadFocus && returnFocusTo_) returnFocusTo_->setFocus();
  emit folded();
}

void InlineSheet::pressRun() {
  if (!run_->isEnabled()) return;
  if (stage_ == Stage::Failed) {
    emit retryRequested();
  } else if (stage_ == Stage::Asking) {
    progress(-1, {}, false);
    emit runRequested(why_->text().trimmed(), number_->text().remove(',').toLongLong());
  }
}

void InlineSheet::pressCancel() {
  const Stage during = stage_;
  if (during != Stage::Running) fold();
  emit cancelled(during);
}

void InlineSheet::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape && stage_ != Stage::Folded && cancel_->isVisible()) {
    pressCancel();
    return;
  }
  // A button takes only Space by itself; here Enter presses the one with the focus.
  if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
    if (auto* button = qobject_cast<QAbstractButton*>(QApplication::focusWidget()); button && isAncestorOf(button)) {
      button->click();
      return;
    }
    if (stage_ == Stage::Asking && fields_ && fields_->isAncestorOf(QApplication::focusWidget())) return pressRun();
  }
  Panel::keyPressEvent(event);
}

}  // namespace penstock::ui
