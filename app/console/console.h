#pragma once

#include <memory>
#include <QObject>

#include "client/fleet.h"
#include "console/embedded_engine.h"
#include "console/options.h"
#include "shell/main_window.h"
#include "viewmodels/session.h"
#include "widgets/system_appearance.h"

namespace penstock {

// Puts the console together and takes it apart again: calls cancelled, models gone, channels gone, then the engine.
class Console : public QObject {
  Q_OBJECT
 public:
  Console(ConsoleOptions options, std::shared_ptr<LogRing> logs);
  ~Console() override;

  void start();

 private:
  void applyAppearance();
  QString themeName() const;
  void openDemo();
  void openFolder(const QString& folder);
  // False, with a word on the first page, when the token cannot be read.
  bool connectTo(const QString& address, const QString& tokenFile);
  void capture();
  void closeEngine(OnClose onClose, std::function<void()> then);

  const ConsoleOptions options_;
  const std::shared_ptr<LogRing> logs_;
  ui::Preferences preferences_;
  ui::SystemAppearance system_;
  std::unique_ptr<EmbeddedEngine> engine_;
  std::unique_ptr<ui::Fleet> fleet_;
  std::unique_ptr<ui::Session> session_;
  std::unique_ptr<ui::MainWindow> window_;
};

}  // namespace penstock
