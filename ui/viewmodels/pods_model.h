#pragma once

#include "viewmodels/fleet_model.h"

namespace penstock::ui {

// Every pod of every engine.
class PodsModel : public FleetModel<PodState> {
  Q_OBJECT
 public:
  enum Columns { State, Name, Phase, Engine, Host, Pipelines, Shards, Behind, Cpu, Memory, Restarts, Age, columns };
  enum Roles { PhaseRole = FirstOwnRole };      // QString, the phase's name

  explicit PodsModel(Fleet& fleet, QObject* parent = nullptr);

  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : columns; }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  PodPhase phaseOf(int row) const;

 protected:
  QString keyOf(const PodState& state) const override { return state.name; }

 private:
  QString shardsOf(const Row& row) const;
  QString textOf(int row, int column) const;
  QVariant sortValue(int row, int column) const;
};

}  // namespace penstock::ui
