#pragma once

#include <QJsonObject>
#include <QWidget>

#include <memory>

#include "viewmodels/rejected_model.h"

class QComboBox;
class QLineEdit;
class QSpinBox;
class QTabBar;

namespace penstock::ui {

class ActionSheet;
class Button;
class InlineSheet;
class Label;
class Session;
class TableView;

// Dead letters and quarantine of one engine as a table of any size: filter, choose, redrive with a rate, discard.
class RejectedPanel : public QWidget {
  Q_OBJECT
 public:
  explicit RejectedPanel(Session& session, QWidget* parent = nullptr);
  ~RejectedPanel() override;

  void showPipeline(const QString& pipeline);
  QWidget* filter() const;
  QWidget* table() const;
  const RejectedModel& rows() const { return rows_; }
  // What is filtered and half written.
  QJsonObject state() const;
  void restore(const QJsonObject& state);

 private:
  QWidget* makeHead();
  QWidget* makeActions();
  void fillPipelines();
  void read();
  void showState();
  void showChoice();
  void act(bool discard, bool all);

  Session& session_;
  RejectedModel rows_;
  QTabBar* which_;
  QComboBox* pipeline_;
  QLineEdit* filter_;
  Label* chosen_;
  Button* chooseAll_;
  TableView* table_;
  QSpinBox* rate_;
  Button* redrive_;
  Button* redriveAll_;
  Button* discard_;
  Label* hint_;
  InlineSheet* sheet_;
  std::unique_ptr<ActionSheet> action_;
};

}  // namespace penstock::ui
