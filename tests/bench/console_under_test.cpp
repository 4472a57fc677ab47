#include "bench/console_under_test.h"

#include <QAbstractProxyModel>
#include <QDir>
#include <QTableView>
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

ConsoleUnderTest::ConsoleUnderTest(const QString& workspace, std::function<void(const ui::PipelinesModel&)> painted)
    : console_([&] { ConsoleOptions options; options.workspace = workspace; return options; }(), log_as_engine(LogTo::nowhere)), painted_(std::move(painted)) {
  for (QWidget* widget : QApplication::topLevelWidgets())
    if (auto* found = qobject_cast<ui::MainWindow*>(widget)) window_ = found;
  window_->resize(1'600, 1'000);
  qApp->installEventFilter(this);       // Overview is made when it is first shown
  console_.start();
}

void ConsoleUnderTest::close() { emit window_->drainRequested(); }

bool ConsoleUnderTest::eventFilter(QObject* object, QEvent* event) {
  if (event->type() != QEvent::Paint || !object->parent() || object->parent()->objectName() != "pipelines") return false;
  const auto* table = qobject_cast<QTableView*>(object->parent());
  const ui::PipelinesModel* pipelines = table && object == table->viewport() ? pipelines_of(table->model()) : nullptr;
  // The paint itself follows; its end is the next thing the event loop does.
  if (pipelines) QTimer::singleShot(0, this, [this, pipelines] { painted_(*pipelines); });
  return false;
}

}  // namespace penstock::bench
