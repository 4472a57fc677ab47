#include "widgets/status_band.h"

#include <QHBoxLayout>
#include <QPainter>

#include "widgets/button.h"
#include "widgets/label.h"
#include "widgets/shape_mark.h"
#include "widgets/theme.h"

namespace penstock::ui {

StatusBand::StatusBand(QWidget* parent)
    : QWidget(parent),
      mark_(new ShapeMark(StateShape::Unknown, this)),
      summary_(new Button({}, Button::Kind::Quiet, this)),
      workMark_(new ShapeMark(StateShape::Running, this)),
      work_(new Button({}, Button::Kind::Quiet, this)),
      hint_(new Label({}, Tone::Dim, Label::Font::Small, this)) {
  setFixedHeight(28);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(12, 1, 12, 0);
  layout->setSpacing(0);
  layout->addWidget(mark_);
  layout->addWidget(summary_);
  layout->addSpacing(metrics::margin);
  layout->addWidget(workMark_);
  layout->addWidget(work_);
  layout->addStretch();
  layout->addWidget(hint_);
  for (Button* button : {summary_, work_}) button->setFont(smallFont());
  connect(summary_, &QPushButton::clicked, this, &StatusBand::summaryPressed);
  connect(work_, &QPushButton::clicked, this, [this] { emit workPressed(workId_); });
  setWork({});
}

void StatusBand::setSummary(StateShape shape, const QString& text) {
  mark_->setShape(shape);
  summary_->setText(text);
}

void StatusBand::setWork(const QList<BackgroundItem>& work) {
  workMark_->setVisible(!work.isEmpty());
  work_->setVisible(!work.isEmpty());
  if (work.isEmpty()) return;
  const BackgroundItem& first = work.front();
  workId_ = first.id;
  QStringList parts{first.title};
  if (first.fraction >= 0) parts << QString("%1 %").arg(qRound(first.fraction * 100));
  if (!first.detail.isEmpty()) parts << first.detail;
  if (work.size() > 1) parts << tr("and %1 more").arg(work.size() - 1);
  work_->setText(parts.join(" · "));
  QStringList titles;
  for (const BackgroundItem& item : work) titles << item.title;
  work_->setToolTip(titles.join('\n'));
}

void StatusBand::setHint(const QString& hint) { hint_->setText(hint); }

void StatusBand::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::of(this);
  QPainter painter(this);
  painter.fillRect(rect(), theme.panel);
  painter.fillRect(QRect(0, 0, width(), 1), theme.line);
}

}  // namespace penstock::ui
