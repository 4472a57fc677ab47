#pragma once

#include "viewmodels/action_flow.h"

namespace penstock::ui {

// Pause, resume, run or stop a pipeline. Pause and resume undo each other.
class PipelineFlow : public ActionFlow {
  Q_OBJECT
 public:
  enum class Act { Pause, Resume, Run, Drain, Stop };

  PipelineFlow(Connection& engine, QString pipeline, Act act, QObject* parent = nullptr);

  Act act() const { return act_; }
  const QString& pipeline() const { return pipeline_; }
  // What takes it back, once it is done; empty where nothing does.
  std::optional<Act> undo() const;
  QString title() const override;

 protected:
  void preview() override;
  void run(const Command& command) override;
  QString expectedState() const override;

 private:
  const QString pipeline_;
  const Act act_;
};

}  // namespace penstock::ui
