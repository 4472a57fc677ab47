#include "shell/palette.h"

#include <QApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QStandardItemModel>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "widgets/theme.h"

namespace penstock::ui {
namespace {

constexpr int mostShown = 50;
constexpr int widthOfPalette = 620;
constexpr int rowsSeen = 10;

enum { KindRole = Qt::UserRole + 1, DetailRole };

class RowDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {widthOfPalette, metrics::rowHeight}; }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const Theme& theme = Theme::of(option.widget);
    const bool selected = option.state & QStyle::State_Selected;
    painter->save();
    if (selected) {
      painter->fillRect(option.rect, theme.selected);
      painter->fillRect(QRect(option.rect.topLeft(), QSize(metrics::accentBar, option.rect.height())), theme.accent);
    }
    QRect box = option.rect.adjusted(14, 0, -14, 0);
    painter->setFont(smallFont());
    painter->setPen(theme.dim);
    painter->drawText(box, Qt::AlignRight | Qt::AlignVCenter, index.data(KindRole).toString());
    painter->setFont(textFont());
    painter->setPen(theme.text);
    const QFontMetrics fonts(textFont());
    const QString text = fonts.elidedText(index.data().toString(), Qt::ElideRight, box.width() - 110);
    painter->drawText(box, Qt::AlignLeft | Qt::AlignVCenter, text);
    const int used = fonts.horizontalAdvance(text) + 12;
    painter->setPen(theme.dim);
    const QRect rest = box.adjusted(used, 0, -100, 0);
    if (rest.width() > 40) painter->drawText(rest, Qt::AlignLeft | Qt::AlignVCenter, fonts.elidedText(index.data(DetailRole).toString(), Qt::ElideRight, rest.width()));
    painter->restore();
  }
};

}  // namespace

Palette::Palette(Session& session, QWidget* window) : QWidget(window), session_(session) {
  setObjectName(QStringLiteral("palette"));
  setAccessibleName(tr("Search everything"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(1, 1, 1, 6);
  layout->setSpacing(0);
  input_ = new QLineEdit;
  input_->setFrame(false);
  input_->setFixedHeight(44);
  input_->setTextMargins(12, 0, 12, 0);
  input_->setPlaceholderText(tr("Go to a page, pipeline, table, pod or action"));
  input_->setAccessibleName(tr("Search everything"));
  layout->addWidget(input_);
  model_ = new QStandardItemModel(this);
  list_ = new QListView;
  list_->setModel(model_);
  list_->setItemDelegate(new RowDelegate(list_));
  list_->setFrameShape(QFrame::NoFrame);
  list_->setUniformItemSizes(true);
  list_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  list_->setFocusPolicy(Qt::NoFocus);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  layout->addWidget(list_);
  connect(input_, &QLineEdit::textChanged, this, &Palette::filter);
  connect(list_, &QListView::clicked, this, [this](const QModelIndex& index) { choose(index.row()); });
  input_->installEventFilter(this);
  window->installEventFilter(this);
  hide();
}

void Palette::open() {
  returnFocusTo_ = QApplication::focusWidget();
  items_ = paletteItems(session_);
  input_->clear();
  filter();
  place();
  show();
  raise();
  input_->setFocus(Qt::ShortcutFocusReason);
}

void Palette::close() {
  if (!isVisible()) return;
  hide();
  if (returnFocusTo_) returnFocusTo_->setFocus(Qt::OtherFocusReason);
}

void Palette::place() {
  const int wide = std::min(widthOfPalette, parentWidget()->width() - 40);
  resize(wide, 44 + metrics::rowHeight * rowsSeen + 8);
  move((parentWidget()->width() - wide) / 2, 52);
}

void Palette::filter() {
  shown_ = bestMatches(items_, input_->text(), mostShown);
  model_->clear();
  for (const PaletteItem& item : shown_) {
    auto* row = new QStandardItem(item.text);
    row->setData(item.kind, KindRole);
    row->setData(item.detail, DetailRole);
    row->setAccessibleText(item.text + ' ' + item.kind + ' ' + item.detail);
    model_->appendRow(row);
  }
  if (shown_.empty()) {
    auto* row = new QStandardItem(tr("Nothing is called so"));
    row->setEnabled(false);
    model_->appendRow(row);
  }
  list_->setCurrentIndex(model_->index(0, 0));
}

void Palette::choose(int row) {
  if (row < 0 || row >= static_cast<int>(shown_.size())) return;
  const auto act = shown_[static_cast<size_t>(row)].choose;
  returnFocusTo_ = nullptr;     // the page that opens takes the focus
  close();
  act();
}

bool Palette::eventFilter(QObject* watched, QEvent* event) {
  if (watched == parentWidget() && event->type() == QEvent::Resize && isVisible()) place();
  if (watched == parentWidget() && event->type() == QEvent::MouseButtonPress) close();
  if (watched == input_ && event->type() == QEvent::FocusOut && isVisible()) close();
  if (watched != input_ || event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
  const int rows = static_cast<int>(shown_.size());
  const int current = list_->currentIndex().row();
  const auto go = [this](int row) { list_->setCurrentIndex(model_->index(row, 0)); };
  switch (static_cast<QKeyEvent*>(event)->key()) {
    case Qt::Key_Down: go(std::min(current + 1, rows - 1)); return true;
    case Qt::Key_Up: go(std::max(current - 1, 0)); return true;
    case Qt::Key_PageDown: go(std::min(current + rowsSeen, rows - 1)); return true;
    case Qt::Key_PageUp: go(std::max(current - rowsSeen, 0)); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter: choose(current); return true;
    case Qt::Key_Escape: close(); return true;
    default: return QWidget::eventFilter(watched, event);
  }
}

void Palette::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::of(this);
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(theme.edge, 1));
  painter.setBrush(theme.raised);
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), metrics::radius, metrics::radius);
  painter.fillRect(QRect(1, 45, width() - 2, 1), theme.line);
}

}  // namespace penstock::ui
