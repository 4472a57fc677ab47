#pragma once

#include "viewmodels/fleet_model.h"

namespace penstock::ui {

// Replays, redrives and resets of every engine: those that run, and those that the engine still reports.
class ReplaysModel : public FleetModel<ReplayState> {
  Q_OBJECT
 public:
  enum Columns { State, Kind, Pipeline, Progress, Rows, Rate, TimeLeft, Started, Who, Outcome, columns };
  enum Roles { FractionRole = FirstOwnRole, StatusRole };   // double 0..1, invalid when unknown; QString

  explicit ReplaysModel(Fleet& fleet, QObject* parent = nullptr);

  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : columns; }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 protected:
  QString keyOf(const ReplayState& state) const override { return state.id; }

 private:
  QString textOf(int row, int column) const;
};

}  // namespace penstock::ui
