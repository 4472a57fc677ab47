#pragma once

#include "viewmodels/action_flow.h"

namespace penstock::ui {

// Copies the state of a pipeline under a name, puts such a copy back, or removes it. The pipeline stands still while its state
// is copied or put back. The name of a new one may be changed while the sheet asks.
class SavepointFlow : public ActionFlow {
  Q_OBJECT
 public:
  enum class Act { Make, Restore, Remove };

  SavepointFlow(Connection& engine, QString pipeline, Act act, QString name, QObject* parent = nullptr);

  Act act() const { return act_; }
  const QString& name() const { return name_; }
  // Make only; ignored once it runs.
  void setName(const QString& name);
  QString title() const override;

  // "sales-2026-11-22-1932": of this minute, in UTC.
  static QString usualName(const QString& pipeline);
  // Letters, digits, '-' and '_', at most 100.
  static bool isName(const QString& name);

 protected:
  void preview() override;
  void run(const Command& command) override;
  QString expectedState() const override;

 private:
  void say(const std::vector<Savepoint>& known);

  const QString pipeline_;
  const Act act_;
  QString name_;
};

}  // namespace penstock::ui
