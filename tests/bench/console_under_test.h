#pragma once

// The console as `penstock WORKSPACE` puts it together, with its embedded engine and real pods, offscreen, in this
// process. HOME and all that is kept there is a folder of its own.

#include <QApplication>
#include <QTableView>

#include <functional>
#include <memory>

#include "console/console.h"
#include "viewmodels/pipelines_model.h"

namespace penstock::bench {

// Before QApplication is made.
void use_own_home(const QString& folder);

class ConsoleUnderTest {
 public:
  explicit ConsoleUnderTest(const QString& workspace);

  ui::MainWindow& window() const { return *window_; }
  QTableView& table() const { return *table_; }                 // Overview's pipelines
  const ui::PipelinesModel& pipelines() const { return *pipelines_; }
  // Drains the pods and ends the event loop.
  void close();

 private:
  Console console_;
  ui::MainWindow* window_ = nullptr;
  QTableView* table_ = nullptr;
  const ui::PipelinesModel* pipelines_ = nullptr;
};

// Calls back at each paint of a widget.
class PaintWatcher : public QObject {
 public:
  PaintWatcher(QWidget* widget, std::function<void()> painted) : painted_(std::move(painted)) { widget->installEventFilter(this); }

 protected:
  bool eventFilter(QObject* object, QEvent* event) override;

 private:
  const std::function<void()> painted_;
};

}  // namespace penstock::bench
