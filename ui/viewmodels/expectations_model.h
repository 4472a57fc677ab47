#pragma once

#include "viewmodels/fleet_model.h"

namespace penstock::ui {

// Every expectation of every engine, and what drifted from its contract.
class ExpectationsModel : public FleetModel<ExpectationState> {
  Q_OBJECT
 public:
  enum Columns { State, Name, On, Engine, OnFail, FailingRows, Now, Usual, Trend, columns };
  enum Roles { PipelineRole = FirstOwnRole, StepRole, NameRole, SqlRole, OnFailRole };  // QString each

  explicit ExpectationsModel(Fleet& fleet, QObject* parent = nullptr);

  int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : columns; }
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 protected:
  // The IdRole: "pipeline\nstep\nname".
  QString keyOf(const ExpectationState& state) const override { return expectationKey(state.pipeline, state.step, state.name); }

 private:
  QString textOf(int row, int column) const;
};

}  // namespace penstock::ui
