#pragma once

#include <QTimer>

#include "pages/page.h"
#include "viewmodels/held_order.h"

class QComboBox;
class QLineEdit;

namespace penstock::ui {

class AttentionCards;
class Button;
class Label;
class PipelineDetail;
class TableView;

// What is wrong, since when, who is hit: the cards of what needs the operator, every pipeline worst first, and below the
// table the one that is selected.
class OverviewPage : public Page {
  Q_OBJECT
 public:
  explicit OverviewPage(Session& session, QWidget* parent = nullptr);

  void open(const Link& link) override;
  Link here() const override;
  QJsonObject layoutState() const override;
  void restoreLayoutState(const QJsonObject& state) override;
  QWidget* firstFocus() override;
  void focusFilter() override;
  bool isReady() const override;

 private:
  QWidget* makeHeader();
  void makeTable();
  void fillTenants();
  void refreshHeader();
  void showFolded(int healthy);
  void select(const QString& engine, const QString& pipeline);
  void showAll();               // without a filter
  void showSelected();

  HeldOrder order_;
  Label* title_;
  Label* totals_;
  QComboBox* tenant_;
  QComboBox* state_;
  QLineEdit* filter_;
  AttentionCards* cards_;
  TableView* table_;
  Button* folded_;
  PipelineDetail* detail_;
  QTimer refreshing_;
  bool picked_ = false;         // the operator chose a row; until then the worst is shown
};

}  // namespace penstock::ui
