#include "widgets/cell_delegate.h"

#include <QApplication>
#include <QMouseEvent>
#include <QPainter>

#include "widgets/digits.h"
#include "widgets/table_view.h"

namespace penstock::ui {

namespace {

constexpr int padding = 8;

QRect checkBoxOf(const QRect& cell) { return {cell.left() + padding, cell.center().y() - 8, 16, 16}; }

bool flag(const QModelIndex& index, int role) { return role >= 0 && index.data(role).toBool(); }

}  // namespace

QColor CellDelegate::Cell::color(Tone other) const { return toneColor(theme, stale ? Tone::Faint : other, selected); }

QColor CellDelegate::Cell::color() const { return color(tone); }

CellDelegate::CellDelegate(const CellRoles& roles, QObject* parent) : QStyledItemDelegate(parent), roles_(roles) {}

QSize CellDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const QFontMetricsF metrics(flag(index, roles_.mono) ? monoFont() : option.font);
  const double width = digitsWidth(metrics, index.data(Qt::DisplayRole).toString());
  return {static_cast<int>(width) + 2 * padding + 1, metrics::rowHeight};
}

void CellDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  painter->save();
  const Theme& theme = Theme::of(option.widget);
  const auto* view = qobject_cast<const TableView*>(option.widget);
  const bool selected = option.state & QStyle::State_Selected;
  if (selected) painter->fillRect(option.rect, theme.selected);
  else if (view && view->hoveredRow() == index.row()) painter->fillRect(option.rect, theme.tinted(theme.panel, 0.04));
  painter->setPen(theme.line);
  painter->drawLine(option.rect.bottomLeft(), option.rect.bottomRight());

  QRect box = option.rect.adjusted(padding, 0, -padding, -1);
  if (flag(index, roles_.loading)) {
    painter->fillRect(QRect(box.left(), box.center().y() - 4, box.width() * 2 / 3, 8), theme.line);
    painter->restore();
    return;
  }
  const QVariant check = index.data(Qt::CheckStateRole);
  if (check.isValid()) {
    QStyleOptionButton mark;
    mark.rect = checkBoxOf(option.rect);
    mark.state = QStyle::State_Enabled;
    const auto state = static_cast<Qt::CheckState>(check.toInt());
    mark.state |= state == Qt::Checked ? QStyle::State_On : state == Qt::PartiallyChecked ? QStyle::State_NoChange : QStyle::State_Off;
    QApplication::style()->drawPrimitive(QStyle::PE_IndicatorItemViewItemCheck, &mark, painter, option.widget);
    box.setLeft(mark.rect.right() + padding);
  }
  const auto tone = roles_.tone < 0 ? Tone::Normal : static_cast<Tone>(index.data(roles_.tone).toInt());
  painter->setFont(flag(index, roles_.mono) ? monoFont() : option.font);
  paintContent(*painter, Cell{theme, box, tone, selected, flag(index, roles_.stale)}, index);
  painter->restore();
}

void CellDelegate::paintContent(QPainter& painter, const Cell& cell, const QModelIndex& index) const {
  const QString text = displayText(index.data(Qt::DisplayRole), QLocale());
  if (text.isEmpty()) return;
  painter.setPen(cell.color());
  const QVariant alignment = index.data(Qt::TextAlignmentRole);
  if (alignment.isValid() && alignment.toInt() & Qt::AlignRight) {
    paintDigits(painter, cell.box, Qt::AlignRight, text);
    return;
  }
  const QFontMetrics metrics(painter.font());
  // Names begin alike more often than they end alike; a sentence is read from its beginning.
  const auto cut = text.contains(' ') ? Qt::ElideRight : Qt::ElideMiddle;
  painter.drawText(cell.box, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, metrics.elidedText(text, cut, cell.box.width()));
}

bool CellDelegate::editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option,
                               const QModelIndex& index) {
  if (event->type() != QEvent::MouseButtonRelease || !index.flags().testFlag(Qt::ItemIsUserCheckable)) return false;
  const auto* mouse = static_cast<QMouseEvent*>(event);
  // The whole width up to the text counts: a 14 px box is a small target.
  const QRect target = option.rect.adjusted(0, 0, checkBoxOf(option.rect).right() + padding - option.rect.right(), 0);
  if (mouse->button() != Qt::LeftButton || !target.contains(mouse->position().toPoint())) return false;
  const bool checked = index.data(Qt::CheckStateRole).toInt() == Qt::Checked;
  return model->setData(index, checked ? Qt::Unchecked : Qt::Checked, Qt::CheckStateRole);
}

}  // namespace penstock::ui
