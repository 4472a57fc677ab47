#pragma once

#include <QTimer>

#include "viewmodels/action_flow.h"

namespace penstock::ui {

// Deals the shards of a pipeline out over another number of pods. The number may be changed while the sheet asks; it is done
// when so many pods are ready.
class ScaleFlow : public ActionFlow {
  Q_OBJECT
 public:
  enum class Begins { Asking, AtOnce };         // at once where the number is that of an undo

  ScaleFlow(Connection& engine, QString pipeline, int wanted, Begins begins, QObject* parent = nullptr);

  const QString& pipeline() const { return pipeline_; }
  int wanted() const { return wanted_; }
  // Says what that would move; ignored once it runs.
  void setWanted(int pods);
  QString title() const override { return tr("Scale %1").arg(pipeline_); }

 protected:
  void preview() override;
  void run(const Command& command) override;
  QString expectedState() const override;

 private:
  void lookAtPods();

  const QString pipeline_;
  const Begins begins_;
  int wanted_;
  QString done_;                // the engine's sentence; empty: it has not answered
  QTimer patience_;
};

}  // namespace penstock::ui
