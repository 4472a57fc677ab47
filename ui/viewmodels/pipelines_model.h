#pragma once

#include "viewmodels/fleet_model.h"

namespace penstock::ui {

// Every pipeline of every engine.
class PipelinesModel : public FleetModel<PipelineState> {
  Q_OBJECT
 public:
  enum Columns { State, Name, Tenant, Engine, Rate, Sparkline, Behind, P50, P99, Objective, Failing, Pods, History, columns };
  enum Roles { StatusRole = FirstOwnRole, TenantRole };   // QString, the state's name; QString

  explicit PipelinesModel(Fleet& fleet, QObject* parent = nullptr);

  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : columns; }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  // What the row is shown as: the reported state, or unknown after silence.
  PipelineStatus statusOf(int row) const;

 protected:
  QString keyOf(const PipelineState& state) const override { return state.name; }

 private:
  QString textOf(int row, int column) const;
  int toneAt(int row, int column) const;
  QVariant sortValue(int row, int column) const;
};

}  // namespace penstock::ui
