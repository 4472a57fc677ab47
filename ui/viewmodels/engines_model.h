#pragma once

#include <QAbstractTableModel>
#include <QTimer>

#include "client/fleet.h"
#include "viewmodels/roles.h"

namespace penstock::ui {

// The engines that the console is connected to, and what they are to the operator.
class EnginesModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Columns { State, Name, Environment, Workspace, Address, Version, Behind, Problem, columns };
  enum Roles { ColourRole = FirstOwnRole, ProtectedRole };      // QString "#rrggbb", may be empty; bool

  explicit EnginesModel(Fleet& fleet, QObject* parent = nullptr);

  Connection* engine(int row) const { return engines_[static_cast<size_t>(row)]; }
  int liveCount() const;
  // "3 of 3 engines live · slowest 180 ms behind"
  QString sentence() const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : columns; }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 signals:
  void sentenceChanged();

 private:
  void touch();

  std::vector<Connection*> engines_;
  QTimer ageing_;
};

}  // namespace penstock::ui
