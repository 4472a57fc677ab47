#pragma once

#include <QTimer>

#include "pages/mute_control.h"
#include "pages/page.h"
#include "viewmodels/held_order.h"
#include "viewmodels/rejected_detail.h"
#include "viewmodels/rejected_export.h"
#include "viewmodels/rejected_model.h"

class QLineEdit;
class QSplitter;

namespace penstock::ui {

class Button;
class Label;
class RepairPanel;
class RowJourneyPanel;
class TableView;

// Expectations by failures; the failing rows themselves; and of one row where it came from, how far it got and what would
// help. Links: "pipeline/step/expectation" or "row/<id of a rejected row>".
class QualityPage : public Page {
  Q_OBJECT
 public:
  explicit QualityPage(Session& session, QWidget* parent = nullptr);

  void open(const Link& link) override;
  Link here() const override;
  QJsonObject layoutState() const override;
  void restoreLayoutState(const QJsonObject& state) override;
  QWidget* firstFocus() override;
  void focusFilter() override;
  bool isReady() const override;

 private:
  QWidget* makeExpectations();
  QWidget* makeRows();
  QWidget* makeSide();
  void openRow(Connection* engine, const QString& id);
  void selectExpectation(const QString& engine, const QString& key);
  void showExpectation();
  void showRowsState();
  void showRow();
  void showNews();
  void showChoice();
  void refreshHeader();
  void arrangeColumns();
  void exportRows();

  HeldOrder order_;
  RejectedModel rows_;
  RejectedDetail detail_;
  RejectedExport export_;
  MuteControl mute_;
  Label* title_;
  Label* totals_;
  QLineEdit* filter_;
  TableView* expectations_;
  Label* rowsTitle_;
  Label* rowsSql_;
  Label* chosen_;
  Button* chooseAll_;
  Button* exportButton_;
  TableView* table_;
  RowJourneyPanel* journey_;
  RepairPanel* repair_;
  QSplitter* split_;
  QSplitter* side_;
  QString shownExpectation_;    // engine and key of what the rows are of
  qint64 failedWhenRead_ = -1;  // of the shown expectation, when its rows were read; -1: not known yet
  qint64 news_ = 0;             // rows that have failed since
  QString arrangedFor_;         // whose values the columns are as wide as
  QString wanted_;              // of a link whose expectation has not been reported yet
  QTimer refreshing_;
};

}  // namespace penstock::ui
