#include "widgets/graph_view.h"

#include <QCoreApplication>
#include <QHash>
#include <QPaintEvent>
#include <QPainter>
#include <QPointer>
#include <QThreadPool>

#include <algorithm>
#include <cmath>
#include <limits>

#include "widgets/graph_labels.h"
#include "widgets/style.h"
#include "widgets/theme.h"

namespace penstock::ui {

namespace {

constexpr int headerHeight = 36;
constexpr double border = 20;
constexpr double readableFrom = 0.75;   // titles of 10 px

int severity(StateShape shape) { return shape == StateShape::Failing ? 2 : shape == StateShape::Warning ? 1 : 0; }

LayoutInput layoutInput(const Graph& graph, const GraphScene& before, double nodeHeight) {
  LayoutInput input;
  input.nodes = static_cast<int>(graph.nodes.size());
  input.nodeHeight = static_cast<float>(nodeHeight);
  input.columnPitch = static_cast<float>(GraphScene::columnPitch);
  for (const GraphNode& node : graph.nodes) input.groups.push_back(node.group);
  for (const GraphEdge& edge : graph.edges) input.edges.emplace_back(edge.from, edge.to);
  if (before.empty() || before.nodeRect(0).height() != nodeHeight) return input;

  QHash<QString, int> known;
  for (int i = 0; i < static_cast<int>(before.graph().nodes.size()); ++i) known.insert(before.node(i).id, i);
  QHash<QPair<QString, QString>, int> knownEdges;
  for (int i = 0; i < static_cast<int>(before.graph().edges.size()); ++i)
    knownEdges.insert({before.node(before.edge(i).from).id, before.node(before.edge(i).to).id}, i);
  for (const GraphNode& node : graph.nodes) {
    const auto found = known.constFind(node.id);
    input.previousY.push_back(found == known.constEnd() ? std::numeric_limits<float>::quiet_NaN() : before.layout().y[static_cast<std::size_t>(*found)]);
  }
  for (const GraphEdge& edge : graph.edges) {
    const auto found = knownEdges.constFind({graph.nodes[static_cast<std::size_t>(edge.from)].id, graph.nodes[static_cast<std::size_t>(edge.to)].id});
    input.previousBends.push_back(found == knownEdges.constEnd() ? std::vector<float>{} : before.layout().bends[static_cast<std::size_t>(*found)]);
  }
  return input;
}

}  // namespace

GraphView::GraphView(QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAttribute(Qt::WA_OpaquePaintEvent);
  setAccessibleName(tr("Lineage graph"));
}

void GraphView::setGraph(Graph graph) { startLayout(std::move(graph)); }

void GraphView::startLayout(Graph graph) {
  qsizetype most = 0;
  if (look_.columns)
    for (const GraphNode& node : graph.nodes) most = std::max(most, std::min<qsizetype>(node.columns.size(), GraphScene::mostColumns));
  const double height = GraphScene::nodeHeight + static_cast<double>(most) * GraphScene::columnLine + (most > 0 ? 6 : 0);
  LayoutInput input = layoutInput(graph, scene_, height);
  const quint64 generation = ++generation_;
  QThreadPool::globalInstance()->start([self = QPointer(this), generation, height, graph = std::move(graph), input = std::move(input)]() mutable {
    LayoutResult layout = layeredLayout(input);
    QMetaObject::invokeMethod(qApp, [self, generation, height, graph = std::move(graph), layout = std::move(layout)]() mutable {
      // A newer structure came meanwhile, or the view went.
      if (self && self->generation_ == generation) self->adopt(std::move(graph), std::move(layout), height);
    });
  });
}

void GraphView::adopt(Graph graph, LayoutResult layout, double nodeHeight) {
  const QString selectedId = selected();
  // What stands in the middle stays there.
  const QPointF middle = toScene(rect().center());
  QString anchor;
  QPointF anchorBefore;
  double nearest = std::numeric_limits<double>::infinity();
  for (int i = 0; i < total(); ++i) {
    const double distance = (scene_.nodeRect(i).center() - middle).manhattanLength();
    if (distance >= nearest) continue;
    nearest = distance;
    anchor = scene_.node(i).id;
    anchorBefore = scene_.nodeRect(i).center();
  }
  const bool first = scene_.empty();
  scene_.set(std::move(graph), std::move(layout), nodeHeight);
  look_.hovered = -1;
  look_.marked.clear();
  look_.selected = scene_.indexOf(selectedId);
  if (const int index = scene_.indexOf(anchor); index >= 0 && placed_ == Placed::ByHand)
    offset_ -= (scene_.nodeRect(index).center() - anchorBefore) * look_.scale;
  showFocus();
  if (placed_ == Placed::Whole) fit();
  else if (first || (placed_ == Placed::Readable && look_.selected < 0)) showReadable();
  if (!selectedId.isEmpty() && look_.selected < 0) emit selectionChanged({});
  describe();
  emit laidOut();
}

void GraphView::updateNode(const QString& id, const QString& value, StateShape shape, const QString& reason) {
  const int index = scene_.indexOf(id);
  if (index < 0) return;
  GraphNode& node = scene_.node(index);
  if (node.value == value && node.shape == shape && node.reason == reason) return;
  const bool stateChanged = node.shape != shape;
  node.value = value;
  node.shape = shape;
  node.reason = reason;
  if (stateChanged && focus_ == Focus::Wrong) showFocus();
  update(repaintRect(scene_.nodeRect(index).adjusted(-6, -6, 6, 6)));
}

void GraphView::updateEdge(const QString& from, const QString& to, const QString& label, StateShape shape, double weight) {
  const int source = scene_.indexOf(from);
  if (source < 0) return;
  for (const int index : scene_.edgesFrom(source)) {
    GraphEdge& edge = scene_.edge(index);
    if (scene_.node(edge.to).id != to) continue;
    const bool stateChanged = edge.shape != shape;
    const bool wire = edge.shape != shape || std::abs(edge.weight - weight) > 0.05;
    const bool text = edge.label != label;
    edge.label = label;
    edge.shape = shape;
    edge.weight = weight;
    if (stateChanged) look_.labels.clear();
    if (wire || look_.labels.empty()) update();
    else if (text) update(repaintRect(look_.labels[static_cast<std::size_t>(index)].adjusted(-8, 0, 8, 0)));
  }
}

void GraphView::setStale(bool stale) {
  look_.stale = stale;
  update();
}

void GraphView::setColumnsShown(bool shown) {
  if (shown == look_.columns) return;
  look_.columns = shown;
  if (!scene_.empty()) startLayout(scene_.graph());
}

void GraphView::setMessage(const QString& message) {
  message_ = message;
  update();
}

void GraphView::setFocusOn(Focus focus) {
  focus_ = focus;
  showFocus();
  fit();
}

void GraphView::setFocusOnNodes(const QStringList& nodes) {
  focused_ = nodes;
  focus_ = nodes.isEmpty() ? Focus::Everything : Focus::Chosen;
  showFocus();
}

void GraphView::showFocus() {
  look_.shown.clear();
  const bool around = focus_ == Focus::Upstream || focus_ == Focus::Downstream;
  if (around && look_.selected >= 0) {
    look_.shown = focus_ == Focus::Upstream ? scene_.upstreamOf(look_.selected) : scene_.downstreamOf(look_.selected);
  } else if (focus_ == Focus::Chosen) {
    look_.shown.assign(scene_.graph().nodes.size(), false);
    for (const QString& id : focused_)
      if (const int node = scene_.indexOf(id); node >= 0) look_.shown[static_cast<size_t>(node)] = true;
  } else if (focus_ == Focus::Wrong) {
    for (const GraphNode& node : scene_.graph().nodes)
      look_.shown.push_back(node.shape == StateShape::Warning || node.shape == StateShape::Failing);
  }
  look_.labels.clear();
  emit drawnChanged(drawn(), total());
  update();
}

int GraphView::labelled() const {
  const bool readable = look_.scale >= GraphPainter::numbersFrom;
  return readable ? static_cast<int>(std::count_if(look_.labels.begin(), look_.labels.end(), [](const QRectF& place) { return !place.isEmpty(); })) : 0;
}

int GraphView::drawn() const {
  return look_.shown.empty() ? total() : static_cast<int>(std::count(look_.shown.begin(), look_.shown.end(), true));
}

void GraphView::select(const QString& id) { selectIndex(scene_.indexOf(id), true); }

QString GraphView::selected() const { return look_.selected < 0 ? QString() : scene_.node(look_.selected).id; }

void GraphView::selectIndex(int index, bool intoSight) {
  if (index == look_.selected) return;
  look_.selected = index;
  if (index >= 0 && intoSight) bringIntoSight(index);
  describe();
  update();
  emit selectionChanged(selected());
}

int GraphView::search(const QString& text) {
  look_.marked.clear();
  int count = 0;
  int first = -1;
  if (!text.isEmpty())
    for (int i = 0; i < total(); ++i) {
      const bool match = scene_.node(i).label.contains(text, Qt::CaseInsensitive);
      look_.marked.push_back(match);
      count += match;
      if (match && first < 0) first = i;
    }
  if (first >= 0) selectIndex(first, true);
  update();
  return count;
}

void GraphView::findNext(bool forward) {
  const int nodes = static_cast<int>(look_.marked.size());
  for (int step = 1; step <= nodes; ++step) {
    const int index = ((look_.selected + (forward ? step : -step)) % nodes + nodes) % nodes;
    if (look_.marked[static_cast<std::size_t>(index)]) return selectIndex(index, true);
  }
}

QRectF GraphView::drawnArea() const {
  QRectF area;
  for (int i = 0; i < total(); ++i)
    if (look_.shown.empty() || look_.shown[static_cast<std::size_t>(i)]) area = area.united(scene_.nodeRect(i));
  return area;
}

// Left under the headers; what is smaller than the window starts at its top left, as text does.
void GraphView::placeTopLeft(const QRectF& area, double scale) {
  const double room = width() - 2 * border;
  look_.scale = scale;
  offset_ = QPointF(border, headerHeight + border) - area.topLeft() * scale;
  if (area.width() * scale < room * 0.7) offset_.rx() += (room - area.width() * scale) / 4;
  update();
}

void GraphView::fit() {
  placed_ = Placed::Whole;
  const QRectF area = drawnArea();
  if (area.isEmpty()) return update();
  const QSizeF room(width() - 2 * border, height() - headerHeight - 2 * border);
  placeTopLeft(area, std::clamp(std::min(room.width() / area.width(), room.height() / area.height()), 0.02, 1.0));
}

void GraphView::showReadable() {
  fit();
  placed_ = Placed::Readable;
  const QRectF area = drawnArea();
  if (area.isEmpty() || look_.scale >= readableFrom) return;
  placeTopLeft(area, std::clamp((width() - 2 * border) / area.width(), readableFrom, 1.0));
  const auto& nodes = scene_.graph().nodes;
  const auto worst = std::max_element(nodes.begin(), nodes.end(), [](const GraphNode& a, const GraphNode& b) { return severity(a.shape) < severity(b.shape); });
  if (severity(worst->shape) == 0) return;
  // Only up and down: the sources stay at the left.
  const double x = offset_.x();
  bringIntoSight(static_cast<int>(worst - nodes.begin()));
  offset_ = {x, std::min(offset_.y(), headerHeight + border - area.top() * look_.scale)};
  placed_ = Placed::Readable;
}

void GraphView::bringIntoSight(int index) {
  const QRectF inner = QRectF(rect()).adjusted(border, headerHeight + border, -border, -border);
  const QRectF box(toWidget(scene_.nodeRect(index).topLeft()), scene_.nodeRect(index).size() * look_.scale);
  if (inner.contains(box)) return;
  offset_ += inner.center() - box.center();
  placed_ = Placed::ByHand;
}

void GraphView::zoom(double factor, const QPointF& around) {
  const double scale = std::clamp(look_.scale * factor, 0.02, 2.5);
  offset_ = around - (around - offset_) * (scale / look_.scale);
  look_.scale = scale;
  placed_ = Placed::ByHand;
  update();
}

QRect GraphView::repaintRect(const QRectF& sceneRect) const {
  return QRectF(toWidget(sceneRect.topLeft()), sceneRect.size() * look_.scale).toAlignedRect().adjusted(-1, -1, 1, 1);
}

// What a screen reader hears: the node, and where its edges lead.
void GraphView::describe() {
  setAccessibleName(tr("Lineage graph, %1 nodes").arg(total()));
  if (look_.selected < 0) {
    setAccessibleDescription(tr("Arrows follow edges"));
    return;
  }
  const GraphNode& node = scene_.node(look_.selected);
  QStringList from;
  QStringList to;
  for (const int edge : scene_.edgesTo(look_.selected)) from << scene_.node(scene_.edge(edge).from).label;
  for (const int edge : scene_.edgesFrom(look_.selected)) to << scene_.node(scene_.edge(edge).to).label;
  QStringList parts{node.label, shapeName(node.shape), node.reason, node.value};
  parts.removeAll({});
  if (!from.isEmpty()) parts << tr("from %1").arg(from.join(", "));
  if (!to.isEmpty()) parts << tr("to %1").arg(to.join(", "));
  setAccessibleDescription(parts.join(". "));
}

void GraphView::focusInEvent(QFocusEvent* event) {
  focusByKeys_ = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason;
  QWidget::focusInEvent(event);
}

void GraphView::paintEvent(QPaintEvent* event) {
  const Theme& theme = Theme::of(this);
  QPainter painter(this);
  painter.fillRect(event->rect(), theme.background);
  if (scene_.empty()) {
    painter.setPen(theme.dim);
    painter.drawText(rect(), Qt::AlignCenter, message_);
    return;
  }
  look_.focused = hasFocus();
  if (look_.labels.empty() && look_.scale >= GraphPainter::numbersFrom) look_.labels = placeEdgeLabels(scene_, look_.shown);
  painter.save();
  painter.translate(offset_);
  painter.scale(look_.scale, look_.scale);
  GraphPainter(scene_, theme, look_).paint(painter, QRectF(toScene(event->rect().topLeft()), QSizeF(event->rect().size()) / look_.scale));
  painter.restore();
  paintHeaders(painter);
  // With a selected node that one shows the focus.
  if (hasFocus() && focusByKeys_ && selected().isEmpty()) paintFocusRing(painter, rect(), theme.accent, 3);
}

void GraphView::paintHeaders(QPainter& painter) const {
  const Theme& theme = Theme::of(this);
  const Graph& graph = scene_.graph();
  painter.fillRect(QRect(0, 0, width(), headerHeight), theme.background);
  painter.setFont(smallFont());
  painter.setPen(theme.dim);
  const auto& groups = scene_.layout().groupOfColumn;
  std::vector<int> counts(static_cast<std::size_t>(graph.groups.size()), 0);
  for (int i = 0; i < total(); ++i) {
    const auto group = static_cast<std::size_t>(groups[static_cast<std::size_t>(scene_.layout().column[static_cast<std::size_t>(i)])]);
    const bool shown = look_.shown.empty() || look_.shown[static_cast<std::size_t>(i)];
    if (group < counts.size()) counts[group] += shown;
  }
  double free = 0;  // where the name before ends
  for (std::size_t column = 0; column < groups.size(); ++column) {
    const auto group = static_cast<std::size_t>(groups[column]);
    if ((column > 0 && groups[column - 1] == groups[column]) || group >= counts.size()) continue;
    const QString title = QString("%1 %2").arg(graph.groups[static_cast<qsizetype>(group)]).arg(counts[group]);
    const double x = toWidget({static_cast<double>(column) * GraphScene::columnPitch - GraphScene::nodeWidth / 2, 0}).x();
    if (x < free) continue;
    painter.drawText(QPointF(x, 23), title);
    free = x + painter.fontMetrics().horizontalAdvance(title) + 10;
  }
}

}  // namespace penstock::ui
