#pragma once

#include <optional>
#include <QObject>
#include <QPointer>

#include "client/answer.h"
#include "client/call.h"
#include "client/commands.h"
#include "client/connection.h"

namespace penstock::ui {

// One press of an action, from the press to the outcome: preview → (sheet → confirm) → progress → outcome. Where nothing
// can be lost or sent twice and the environment is not protected, the press itself runs it. A page shows stage() beside
// what was pressed; never a modal box. After Done or Failed, start() begins anew, with a new command id.
class ActionFlow : public QObject {
  Q_OBJECT
 public:
  enum class Stage { Idle, Previewing, Confirming, Running, Done, Failed };

  // What the operator is asked, filled by the preview.
  struct Sheet {
    QString title;              // "Reset loyalty-2 and replay the gap"
    QString environment;        // "production"
    QString colour;             // of the environment; may be empty
    bool isProtected = false;
    QStringList facts;          // rows, sinks, time it takes: one line each
    QString warning;            // what cannot be undone; may be empty
    bool destroys = false;      // focus starts on Cancel
    bool canRun = true;         // as it stands there is something to do
    QString why;                // prefilled
    bool needsWhy = false;      // nothing is prefilled: the operator has to say it
    qint64 numberToType = 0;    // rows that a peer gets again; 0: none
  };

  explicit ActionFlow(Connection& engine, QObject* parent = nullptr);

  // The press. Ignored while one runs.
  void start();
  // Stage Confirming only. `typedNumber` must be sheet().numberToType.
  void confirm(const QString& why, qint64 typedNumber = 0);
  // Confirming: back to Idle. Running: stops waiting for news; the engine goes on.
  void cancel();

  Stage stage() const { return stage_; }
  bool isBusy() const { return stage_ == Stage::Previewing || stage_ == Stage::Running; }
  const Sheet& sheet() const { return sheet_; }
  std::optional<double> fraction() const { return fraction_; }  // 0..1 while it runs, where it is known
  const QString& progress() const { return progress_; }         // "replaying · 91,200 of 182,400 rows"
  const QString& outcome() const { return outcome_; }           // set when Done
  const CallError& problem() const { return problem_; }         // set when Failed
  virtual QString title() const = 0;                            // of the button that starts it

 signals:
  void changed();

 protected:
  // Ends in previewed() or fail(); while the sheet asks, previewed() changes what it says.
  virtual void preview() = 0;
  // Ends in finish() or fail(); reports by progressed().
  virtual void run(const Command& command) = 0;
  // The state that the operator decided on, for Command::expectedState; empty: not checked.
  virtual QString expectedState() const { return {}; }

  void previewed(Sheet sheet, bool safe);
  void progressed(const QString& text, std::optional<double> fraction);
  void finish(const QString& outcome);
  void fail(const CallError& error);
  // Follows a replay by the telemetry until it has ended.
  void followReplay(const ReplayState& state);

  // The engine may be removed while a flow is shown; then this is null.
  Connection* engine() const { return engine_; }
  ScopedCall call_;

 private:
  void execute(const QString& why);
  void lookAtReplay();
  void set(Stage stage);

  const QPointer<Connection> engine_;
  Stage stage_ = Stage::Idle;
  Sheet sheet_;
  std::optional<double> fraction_;
  QString progress_;
  QString outcome_;
  CallError problem_;
  QString replayId_;            // followed; empty: none
};

}  // namespace penstock::ui
