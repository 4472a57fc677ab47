#pragma once

#include <QAbstractTableModel>
#include <QHash>
#include <QPointer>

#include "client/call.h"
#include "client/connection.h"
#include "client/records.h"
#include "viewmodels/roles.h"

namespace penstock::ui {

// The connections of an engine's workspace and what a test of them said.
class WorkspaceConnectionsModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Columns { State, Name, Kind, Endpoint, UsedBy, Outcome, columns };

  explicit WorkspaceConnectionsModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

  void show(Connection* engine);
  void test(int row);
  const QString& problem() const { return problem_; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : columns; }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 signals:
  void changed();

 private:
  struct Row {
    WorkspaceConnection connection;
    int shape = mark::Idle;
    QString outcome;
  };
  void tell(const QString& name, int shape, const QString& outcome);

  QPointer<Connection> engine_;
  std::vector<Row> rows_;
  QString problem_;
  ScopedCall call_;
};

}  // namespace penstock::ui
