#pragma once

#include "client/call.h"
#include "pages/page.h"
#include "viewmodels/query_model.h"

class QSplitter;

namespace penstock::ui {

class Button;
class Label;
class SqlEditor;
class TableView;

// SQL over any table and live step of one engine: results as they stream in, cancel, export.
class QueryPage : public Page {
  Q_OBJECT
 public:
  explicit QueryPage(Session& session, QWidget* parent = nullptr);

  // The object is a table or step: its first rows.
  void open(const Link& link) override;
  Link here() const override;
  QJsonObject layoutState() const override;
  void restoreLayoutState(const QJsonObject& state) override;
  QWidget* firstFocus() override;
  void focusFilter() override;

 private:
  void readNames();
  void run();
  void refresh();
  void exportCsv();

  QueryModel model_;
  ScopedCall naming_;
  QString object_;
  QSplitter* splitter_;
  SqlEditor* editor_;
  Label* engine_;
  Button* run_;
  Button* cancel_;
  Button* export_;
  Label* sentence_;
  Label* problem_;
  TableView* table_;
};

}  // namespace penstock::ui
