#include "widgets/empty_state.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include "widgets/button.h"
#include "widgets/label.h"
#include "widgets/shape_mark.h"
#include "widgets/theme.h"

namespace penstock::ui {

EmptyState::EmptyState(QWidget* parent)
    : QWidget(parent),
      mark_(new ShapeMark(StateShape::Ok, this)),
      title_(new Label({}, Tone::Normal, Label::Font::Strong, this)),
      hint_(new Label({}, Tone::Dim, Label::Font::Text, this)),
      action_(new Button({}, Button::Kind::Secondary, this)) {
  hint_->setWordWrap(true);
  hint_->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
  hint_->setMaximumWidth(620);
  hint_->setMinimumWidth(200);

  auto* line = new QHBoxLayout;
  line->setSpacing(6);
  line->addStretch();
  line->addWidget(mark_);
  line->addWidget(title_);
  line->addStretch();

  auto* centred = new QHBoxLayout;
  centred->addStretch();
  centred->addWidget(hint_, 10);
  centred->addStretch();

  auto* layout = new QVBoxLayout(this);
  layout->setSpacing(metrics::gap);
  layout->addStretch(2);
  layout->addLayout(line);
  layout->addLayout(centred);
  layout->addWidget(action_, 0, Qt::AlignHCenter);
  layout->addStretch(3);

  connect(action_, &QPushButton::clicked, this, &EmptyState::actionPressed);
}

void EmptyState::show(const QString& title, const QString& hint, const QString& action, StateShape shape) {
  mark_->setShape(shape);
  mark_->setVisible(shape != StateShape::Ok);
  title_->setText(title);
  hint_->setText(hint);
  hint_->setVisible(!hint.isEmpty());
  action_->setText(action);
  action_->setVisible(!action.isEmpty());
  setAccessibleName(title);
  setAccessibleDescription(hint);
  QWidget::show();
}

QString EmptyState::title() const { return title_->text(); }

}  // namespace penstock::ui
