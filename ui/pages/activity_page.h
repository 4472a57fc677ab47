#pragma once

#include <QTimer>

#include "pages/page.h"
#include "viewmodels/audit_model.h"
#include "viewmodels/log_feed.h"

class QLineEdit;
class QSplitter;

namespace penstock::ui {

class Label;
class LogView;
class TableView;

// Who did what, and below it what the engine says, following.
class ActivityPage : public Page {
  Q_OBJECT
 public:
  explicit ActivityPage(Session& session, QWidget* parent = nullptr);

  // The object is what the audit log is searched for.
  void open(const Link& link) override;
  Link here() const override;
  QJsonObject layoutState() const override;
  void restoreLayoutState(const QJsonObject& state) override;
  QWidget* firstFocus() override;
  void focusFilter() override;
  bool isReady() const override { return !audit_.isLoading(); }

 private:
  void follow();
  void readAudit();
  void refresh();

  AuditModel audit_;
  LogFeed feed_;
  QString followed_;            // engine
  Label* title_;
  Label* totals_;
  QLineEdit* filter_;
  TableView* table_;
  LogView* log_;
  QSplitter* splitter_;
  QTimer typing_;
  QTimer refreshing_;
};

}  // namespace penstock::ui
