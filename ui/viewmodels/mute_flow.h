#pragma once

#include "viewmodels/action_flow.h"

namespace penstock::ui {

// An expectation raises no alarm any more, or again. It goes on checking, and its rows are kept back all the same.
class MuteFlow : public ActionFlow {
  Q_OBJECT
 public:
  enum class Act { Mute, Unmute };

  MuteFlow(Connection& engine, ExpectationName expectation, Act act, QObject* parent = nullptr);
  QString title() const override;

 protected:
  void preview() override;
  void run(const Command& command) override;

 private:
  const ExpectationName expectation_;
  const Act act_;
};

}  // namespace penstock::ui
