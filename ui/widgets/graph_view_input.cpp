// Pointer and keys of the GraphView.
#include <QApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

#include "widgets/graph_view.h"

namespace penstock::ui {

void GraphView::resizeEvent(QResizeEvent*) {
  if (scene_.empty()) return;
  if (placed_ == Placed::Whole) fit();
  else if (look_.selected >= 0) bringIntoSight(look_.selected);     // not moved while it is looked at
  else if (placed_ == Placed::Readable) showReadable();
}

void GraphView::wheelEvent(QWheelEvent* event) {
  zoom(std::pow(1.0015, event->angleDelta().y()), event->position());
  event->accept();
}

void GraphView::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton) return;
  dragFrom_ = event->position();
  dragged_ = false;
}

void GraphView::mouseMoveEvent(QMouseEvent* event) {
  if (dragFrom_ && event->buttons() != Qt::NoButton) {
    const QPointF by = event->position() - *dragFrom_;
    if (!dragged_ && by.manhattanLength() < QApplication::startDragDistance()) return;
    dragged_ = true;
    placed_ = Placed::ByHand;
    offset_ += by;
    dragFrom_ = event->position();
    update();
    return;
  }
  const int over = scene_.nodeAt(toScene(event->position()));
  if (over == look_.hovered) return;
  for (const int node : {look_.hovered, over})
    if (node >= 0) update(repaintRect(scene_.nodeRect(node).adjusted(-2, -2, 2, 2)));
  look_.hovered = over;
  setCursor(over >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

void GraphView::mouseReleaseEvent(QMouseEvent* event) {
  if (dragFrom_ && !dragged_ && event->button() == Qt::LeftButton) selectIndex(scene_.nodeAt(toScene(event->position())), false);
  dragFrom_.reset();
}

void GraphView::mouseDoubleClickEvent(QMouseEvent* event) {
  const int index = scene_.nodeAt(toScene(event->position()));
  if (index >= 0) emit opened(scene_.node(index).id);
}

void GraphView::follow(int direction) {
  const auto& edges = direction > 0 ? scene_.edgesFrom(look_.selected) : scene_.edgesTo(look_.selected);
  const auto other = [&](int edge) { return direction > 0 ? scene_.edge(edge).to : scene_.edge(edge).from; };
  int best = -1;
  double nearest = 0;
  for (const int edge : edges) {
    const int node = other(edge);
    if (!look_.shown.empty() && !look_.shown[static_cast<std::size_t>(node)]) continue;
    const double distance = std::abs(scene_.nodeRect(node).center().y() - scene_.nodeRect(look_.selected).center().y());
    if (best >= 0 && distance >= nearest) continue;
    best = node;
    nearest = distance;
  }
  if (best >= 0) selectIndex(best, true);
}

void GraphView::keyPressEvent(QKeyEvent* event) {
  if (scene_.empty()) return QWidget::keyPressEvent(event);
  const auto leftmost = [this](bool last) {
    const auto& columns = scene_.layout().column;
    const auto found = last ? std::max_element(columns.begin(), columns.end()) : std::min_element(columns.begin(), columns.end());
    return static_cast<int>(found - columns.begin());
  };
  const bool none = look_.selected < 0;
  switch (event->key()) {
    case Qt::Key_Right:
    case Qt::Key_Left: return none ? selectIndex(leftmost(false), true) : follow(event->key() == Qt::Key_Right ? 1 : -1);
    case Qt::Key_Up:
    case Qt::Key_Down: {
      if (none) return selectIndex(leftmost(false), true);
      const int next = scene_.besides(look_.selected, event->key() == Qt::Key_Down ? 1 : -1);
      if (next >= 0) selectIndex(next, true);
      return;
    }
    case Qt::Key_Home: return selectIndex(leftmost(false), true);
    case Qt::Key_End: return selectIndex(leftmost(true), true);
    case Qt::Key_Plus:
    case Qt::Key_Equal: return zoom(1.25, rect().center());
    case Qt::Key_Minus: return zoom(0.8, rect().center());
    case Qt::Key_F: return fit();
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (!none) emit opened(selected());
      return;
    default: QWidget::keyPressEvent(event);
  }
}

bool GraphView::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const int index = scene_.nodeAt(toScene(help->pos()));
    if (index < 0) {
      QToolTip::hideText();
    } else {
      const GraphNode& node = scene_.node(index);
      QStringList lines{node.label, node.technology, node.reason};
      lines.removeAll({});
      QToolTip::showText(help->globalPos(), lines.join('\n'), this);
    }
    return true;
  }
  if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut) update();
  return QWidget::event(event);
}

}  // namespace penstock::ui
