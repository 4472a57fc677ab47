#pragma once

#include <functional>
#include <memory>
#include <QWidget>

#include "viewmodels/action_flow.h"

namespace penstock::ui {

class InlineSheet;

// The InlineSheet of one ActionFlow: shows each stage, and carries the operator's answers back.
class ActionSheet : public QObject {
  Q_OBJECT
 public:
  // `sheet` must outlive this.
  explicit ActionSheet(InlineSheet* sheet);
  ~ActionSheet() override;

  // Presses that action. A flow that is still running is left to its engine; this one is shown from now on.
  void press(std::unique_ptr<ActionFlow> flow);
  const ActionFlow* flow() const { return flow_.get(); }
  // Offers to take back what was just done; `undo` makes the flow that does. Before press().
  void setUndo(std::function<std::unique_ptr<ActionFlow>()> undo) { undo_ = std::move(undo); }

 signals:
  void finished(const QString& outcome);

 private:
  void show();

  InlineSheet* sheet_;
  std::unique_ptr<ActionFlow> flow_;
  std::function<std::unique_ptr<ActionFlow>()> undo_;
  ActionFlow::Stage shown_ = ActionFlow::Stage::Idle;
};

}  // namespace penstock::ui
