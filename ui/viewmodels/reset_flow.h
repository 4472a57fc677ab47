#pragma once

#include "viewmodels/action_flow.h"

namespace penstock::ui {

// Reset and replay the gap: stops a pod, starts it, resumes from the last epoch, replays the gap.
class ResetFlow : public ActionFlow {
  Q_OBJECT
 public:
  ResetFlow(Connection& engine, QString pod, QObject* parent = nullptr);

  const QString& pod() const { return pod_; }
  QString title() const override { return tr("Reset %1 and replay the gap").arg(pod_); }

 protected:
  void preview() override;
  void run(const Command& command) override;

 private:
  const QString pod_;
  ResetProgress last_;
};

}  // namespace penstock::ui
