#include "bench/console_under_test.h"

#include <QAbstractProxyModel>
#include <QDir>
#include <QTimer>

#include "serving/logging.h"

namespace penstock::bench {
namespace {

const ui::PipelinesModel* pipelines_of(const QAbstractItemModel* model) {
  while (const auto* proxy = qobject_cast<const QAbstractProxyModel*>(model)) model = proxy->sourceModel();
  return qobject_cast<const ui::PipelinesModel*>(model);
}

}  // namespace

void use_own_home(const QString& folder) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  for (const auto& [variable, below] : {std::pair{"HOME", ""}, {"XDG_STATE_HOME", "/state"}, {"XDG_DATA_HOME", "/data"}, {"XDG_CONFIG_HOME", "/config"}, {"XDG_CACHE_HOME", "/cache"}}) {
    QDir().mkpath(folder + below);
    qputenv(variable, (folder + below).toLocal8Bit());
  }
}

ConsoleUnderTest::ConsoleUnderTest(const QString& workspace)
    : console_([&] { ConsoleOptions options; options.workspace = workspace; return options; }(), log_as_engine(LogTo::nowhere)) {
  for (QWidget* widget : QApplication::topLevelWidgets())
    if (auto* found = qobject_cast<ui::MainWindow*>(widget)) window_ = found;
  window_->resize(1'600, 1'000);
  table_ = window_->findChild<QTableView*>("pipelines");
  pipelines_ = pipelines_of(table_->model());
  console_.start();
}

void ConsoleUnderTest::close() { emit window_->drainRequested(); }

bool PaintWatcher::eventFilter(QObject*, QEvent* event) {
  // The paint itself follows; its end is the next thing the event loop does.
  if (event->type() == QEvent::Paint) QTimer::singleShot(0, this, painted_);
  return false;
}

}  // namespace penstock::bench
