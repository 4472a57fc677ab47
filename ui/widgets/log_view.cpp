#include "widgets/log_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QLocale>
#include <QShortcut>
#include <QVBoxLayout>

#include "widgets/button.h"
#include "widgets/label.h"
#include "widgets/log_canvas.h"
#include "widgets/theme.h"

namespace penstock::ui {

LogView::LogView(QWidget* parent)
    : QWidget(parent),
      search_(new QLineEdit(this)),
      onlyMatches_(new Button(tr("Only matches"), Button::Kind::Secondary, this)),
      level_(new QComboBox(this)),
      follow_(new Button(tr("Follow"), Button::Kind::Secondary, this)),
      counts_(new Label({}, Tone::Dim, Label::Font::Text, this)),
      canvas_(new LogCanvas(this)) {
  search_->setPlaceholderText(tr("Search the log"));
  search_->setAccessibleName(tr("Search the log"));
  search_->setClearButtonEnabled(true);
  search_->setMaximumWidth(320);
  level_->addItems({tr("All levels"), tr("Info and above"), tr("Warnings and errors"), tr("Errors")});
  level_->setAccessibleName(tr("Level"));
  onlyMatches_->setCheckable(true);
  follow_->setCheckable(true);
  follow_->setChecked(true);
  follow_->setToolTip(tr("Keep the newest line in sight (End)"));

  auto* bar = new QHBoxLayout;
  bar->setContentsMargins(0, metrics::gap, 0, metrics::gap);       // in line with what stands above
  bar->setSpacing(metrics::gap);
  bar->addWidget(search_, 1);
  bar->addWidget(onlyMatches_);
  bar->addWidget(level_);
  bar->addWidget(follow_);
  bar->addStretch();
  bar->addWidget(counts_);

  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addLayout(bar);
  layout->addWidget(canvas_, 1);

  connect(search_, &QLineEdit::textChanged, this, &LogView::applyFilter);
  connect(search_, &QLineEdit::returnPressed, this, [this] { canvas_->findNext(true); });
  connect(new QShortcut(QKeySequence(Qt::SHIFT | Qt::Key_Return), search_, nullptr, nullptr, Qt::WidgetShortcut),
          &QShortcut::activated, this, [this] { canvas_->findNext(false); });
  connect(new QShortcut(QKeySequence::Find, this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut),
          &QShortcut::activated, search_, [this] { search_->setFocus(); });
  connect(onlyMatches_, &QPushButton::toggled, this, &LogView::applyFilter);
  connect(level_, &QComboBox::currentIndexChanged, this, &LogView::applyFilter);
  connect(follow_, &QPushButton::toggled, canvas_, &LogCanvas::setFollows);
  connect(canvas_, &LogCanvas::followsChanged, follow_, &QPushButton::setChecked);
  connect(canvas_, &LogCanvas::changed, this, &LogView::showCounts);
  showCounts();
}

void LogView::append(const QList<LogLine>& lines) { canvas_->append(lines); }

void LogView::clear() { canvas_->clear(); }

void LogView::setLocalTime(bool local) { canvas_->setLocalTime(local); }

void LogView::setEmptyText(const QString& text) {
  emptyText_ = text;
  showCounts();
}

void LogView::applyFilter() {
  canvas_->setMarked(search_->text());
  canvas_->setFilter(static_cast<LogLevel>(level_->currentIndex()), onlyMatches_->isChecked() ? search_->text() : QString());
}

void LogView::showCounts() {
  const LogLines& lines = canvas_->lines();
  const QLocale locale(QLocale::English);
  if (lines.total() == 0) counts_->setText(emptyText_);
  else counts_->setText(tr("%1 of %2 lines").arg(locale.toString(lines.visible()), locale.toString(lines.total())));
}

}  // namespace penstock::ui
