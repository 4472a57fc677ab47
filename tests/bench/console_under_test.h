#pragma once

// The console as `penstock WORKSPACE` puts it together, with its embedded engine and real pods, offscreen, in this
// process. HOME and all that is kept there is a folder of its own.

#include <QApplication>

#include <functional>
#include <memory>

#include "console/console.h"
#include "viewmodels/pipelines_model.h"

namespace penstock::bench {

// Before QApplication is made.
void use_own_home(const QString& folder);

class ConsoleUnderTest : public QObject {
 public:
  // `painted` is called when Overview has painted its pipelines, each time.
  ConsoleUnderTest(const QString& workspace, std::function<void(const ui::PipelinesModel&)> painted);

  ui::MainWindow& window() const { return *window_; }
  // Drains the pods and ends the event loop.
  void close();

 protected:
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  Console console_;
  ui::MainWindow* window_ = nullptr;
  const std::function<void(const ui::PipelinesModel&)> painted_;
};

}  // namespace penstock::bench
