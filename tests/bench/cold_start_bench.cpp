// cold_start_bench [--times N] [--json]: from the start of the console's process until its Overview has painted the
// pipelines of the demo workspace, with an empty HOME each time.

#include <QProcess>
#include <QTemporaryDir>

#include <cstdio>

#include "bench/bench_report.h"
#include "bench/console_under_test.h"
#include "bench/retail_copy.h"
#include "bench/ui_meters.h"

using namespace penstock;

namespace {

// One start: prints when the first useful paint was done, microseconds since 1970.
int start_once(int argc, char** argv, const QString& folder) {
  bench::use_own_home(folder + "/home");
  QApplication application(argc, argv);
  bool done = false;
  std::function<void()> close;
  bench::ConsoleUnderTest console(folder + "/retail", [&](const ui::PipelinesModel& pipelines) {
    if (done || pipelines.rowCount() == 0) return;
    done = true;
    std::printf("%lld\n", static_cast<long long>(bench::now_micros()));
    std::fflush(stdout);
    close();
  });
  close = [&] { console.close(); };
  return QApplication::exec();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--child") return start_once(argc, argv, QString::fromLocal8Bit(argv[2]));
  const auto times = static_cast<int>(bench::number_after(argc, argv, "--times", 5));
  std::vector<double> seconds;
  for (int time = 0; time < times; ++time) {
    const QTemporaryDir folder;
    if (!bench::write_retail(folder.filePath("retail"))) return 1;
    QProcess child;
    child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    const std::int64_t began = bench::now_micros();
    child.start(QString::fromLocal8Bit(argv[0]), {"--child", folder.path()});
    child.waitForFinished(120'000);
    const qint64 painted = child.readAllStandardOutput().trimmed().toLongLong();
    if (painted == 0) {
      std::fprintf(stderr, "the console did not paint its pipelines\n");
      return 1;
    }
    seconds.push_back(static_cast<double>(painted - began) / 1e6);
  }
  bench::print({.benchmark = "cold_start",
                .metrics = {{"program start to first useful paint, median", bench::percentile(seconds, 0.5), "s", "<= 1.0"},
                            {"program start to first useful paint, worst", bench::percentile(seconds, 1), "s", ""}},
                .conditions = {{"times", std::to_string(times)}, {"useful", "Overview with the workspace's pipelines"}, {"window", "1600x1000 offscreen"}, {"HOME", "empty each time; the file cache is warm"}}},
               argc, argv);
  return 0;
}
