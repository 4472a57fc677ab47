#pragma once

#include <QWidget>

#include <optional>

#include "widgets/graph_painter.h"
#include "widgets/graph_scene.h"

namespace penstock::ui {

// The live graph. One widget that paints what is in sight from flat arrays; the layout is computed on another thread and
// keeps what is known where it was. Live numbers repaint only their own rectangles.
//
// Pointer: drag pans, wheel zooms, click selects, double click opens. Keys: → ← follow edges, ↑ ↓ go along a column,
// + − zoom, F fits, Enter opens, Home and End go to the first source and the last sink.
class GraphView final : public QWidget {
  Q_OBJECT

 public:
  enum class Focus { Everything, Upstream, Downstream, Wrong, Chosen };

  explicit GraphView(QWidget* parent = nullptr);

  // New structure: laid out off the UI thread, then laidOut(). What stays keeps its place and the selection.
  void setGraph(Graph graph);
  // New numbers of a node or edge that is there. Unknown ids are ignored: the graph that has them is on its way.
  void updateNode(const QString& id, const QString& value, StateShape shape, const QString& reason);
  void updateEdge(const QString& from, const QString& to, const QString& label, StateShape shape, double weight);
  void setStale(bool stale);
  void setColumnsShown(bool shown);
  // Instead of a graph, while there is none: "Loading the lineage", or why there is none.
  void setMessage(const QString& message);

  // Upstream and Downstream are those of the selection; without one they show everything.
  void setFocusOn(Focus focus);
  // Only these, by id; empty: everything.
  void setFocusOnNodes(const QStringList& nodes);
  Focus focusOn() const { return focus_; }
  int drawn() const;
  // Edges whose label is painted when they are in sight: none of them is hidden by another's.
  int labelled() const;
  int total() const { return static_cast<int>(scene_.graph().nodes.size()); }

  void select(const QString& id);
  QString selected() const;
  // Marks nodes whose label contains `text` and goes to the first; returns how many. Empty text marks none.
  int search(const QString& text);
  void findNext(bool forward);
  // All that is drawn, as large as fits but never above its own size.
  void fit();
  // How it opens: like fit() while that can be read; else as wide as the window, with what is wrong in sight.
  void showReadable();

  const GraphScene& scene() const { return scene_; }
  double scale() const { return look_.scale; }
  QPointF toWidget(const QPointF& scenePoint) const { return scenePoint * look_.scale + offset_; }

  QSize sizeHint() const override { return {900, 600}; }

 signals:
  void laidOut();
  void selectionChanged(const QString& id);
  void opened(const QString& id);
  void drawnChanged(int drawn, int total);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

 private:
  // Who chose what is in sight: a new size or structure keeps to it.
  enum class Placed { Readable, Whole, ByHand };

  void startLayout(Graph graph);
  void adopt(Graph graph, LayoutResult layout, double nodeHeight);
  void selectIndex(int index, bool bringIntoSight);
  void showFocus();
  void bringIntoSight(int index);
  QRectF drawnArea() const;
  void placeTopLeft(const QRectF& area, double scale);
  void zoom(double factor, const QPointF& around);
  void follow(int direction);
  void describe();
  void paintHeaders(QPainter& painter) const;
  QPointF toScene(const QPointF& point) const { return (point - offset_) / look_.scale; }
  QRect repaintRect(const QRectF& sceneRect) const;

  GraphScene scene_;
  GraphLook look_;
  QPointF offset_;
  Focus focus_ = Focus::Everything;
  QStringList focused_;                 // ids, where focus_ is Chosen
  QString message_;
  std::optional<QPointF> dragFrom_;
  bool dragged_ = false;
  Placed placed_ = Placed::Readable;
  quint64 generation_ = 0;  // of the newest layout asked for
  bool focusByKeys_ = false;    // it came by Tab: the ring says where it is
};

}  // namespace penstock::ui
