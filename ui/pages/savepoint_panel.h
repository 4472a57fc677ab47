#pragma once

#include <memory>
#include <QWidget>

#include "viewmodels/savepoint_flow.h"
#include "viewmodels/savepoints_model.h"

namespace penstock::ui {

class ActionSheet;
class Button;
class InlineSheet;
class Label;
class Session;
class TableView;

// The savepoints of one pipeline: made, put back and removed, each by a press and an answer beside it. Putting back and
// removing begin on Cancel.
class SavepointPanel : public QWidget {
  Q_OBJECT
 public:
  explicit SavepointPanel(Session& session, QWidget* parent = nullptr);
  ~SavepointPanel() override;

  void show(const QString& engine, const QString& pipeline);
  // The same pipeline, newer states of its engine.
  void refresh();
  void make();
  void takeFocus();

 signals:
  void closed();

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void press(SavepointFlow::Act act);
  void begin(std::unique_ptr<SavepointFlow> flow);
  void showRows();

  Session& session_;
  QString engine_;
  QString pipeline_;
  SavepointsModel model_;
  Label* title_;
  Label* count_;
  Button* make_;
  Button* restore_;
  Button* remove_;
  TableView* table_;
  InlineSheet* sheet_;
  std::unique_ptr<ActionSheet> action_;
};

}  // namespace penstock::ui
