#pragma once

#include <QElapsedTimer>
#include <QWidget>

#include <memory>

#include "viewmodels/seed_repair_model.h"

namespace penstock::ui {

class ActionSheet;
class Button;
class InlineSheet;
class Label;
class RejectedDetail;
class RejectedModel;
class Session;
class TableView;

// What would help the failing rows, and the actions: the keys that a seed lacks are added here, and the rows redriven.
class RepairPanel : public QWidget {
  Q_OBJECT
 public:
  RepairPanel(Session& session, RejectedModel& rows, QWidget* parent = nullptr);
  ~RepairPanel() override;

  void show(Connection* engine, const QString& pipeline, const QString& expectation, const QString& sql);
  // The choice or its preview has changed.
  void refresh(const RejectedDetail& detail);
  // Rows beyond those that are shown, told every second: "all" means them too, and they are part of the diagnosis.
  void setNews(qint64 rows);
  const SeedRepairModel& repair() const { return repair_; }

 signals:
  // Rows were redriven: what is shown of them is old.
  void redriven();

 private:
  void showDiagnosis();
  void addKeys();
  void redrive(bool all);

  Session& session_;
  RejectedModel& rows_;
  SeedRepairModel repair_;
  Label* sentence_;
  TableView* keys_;
  Button* add_;
  Button* redriveChosen_;
  Button* redriveAll_;
  Label* preview_;
  InlineSheet* sheet_;
  std::unique_ptr<ActionSheet> action_;
  qint64 news_ = 0;
  qint64 newsWhenAsked_ = 0;
  QElapsedTimer sinceAsked_;    // since the engine was asked about them
};

}  // namespace penstock::ui
