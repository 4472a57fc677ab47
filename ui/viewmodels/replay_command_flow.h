#pragma once

#include "viewmodels/action_flow.h"

namespace penstock::ui {

// Pause, resume, cancel or slow down a replay that is under way.
class ReplayCommandFlow : public ActionFlow {
  Q_OBJECT
 public:
  enum class Act { Pause, Resume, Cancel, SetRate };

  // `rowsPerSecond`: for SetRate; 0: no limit. `expected`: the status that the operator saw.
  ReplayCommandFlow(Connection& engine, QString replay, Act act, QString expected, double rowsPerSecond = 0, QObject* parent = nullptr);
  QString title() const override;

 protected:
  void preview() override;
  void run(const Command& command) override;
  QString expectedState() const override { return expected_; }

 private:
  const QString replay_;
  const Act act_;
  const QString expected_;
  const double rowsPerSecond_;
};

}  // namespace penstock::ui
