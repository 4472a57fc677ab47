// ui_bench [--seconds N] [--json]: the console's window against a fake engine in this process, offscreen.
//
// The window shows Overview with 14 pipelines that change ten times a second, and goes through its pages meanwhile.
//   worst UI delay    an event is posted every 10 ms; how much later than that it came, at worst
//   change to paint   a rate changes in the engine; until the table has painted that cell
// The fake engine's threads run in the same process, so CPU is that of the UI thread alone.

#include <QApplication>
#include <QElapsedTimer>
#include <QTableView>
#include <QTemporaryDir>
#include <QTimer>

#include "bench/bench_report.h"
#include "bench/ui_meters.h"
#include "shell/main_window.h"
#include "shell/page_list.h"
#include "support/fake_engine.h"
#include "viewmodels/session.h"
#include "widgets/theme.h"

using namespace penstock::ui;
using penstock::bench::DelayMeter;
using penstock::bench::percentile;

namespace {

// Changes one pipeline's rate in the engine and waits for the paint that shows it.
class PaintMeter : public QObject {
 public:
  PaintMeter(penstock::test::FakeEngine& engine, QTableView* table, const PipelinesModel& model) : engine_(engine), table_(table), model_(model) {
    table->viewport()->installEventFilter(this);
    connect(&changing_, &QTimer::timeout, this, &PaintMeter::change);
  }
  void start() { changing_.start(300); }
  std::vector<double> latencies;    // ms

 protected:
  bool eventFilter(QObject*, QEvent* event) override {
    if (event->type() != QEvent::Paint || !waiting_) return false;
    const int row = model_.find({}, QStringLiteral("supplier_edi"));
    if (row < 0 || !table_->isVisible() || model_.row(row).state.behindRows != waiting_) return false;
    // The paint itself follows; its end is the next thing the event loop does.
    QTimer::singleShot(0, this, [this, since = since_] { latencies.push_back(static_cast<double>(since.nsecsElapsed()) / 1e6); });
    waiting_.reset();
    return false;
  }

 private:
  void change() {
    if (waiting_ || !table_->isVisible()) return;
    waiting_ = ++number_;
    since_.start();
    engine_.set_behind_rows("supplier_edi", number_);
  }

  penstock::test::FakeEngine& engine_;
  QTableView* table_;
  const PipelinesModel& model_;
  QTimer changing_;
  QElapsedTimer since_;
  std::optional<qint64> waiting_;   // the change that is not painted yet
  qint64 number_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  QElapsedTimer started;
  started.start();
  QApplication application(argc, argv);
  applyTheme(application, Theme::darkTheme());
  penstock::test::FakeEngine engine;
  const double engineMs = static_cast<double>(started.nsecsElapsed()) / 1e6;
  const QTemporaryDir folder;
  Preferences preferences(folder.filePath("console.ini"));
  Fleet fleet;
  Session session(fleet, preferences);
  MainWindow window(session);
  window.resize(1'600, 1'000);
  fleet.add({"retail", {}, {}, engine.in_process_channel()});
  window.show();
  auto* table = window.findChild<QTableView*>("pipelines");
  while (session.pipelines.rowCount() == 0) QApplication::processEvents(QEventLoop::WaitForMoreEvents);
  window.grab();
  const double firstPaintMs = static_cast<double>(started.nsecsElapsed()) / 1e6 - engineMs;

  const int seconds = static_cast<int>(penstock::bench::number_after(argc, argv, "--seconds", 30));
  DelayMeter delays;
  PaintMeter paints(engine, table, session.pipelines);
  QTimer::singleShot(2'000, &delays, [&] {
    delays.start();
    paints.start();
  });
  // One page in ten seconds is another one than Overview, each in turn.
  size_t page = 0;
  QTimer turning;
  QObject::connect(&turning, &QTimer::timeout, [&] {
    page = (page + 1) % pageList().size();
    window.open({{}, pageList()[page].id, {}, {}});
    QTimer::singleShot(2'000, &window, [&] { window.open({{}, "overview", {}, {}}); });
  });
  turning.start(10'000);
  QTimer::singleShot(std::chrono::seconds(seconds + 2), &application, &QApplication::quit);
  const double cpuBefore = penstock::bench::thread_cpu_seconds();
  QApplication::exec();
  const double cpu = (penstock::bench::thread_cpu_seconds() - cpuBefore) / (seconds + 2) * 100;

  penstock::bench::Report report;
  report.benchmark = "ui";
  report.metrics = {{"worst UI delay", percentile(delays.delays, 1), "ms", "<= 50"},
                    {"UI delay p99", percentile(delays.delays, 0.99), "ms", ""},
                    {"change to paint p99", percentile(paints.latencies, 0.99), "ms", "<= 250"},
                    {"change to paint p50", percentile(paints.latencies, 0.5), "ms", ""},
                    {"window to first useful paint", firstPaintMs, "ms", "<= 1000"},
                    {"UI thread CPU", cpu, "% of a core", "<= 20"},
                    {"memory, with the fake engine", penstock::bench::resident_megabytes(), "MB", "<= 400"}};
  report.conditions = {{"seconds", std::to_string(seconds)}, {"window", "1600x1000 offscreen, 14 pipelines, 12 pods"}, {"samples of change to paint", std::to_string(paints.latencies.size())}};
  penstock::bench::print(report, argc, argv);
}
