#pragma once

#include <QColor>
#include <QList>
#include <QPair>
#include <QPointer>

#include "widgets/panel.h"

class QGridLayout;
class QLineEdit;
class QProgressBar;
class QVBoxLayout;

namespace penstock::ui {

class Button;
class Label;
class ShapeMark;

// What an action would do, before it is done.
struct ActionSummary {
  QString title;             // "Reset loyalty-2 and replay the gap"
  QString environment;       // "PRODUCTION uk"
  QColor environmentColor;
  QList<QPair<QString, QString>> facts;  // "Rows" → "182,400", "Takes" → "about 40 s"; an unnamed one is a line
  QString cannotBeUndone;    // what; empty when it can be undone
  qint64 numberToType = 0;   // so many rows are sent a second time: Run waits until it is typed; 0: nothing is
  QString why;               // the prefilled reason
  bool needsWhy = false;     // Run waits until one is typed
  QString runText;           // "Reset"; empty: "Run"
  bool destroys = false;     // the focus stands on Cancel
  bool canRun = true;        // as it stands there is something to do
};

// The one way to act: unfolds beside the thing that was pressed, says what will happen, runs on Enter, shows progress and
// outcome in place. Never a modal box, never a third step. Esc cancels or closes.
//
//   prepare() → ask() → [Run] → progress()… → finish() or fail()
//
// Where nothing can be lost the page calls prepare() and then progress() without ask().
class InlineSheet final : public Panel {
  Q_OBJECT

 public:
  enum class Stage { Folded, Preparing, Asking, Running, Finished, Failed };

  explicit InlineSheet(QWidget* parent = nullptr);

  Stage stage() const { return stage_; }

  // The preview is on its way.
  void prepare(const QString& title);
  void ask(const ActionSummary& summary);
  // While it asks: says something else, because a field has changed. The focus and a reason that was typed stay.
  void change(const ActionSummary& summary);
  // Further fields of the action (how many pods), above `why`; the sheet owns them until it folds. Enter in one is Run.
  void setFields(QWidget* fields);
  // `fraction` 0…1, negative when the end is not known. `canStop`: Cancel asks the engine to stop.
  void progress(double fraction, const QString& text, bool canStop);
  // `undo` offers that button, e.g. "Undo"; empty: none.
  void finish(const QString& outcome, const QString& undo = {});
  // Nothing was changed, or what was is in `message`.
  void fail(const QString& message, const QString& hint);
  void fold();

 signals:
  void runRequested(const QString& why, qint64 typedNumber);
  // Cancel while asking folds by itself; this comes in every stage, so that a page can stop what it began.
  void cancelled(Stage during);
  void undoRequested();
  void retryRequested();
  void folded();

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void enter(Stage stage);
  void setFacts(const ActionSummary& summary);
  void say(const ActionSummary& summary);
  bool isAnswered() const;
  void pressRun();
  void pressCancel();

  Stage stage_ = Stage::Folded;
  qint64 numberToType_ = 0;
  bool needsWhy_ = false;
  bool canRun_ = true;
  QString whyGiven_;
  QPointer<QWidget> returnFocusTo_;
  ShapeMark* mark_;
  Label* title_;
  Label* environment_;
  QWidget* body_;
  QGridLayout* facts_;
  Label* warning_;
  QVBoxLayout* fieldsPlace_;
  QPointer<QWidget> fields_;
  QWidget* numberLine_;
  Label* numberText_;
  QLineEdit* number_;
  QWidget* whyLine_;
  QLineEdit* why_;
  Label* message_;
  Label* hint_;
  QProgressBar* bar_;
  Button* run_;
  Button* cancel_;
  Button* undo_;
};

}  // namespace penstock::ui
