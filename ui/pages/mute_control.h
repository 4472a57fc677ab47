#pragma once

#include <memory>
#include <QObject>
#include <QPointer>

#include "client/commands.h"
#include "client/connection.h"

namespace penstock::ui {

class ActionSheet;
class Button;
class InlineSheet;

// "Mute…" and "Unmute" of one expectation, and the sheet that asks for the reason. The page places both widgets.
class MuteControl : public QObject {
  Q_OBJECT
 public:
  explicit MuteControl(QObject* parent = nullptr);
  ~MuteControl() override;

  Button* button() const { return button_; }
  InlineSheet* sheet() const { return sheet_; }
  void show(Connection* engine, const ExpectationName& expectation);
  // By what the engine tells now.
  void refresh();

 private:
  void press();

  Button* button_;
  InlineSheet* sheet_;
  std::unique_ptr<ActionSheet> action_;
  QPointer<Connection> engine_;
  ExpectationName expectation_;
  bool muted_ = false;
};

}  // namespace penstock::ui
