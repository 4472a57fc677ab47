#pragma once

#include <memory>

#include "pages/page.h"
#include "viewmodels/held_order.h"
#include "viewmodels/log_feed.h"

class QComboBox;
class QLineEdit;
class QSplitter;

namespace penstock::ui {

class ActionSheet;
class Button;
class InlineSheet;
class Label;
class LogView;
class ShapeMark;
class TableView;

// Pods of every engine, and of the selected one what it runs, how it does and its log. Reset and replay the gap is one
// button; it asks only where rows could be lost or sent twice. A pipeline that is divided gets more or fewer pods here.
class PodsPage : public Page {
  Q_OBJECT
 public:
  explicit PodsPage(Session& session, QWidget* parent = nullptr);
  ~PodsPage() override;

  // The object is a pod, or a pipeline whose pods are shown. Presses "reset" and "scale".
  void open(const Link& link) override;
  Link here() const override;
  QJsonObject layoutState() const override;
  void restoreLayoutState(const QJsonObject& state) override;
  QWidget* firstFocus() override;
  void focusFilter() override;
  bool isReady() const override;

 private:
  QWidget* makeList();
  QWidget* makeDetail();
  void select(const QString& engine, const QString& pod);
  void showSelected();
  void refreshDetail();
  void refreshTitle();
  void reset();
  // The pipeline that may have other pods, of the selected one; empty, and then why not.
  QString scalable(QString* why) const;
  void scale();
  QString shardsInWords(const PodState& pod) const;

  HeldOrder order_;
  LogFeed feed_;
  QString engine_;
  QString pod_;
  QSplitter* splitter_;
  Label* title_;
  Label* totals_;
  QLineEdit* filter_;
  QComboBox* phase_;
  TableView* table_;
  QWidget* detail_;
  ShapeMark* mark_;
  Label* name_;
  Label* facts_;
  Label* reason_;
  Button* scale_;
  Button* reset_;
  Label* shards_;
  InlineSheet* sheet_;
  std::unique_ptr<ActionSheet> action_;
  LogView* log_;
  bool picked_ = false;         // the operator chose a row; until then the worst is shown
};

}  // namespace penstock::ui
