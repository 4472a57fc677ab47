#pragma once

#include <QAbstractTableModel>
#include <QPointer>

#include "client/call.h"
#include "client/connection.h"
#include "client/records.h"

namespace penstock::ui {

// The columns of one node of the lineage, and the way of each: out of which columns it is made, and what is made of it.
class ColumnsModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Columns { Name, Type, columns };

  explicit ColumnsModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

  void show(Connection* engine, const QString& node);
  const QString& node() const { return node_; }
  bool isLoading() const { return loading_; }
  const QString& problem() const { return problem_; }
  const ColumnTrace& trace() const { return trace_; }
  const NodeColumn& column(int row) const { return trace_.columns[static_cast<size_t>(row)]; }

  // One step up or down.
  std::vector<ColumnEdge> into(int row) const;
  std::vector<ColumnEdge> outOf(int row) const;
  // The columns at the far ends, as edges from or to them; empty where it begins or ends here.
  std::vector<ColumnEdge> origins(int row) const { return ends(row, true); }
  std::vector<ColumnEdge> destinations(int row) const { return ends(row, false); }
  // Every node that the column or a part of it goes through, with its own.
  QStringList way(int row) const;

  int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : static_cast<int>(trace_.columns.size()); }
  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : columns; }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 signals:
  void changed();

 private:
  std::vector<const ColumnEdge*> reached(int row, bool up) const;
  std::vector<ColumnEdge> ends(int row, bool up) const;

  QPointer<Connection> engine_;
  QString node_;
  ColumnTrace trace_;
  bool loading_ = false;
  QString problem_;
  ScopedCall call_;
};

}  // namespace penstock::ui
