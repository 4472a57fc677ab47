// What every page says when it is empty, still loading, when its call fails, when its engine is gone, and when one engine
// of two is. Each leaves a picture in build/pictures/states.

#include <QAbstractButton>
#include <QApplication>
#include <QDir>
#include <QLabel>
#include <QTemporaryDir>

#include "pages/page.h"
#include "shell/page_list.h"
#include "ui/shell/window_under_test.h"
#include "widgets/table_view.h"
#include "widgets/theme.h"

using namespace penstock::ui;
using penstock::test::FakeEngine;
using penstock::test::WindowUnderTest;

namespace {

constexpr int patience = 30'000;

}  // namespace

class PageStatesTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { applyTheme(*qApp, Theme::darkTheme()); }
  void cleanup() {
    shown_.reset();
    other_.reset();
    engine_.reset();
  }

  void anEmptyWorkspaceSaysWhatComesNext_data() {
    says({{"overview", "This workspace has no pipelines yet"}, {"lineage", "This workspace has no pipelines yet"}, {"latency", "No pipeline is selected"},
          {"quality", "No expectation here"}, {"replay", "No replay has run yet"}, {"pods", "No pod runs here"}, {"query", "No rows yet"},
          {"activity", "Nothing was done yet"}, {"settings", "No connection"}});
  }
  void anEmptyWorkspaceSaysWhatComesNext() {
    start({.bare = true});
    QTRY_COMPARE_WITH_TIMEOUT(session_->engines.liveCount(), 1, patience);
    looks("empty");
  }

  void noPageMakesASmallWindowWider() {
    start({.pipelines = 40, .long_names = true, .moving = false});
    QTRY_VERIFY_WITH_TIMEOUT(session_->expectations.rowCount() > 0 && session_->pods.rowCount() == 12 && session_->pipelines.rowCount() == 40, patience);
    window_->resize(1'280, 800);
    for (const PageEntry& page : pageList()) {
      window_->open({"uk", page.id, page.id == "quality" ? QString("sales/silver/known_store") : QString(), {}});
      QTRY_VERIFY_WITH_TIMEOUT(window_->page(page.id)->isReady(), patience);
      QCoreApplication::sendPostedEvents();
      QVERIFY2(window_->minimumSizeHint().width() <= 1'280 && window_->width() == 1'280, qPrintable(QString("%1: %2").arg(page.id).arg(window_->minimumSizeHint().width())));
    }
  }

  void ofTwoEnginesEachRowNamesItsOwn() {
    start({.moving = false});
    const auto names = [this](const QString& page, const QString& table) {
      QStringList titles;
      for (const auto* view : window_->page(page)->findChildren<TableView*>())
        for (int column = 0; view->accessibleName() == table && column < view->model()->columnCount(); ++column)
          if (!view->isColumnHidden(column)) titles << view->model()->headerData(column, Qt::Horizontal).toString();
      return titles.contains("Engine");
    };
    const QList<std::pair<QString, QString>> lists{{"overview", "Pipelines"}, {"latency", "Pipelines"}, {"quality", "Expectations"}, {"pods", "Pods"}};
    for (const auto& [page, table] : lists) {
      window_->open({"uk", page, {}, {}});
      QTRY_VERIFY2_WITH_TIMEOUT(!names(page, table), qPrintable(page), patience);
    }
    other_ = std::make_unique<FakeEngine>(penstock::test::FakeEngineOptions{.seed = 2, .environment = "staging", .moving = false});
    shown_->add("de", *other_);
    for (const auto& [page, table] : lists) {
      window_->open({"uk", page, {}, {}});
      QTRY_VERIFY2_WITH_TIMEOUT(names(page, table), qPrintable(page), patience);
    }
  }

  void whatIsOnItsWaySaysSo_data() {
    says({{"overview", "Waiting for the first report"}, {"lineage", "Reading the lineage"}, {"latency", "No pipeline is selected"},
          {"quality", "Waiting for the first report"}, {"replay", "Reading the rows"}, {"pods", "Waiting for the first report"}, {"query", "No rows yet"},
          {"activity", "Reading the audit log"}, {"settings", "connecting"}});
  }
  void whatIsOnItsWaySaysSo() {
    start({});
    engine_->stall(true);
    looks("loading");
  }

  void whatCouldNotBeReadSaysWhyAndOffersToTryAgain_data() {
    QTest::addColumn<QString>("page");
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("lineage") << "lineage" << "GetGraph" << "The lineage could not be read";
    QTest::newRow("latency") << "latency" << "GetSeries" << "the index is being rebuilt";
    QTest::newRow("quality") << "quality" << "ListRejected" << "The rows could not be read";
    QTest::newRow("replay") << "replay" << "ListRejected" << "The rows could not be read";
    QTest::newRow("pods") << "pods" << "PodLogs" << "the index is being rebuilt";
    QTest::newRow("activity") << "activity" << "ListAudit" << "The audit log could not be read";
    QTest::newRow("settings") << "settings" << "ListConnections" << "The connections could not be read";
  }
  void whatCouldNotBeReadSaysWhyAndOffersToTryAgain() {
    QFETCH(QString, method);
    start({.moving = false});
    QTRY_VERIFY_WITH_TIMEOUT(session_->expectations.rowCount() > 0, patience);
    engine_->fail_next(method.toStdString(), "unavailable", "the index is being rebuilt", "try again in a minute");
    looks("error");
  }

  void ofASilentEngineEverythingSaysItsAge_data() {
    says({{"overview", "Engine uk: not answering"}, {"lineage", "uk has been silent for "}, {"latency", "uk has been silent for "},
          {"quality", "uk has been silent for "}, {"replay", "uk has been silent for "}, {"pods", "uk has been silent for "},
          {"query", "uk has been silent for "}, {"activity", "uk has been silent for "}, {"settings", "not answering"}});
  }
  void ofASilentEngineEverythingSaysItsAge() {
    QFETCH(QString, page);
    start({.moving = false});
    QTRY_VERIFY_WITH_TIMEOUT(session_->pods.rowCount() > 0, patience);
    window_->open({"uk", page, {}, {}});
    QTRY_VERIFY_WITH_TIMEOUT(window_->page(page)->isReady(), patience);
    engine_->die();
    QTRY_COMPARE_WITH_TIMEOUT(session_->engines.liveCount(), 0, patience);
    looks("disconnected");
  }

  void oneEngineOfTwoThatIsGoneLeavesTheOther_data() {
    says({{"overview", "Engine de: not answering"}, {"pods", "1 of 2 engines live"}, {"quality", "1 of 2 engines live"}, {"replay", "1 of 2 engines live"},
          {"latency", "1 of 2 engines live"}, {"lineage", "1 of 2 engines live"}, {"query", "1 of 2 engines live"}, {"activity", "1 of 2 engines live"},
          {"settings", "1 of 2 engines live"}});
  }
  void oneEngineOfTwoThatIsGoneLeavesTheOther() {
    QFETCH(QString, page);
    start({.moving = false});
    other_ = std::make_unique<FakeEngine>(penstock::test::FakeEngineOptions{.seed = 2, .environment = "staging", .moving = false});
    shown_->add("de", *other_);
    QTRY_VERIFY_WITH_TIMEOUT(session_->pods.rowCount() == 24, patience);
    other_->die();
    QTRY_COMPARE_WITH_TIMEOUT(session_->engines.liveCount(), 1, patience);
    looks("partial");
    QTRY_VERIFY_WITH_TIMEOUT(window_->page(page)->isReady(), patience);
  }

 private:
  // Rows of (page, what it says).
  static void says(const QList<std::pair<const char*, const char*>>& rows) {
    QTest::addColumn<QString>("page");
    QTest::addColumn<QString>("sentence");
    for (const auto& [page, sentence] : rows) QTest::newRow(page) << page << sentence;
  }

  void start(const penstock::test::FakeEngineOptions& options) {
    folder_ = std::make_unique<QTemporaryDir>();
    engine_ = std::make_unique<FakeEngine>(options);
    shown_ = std::make_unique<WindowUnderTest>(folder_->filePath("console.ini"));
    session_ = &shown_->session;
    window_ = &shown_->window;
    shown_->add("uk", *engine_);
  }

  void looks(const QString& state) {
    QFETCH(QString, page);
    QFETCH(QString, sentence);
    window_->open({"uk", page, {}, {}});
    const bool seen = QTest::qWaitFor([&] { return shown(sentence); }, patience);
    const QString folder = qEnvironmentVariable("PENSTOCK_SOURCE") + "/build/pictures/states";
    QDir().mkpath(folder);
    QCoreApplication::sendPostedEvents();       // texts that have just changed find their places
    QVERIFY(window_->grab().save(folder + "/" + state + "-" + page + ".png"));
    QVERIFY2(seen, qPrintable("not seen: " + sentence));
  }

  // Read or heard: labels, buttons, and what painted widgets tell a screen reader.
  bool shown(const QString& sentence) const {
    for (const QWidget* widget : window_->findChildren<QWidget*>()) {
      if (!widget->isVisible()) continue;
      QString text = widget->accessibleDescription();
      if (const auto* label = qobject_cast<const QLabel*>(widget)) text += label->text();
      if (const auto* button = qobject_cast<const QAbstractButton*>(widget)) text += button->text();
      if (text.contains(sentence)) return true;
    }
    return false;
  }

  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<FakeEngine> other_;
  std::unique_ptr<WindowUnderTest> shown_;
  Session* session_ = nullptr;          // of what is shown
  MainWindow* window_ = nullptr;
};

QTEST_MAIN(PageStatesTest)
#include "page_states_test.moc"
