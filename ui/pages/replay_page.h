#pragma once

#include <memory>
#include <QDateTime>

#include "pages/fields.h"
#include "pages/page.h"
#include "viewmodels/held_order.h"
#include "viewmodels/replay_command_flow.h"

class QComboBox;
class QDateTimeEdit;
class QSpinBox;
class QSplitter;

namespace penstock::ui {

class ActionSheet;
class Button;
class InlineSheet;
class Label;
class RejectedPanel;
class TableView;

// Replays and redrives with their progress, a form for a new replay, and below them dead letters and quarantine. Links:
// the id of a replay, or the name of a pipeline.
class ReplayPage : public Page {
  Q_OBJECT
 public:
  explicit ReplayPage(Session& session, QWidget* parent = nullptr);
  ~ReplayPage() override;

  void open(const Link& link) override;
  Link here() const override;
  QJsonObject layoutState() const override;
  void restoreLayoutState(const QJsonObject& state) override;
  QWidget* firstFocus() override;
  void focusFilter() override;
  bool isReady() const override;

 private:
  QWidget* makeReplays();
  QWidget* makeForm();
  void fillPipelines();
  void refreshActions();
  void command(ReplayCommandFlow::Act act);
  void startReplay();
  // Of the form; its times only where somebody has written other ones than were proposed.
  Fields fields() const;

  HeldOrder order_;
  Label* title_;
  TableView* replays_;
  Button* pause_;
  Button* cancel_;
  Button* setRate_;
  QSpinBox* rate_;
  QComboBox* pipeline_;
  QDateTimeEdit* from_;
  QDateTimeEdit* to_;
  QDateTime proposedFrom_;
  QDateTime proposedTo_;
  Button* preview_;
  InlineSheet* sheet_;
  std::unique_ptr<ActionSheet> action_;
  RejectedPanel* rejected_;
  QSplitter* split_;
};

}  // namespace penstock::ui
