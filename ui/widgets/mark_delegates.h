#pragma once

#include "widgets/cell_delegate.h"

namespace penstock::ui {

// Cells that are drawn instead of written. Each takes the number of the role that carries its value.

// A StateShape as int.
class ShapeDelegate final : public CellDelegate {
  Q_OBJECT

 public:
  ShapeDelegate(int shapeRole, const CellRoles& roles, QObject* parent = nullptr);

 protected:
  void paintContent(QPainter& painter, const Cell& cell, const QModelIndex& index) const override;

 private:
  const int shapeRole_;
};

// QList<double>, oldest first, NaN where nothing was reported: a gap. Drawn from 0 where the values come near it.
class SparklineDelegate final : public CellDelegate {
  Q_OBJECT

 public:
  SparklineDelegate(int seriesRole, const CellRoles& roles, QObject* parent = nullptr);

 protected:
  void paintContent(QPainter& painter, const Cell& cell, const QModelIndex& index) const override;

 private:
  const int seriesRole_;
};

// double, value / objective: a bar with a tick at 1. Beyond it the bar goes on past the tick in the failing colour;
// infinite (nothing gets through) is an outline past the tick; NaN or no value is an empty cell.
class ObjectiveDelegate final : public CellDelegate {
  Q_OBJECT

 public:
  ObjectiveDelegate(int objectiveRole, const CellRoles& roles, QObject* parent = nullptr);

 protected:
  void paintContent(QPainter& painter, const Cell& cell, const QModelIndex& index) const override;

 private:
  const int objectiveRole_;
};

// QList<int>, oldest first: 0 no data (a thin line), 1 ok (low, grey), 2 warning (notched), 3 failing (full height).
class HistoryDelegate final : public CellDelegate {
  Q_OBJECT

 public:
  HistoryDelegate(int historyRole, const CellRoles& roles, QObject* parent = nullptr);

 protected:
  void paintContent(QPainter& painter, const Cell& cell, const QModelIndex& index) const override;

 private:
  const int historyRole_;
};

// double 0…1: a bar, and the cell's text beside it. Without a value only the text.
class ProgressDelegate final : public CellDelegate {
  Q_OBJECT

 public:
  ProgressDelegate(int fractionRole, const CellRoles& roles, QObject* parent = nullptr);

 protected:
  void paintContent(QPainter& painter, const Cell& cell, const QModelIndex& index) const override;

 private:
  const int fractionRole_;
};

// The sparkline itself, for cards and panels.
void paintSparkline(QPainter& painter, const QRectF& box, const QList<double>& values, const QColor& color);

}  // namespace penstock::ui
