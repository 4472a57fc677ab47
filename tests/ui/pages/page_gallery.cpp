// page_gallery FOLDER [PAGE…]: writes <page>-<theme>.png of the pages over an invented engine.
#include <QAbstractButton>
#include <QApplication>
#include <QEventLoop>
#include <QTableView>
#include <QTemporaryDir>
#include <QTimer>

#include <cstdio>
#include <functional>
#include <map>
#include <memory>

#include "pages/latency_page.h"
#include "pages/lineage_page.h"
#include "pages/pods_page.h"
#include "pages/quality_page.h"
#include "pages/replay_page.h"
#include "support/fake_engine.h"
#include "viewmodels/session.h"
#include "widgets/theme.h"

using namespace penstock::ui;

namespace {

struct Sheet {
  std::function<std::unique_ptr<Page>(Session&)> make;
  QString object;
  int height = 920;
  QString press = {};           // the button's name
};

const std::map<QString, Sheet>& sheets() {
  static const std::map<QString, Sheet> all{
      {"latency", {[](Session& session) { return std::make_unique<LatencyPage>(session); }, "sales", 2300}},
      {"lineage", {[](Session& session) { return std::make_unique<LineagePage>(session); }, "step/sales/velocity"}},
      {"pods", {[](Session& session) { return std::make_unique<PodsPage>(session); }, "sales-1", 920, "scale"}},
      {"quality", {[](Session& session) { return std::make_unique<QualityPage>(session); }, "sales/silver/known_store"}},
      {"replay", {[](Session& session) { return std::make_unique<ReplayPage>(session); }, "sales"}},
  };
  return all;
}

void settle(int milliseconds) {
  QEventLoop loop;
  QTimer::singleShot(milliseconds, &loop, &QEventLoop::quit);
  loop.exec();
}

}  // namespace

int main(int argc, char** argv) {
  QApplication application(argc, argv);
  const QStringList arguments = QApplication::arguments();
  if (arguments.size() < 2) {
    std::fprintf(stderr, "usage: page_gallery FOLDER [PAGE…]\n");
    return 2;
  }
  penstock::test::FakeEngine engine;
  Fleet fleet;
  fleet.add({"uk", QString::fromStdString(engine.address()), {}, nullptr});
  QTemporaryDir folder;
  Preferences preferences(folder.filePath("console.ini"));
  Session session(fleet, preferences);
  settle(1'500);
  for (const bool dark : {true, false}) {
    applyTheme(application, dark ? Theme::darkTheme() : Theme::lightTheme());
    for (const auto& [name, sheet] : sheets()) {
      if (arguments.size() > 2 && !arguments.contains(name)) continue;
      const std::unique_ptr<Page> page = sheet.make(session);
      page->resize(1530, sheet.height);
      page->show();
      page->open({"uk", name, sheet.object, {}});
      settle(3'000);
      if (auto* button = page->findChild<QAbstractButton*>(sheet.press); button && !sheet.press.isEmpty()) button->click();
      if (auto* columns = page->findChild<QTableView*>("columns")) columns->setCurrentIndex(columns->model()->index(2, 0));
      settle(500);
      const QString path = QString("%1/%2-%3.png").arg(arguments[1], name, dark ? "dark" : "light");
      if (!page->grab().save(path)) {
        std::fprintf(stderr, "cannot write %s\n", qPrintable(path));
        return 1;
      }
    }
  }
  return 0;
}
