#include "widgets/table_view.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include "widgets/button.h"
#include "widgets/cell_delegate.h"
#include "widgets/empty_state.h"
#include "widgets/style.h"

namespace penstock::ui {

TableView::TableView(QWidget* parent)
    : QTableView(parent), overlay_(new EmptyState(viewport())), pending_(new Button({}, Button::Kind::Secondary, this)) {
  setShowGrid(false);
  setFrameShape(QFrame::NoFrame);
  setSelectionBehavior(SelectRows);
  setSelectionMode(SingleSelection);
  setEditTriggers(NoEditTriggers);
  setVerticalScrollMode(ScrollPerPixel);
  setHorizontalScrollMode(ScrollPerPixel);
  setWordWrap(false);
  setCornerButtonEnabled(false);
  setTabKeyNavigation(false);
  setMouseTracking(true);
  setItemDelegate(new CellDelegate({}, this));

  verticalHeader()->hide();
  verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  verticalHeader()->setMinimumSectionSize(metrics::rowHeight);
  verticalHeader()->setDefaultSectionSize(metrics::rowHeight);
  horizontalHeader()->setFixedHeight(metrics::rowHeight);
  horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  horizontalHeader()->setHighlightSections(false);
  horizontalHeader()->setStretchLastSection(true);
  horizontalHeader()->setSectionsMovable(true);

  pending_->hide();
  connect(pending_, &QPushButton::clicked, this, &TableView::applyChangesRequested);
  connect(overlay_, &EmptyState::actionPressed, this, &TableView::overlayActionPressed);
  loadingDelay_.setSingleShot(true);
  loadingDelay_.setInterval(200);
  connect(&loadingDelay_, &QTimer::timeout, this, &TableView::showOverlay);
  overlay_->hide();
}

void TableView::setModel(QAbstractItemModel* model) {
  if (this->model()) this->model()->disconnect(this);
  QTableView::setModel(model);
  if (!model) return;
  connect(model, &QAbstractItemModel::modelReset, this, &TableView::showOverlay);
  connect(model, &QAbstractItemModel::rowsInserted, this, &TableView::showOverlay);
  connect(model, &QAbstractItemModel::rowsRemoved, this, &TableView::showOverlay);
  showOverlay();
}

void TableView::setEmptyText(const QString& title, const QString& hint, const QString& action) {
  empty_ = {title, hint, action};
  showOverlay();
}

void TableView::setLoading(const QString& title) {
  if (condition_ == Condition::Loading && loading_ == title) return;
  condition_ = Condition::Loading;
  loading_ = title;
  overlay_->hide();
  loadingDelay_.start();
}

void TableView::setError(const QString& title, const QString& hint, const QString& action) {
  condition_ = Condition::Failed;
  failure_ = {title, hint, action};
  showOverlay();
}

void TableView::setReady() {
  condition_ = Condition::Ready;
  showOverlay();
}

void TableView::showOverlay() {
  if (model() && model()->rowCount(rootIndex()) > 0) {
    overlay_->hide();
    return;
  }
  switch (condition_) {
    case Condition::Loading:
      if (loadingDelay_.isActive()) return;
      overlay_->show(loading_, {});
      break;
    case Condition::Failed: overlay_->show(failure_.title, failure_.hint, failure_.action, StateShape::Failing); break;
    case Condition::Ready: overlay_->show(empty_.title, empty_.hint, empty_.action); break;
  }
  placeOverlay();
}

QString TableView::overlayTitle() const { return overlay_->isHidden() ? QString() : overlay_->title(); }

void TableView::setPendingChanges(int count) {
  pending_->setVisible(count > 0);
  if (count == 0) return;
  pending_->setText(count == 1 ? tr("1 change · apply") : tr("%1 changes · apply").arg(count));
  pending_->adjustSize();
  placeOverlay();
}

void TableView::placeOverlay() {
  overlay_->setGeometry(viewport()->rect());
  overlay_->raise();
  pending_->move(width() - pending_->width() - 4, (metrics::rowHeight - pending_->height()) / 2);
  pending_->raise();
}

void TableView::resizeEvent(QResizeEvent* event) {
  QTableView::resizeEvent(event);
  placeOverlay();
}

QModelIndex TableView::moveCursor(CursorAction action, Qt::KeyboardModifiers modifiers) {
  const int rows = model() ? model()->rowCount(rootIndex()) : 0;
  const int column = std::max(0, currentIndex().column());
  if (rows > 0 && action == MoveHome) return model()->index(0, column, rootIndex());
  if (rows > 0 && action == MoveEnd) return model()->index(rows - 1, column, rootIndex());
  return QTableView::moveCursor(action, modifiers);
}

void TableView::focusInEvent(QFocusEvent* event) {
  focusByKeys_ = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason ||
                   event->reason() == Qt::ShortcutFocusReason;
  // Coming in by keys must lead somewhere.
  if (focusByKeys_ && !currentIndex().isValid() && model() && model()->rowCount(rootIndex()) > 0)
    setCurrentIndex(model()->index(0, 0, rootIndex()));
  QTableView::focusInEvent(event);
  viewport()->update();
}

void TableView::keyPressEvent(QKeyEvent* event) {
  focusByKeys_ = true;
  if (event->key() == Qt::Key_Space && event->modifiers() == Qt::NoModifier && currentIndex().isValid()) {
    emit toggleRequested(currentIndex());
    event->accept();
    return;
  }
  if (event->modifiers() == Qt::ControlModifier && sortByKey(event->key())) return event->accept();
  // Qt would look for rows that begin so; they are for what the table stands in.
  if (event->key() == Qt::Key_Escape || event->key() == Qt::Key_Delete) return event->ignore();
  QTableView::keyPressEvent(event);
  viewport()->update();
}

// As a click on the header: ← and → take the neighbour of the sorted column, ↑ and ↓ turn its order.
bool TableView::sortByKey(int key) {
  QHeaderView* header = horizontalHeader();
  const bool sideways = key == Qt::Key_Left || key == Qt::Key_Right;
  if (!header->sectionsClickable() || (!sideways && key != Qt::Key_Up && key != Qt::Key_Down)) return false;
  const int step = key == Qt::Key_Left ? -1 : 1;
  const bool isSorted = header->isSortIndicatorShown();
  int visual = isSorted ? header->visualIndex(header->sortIndicatorSection()) : step > 0 ? -1 : header->count();
  if (!sideways) {
    if (isSorted) emit header->sectionClicked(header->sortIndicatorSection());
    return true;
  }
  do visual += step;
  while (visual >= 0 && visual < header->count() && header->isSectionHidden(header->logicalIndex(visual)));
  if (visual >= 0 && visual < header->count()) emit header->sectionClicked(header->logicalIndex(visual));
  return true;
}

void TableView::mousePressEvent(QMouseEvent* event) {
  focusByKeys_ = false;
  QTableView::mousePressEvent(event);
}

void TableView::mouseMoveEvent(QMouseEvent* event) {
  setHoveredRow(rowAt(event->position().toPoint().y()));
  QTableView::mouseMoveEvent(event);
}

void TableView::leaveEvent(QEvent* event) {
  setHoveredRow(-1);
  QTableView::leaveEvent(event);
}

void TableView::setHoveredRow(int row) {
  if (row == hoveredRow_) return;
  viewport()->update(rowRect(hoveredRow_));
  hoveredRow_ = row;
  viewport()->update(rowRect(row));
}

QRect TableView::rowRect(int row) const {
  if (row < 0) return {};
  return {0, rowViewportPosition(row), viewport()->width(), rowHeight(row)};
}

void TableView::selectionChanged(const QItemSelection& selected, const QItemSelection& deselected) {
  QTableView::selectionChanged(selected, deselected);
  // The bar and the ring lie outside of the cells that Qt repaints.
  viewport()->update();
}

void TableView::paintEvent(QPaintEvent* event) {
  QTableView::paintEvent(event);
  if (!model() || !selectionModel()) return;
  const Theme& theme = Theme::of(this);
  QPainter painter(viewport());
  const int first = std::max(0, rowAt(0));
  const int bottom = rowAt(viewport()->height() - 1);
  const int last = bottom < 0 ? model()->rowCount(rootIndex()) - 1 : bottom;
  for (int row = first; row <= last; ++row) {
    if (!selectionModel()->isRowSelected(row, rootIndex())) continue;
    const QRect rect = rowRect(row);
    painter.fillRect(QRect(0, rect.top(), metrics::accentBar, rect.height()), theme.accent);
  }
  // Without a row the whole place has the focus.
  if (hasFocus() && focusByKeys_) paintFocusRing(painter, currentIndex().isValid() ? rowRect(currentIndex().row()) : viewport()->rect(), theme.accent, 3);
}

}  // namespace penstock::ui
