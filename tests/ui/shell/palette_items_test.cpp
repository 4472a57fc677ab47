#include <QTemporaryDir>
#include <QSignalSpy>
#include <QTest>

#include "shell/palette_items.h"
#include "support/fake_engine.h"
#include "viewmodels/session.h"

using namespace penstock::ui;

class PaletteItemsTest : public QObject {
  Q_OBJECT
 private slots:
  void theBestMatchComesFirst() {
    const std::vector<PaletteItem> items{{"sales_archive", "pipeline", "", {}}, {"presales", "pipeline", "", {}}, {"sales", "pipeline", "", {}}, {"Settings", "page", "G S", {}}};
    const auto found = bestMatches(items, "sales", 10);
    QCOMPARE(found.size(), size_t(3));
    QCOMPARE(found[0].text, QString("sales"));
    QCOMPARE(found[1].text, QString("sales_archive"));
    QCOMPARE(found[2].text, QString("presales"));
    QCOMPARE(bestMatches(items, "sttgs", 10)[0].text, QString("Settings"));
    QCOMPARE(bestMatches(items, "nothing like it", 10).size(), size_t(0));
    QCOMPARE(bestMatches(items, "", 2).size(), size_t(2));
  }

  void everyPagePipelinePodExpectationAndUrgentActionIsReached() {
    penstock::test::FakeEngine engine({.moving = false});
    QTemporaryDir folder;
    Preferences preferences(folder.filePath("console.ini"));
    Fleet fleet;
    Session session(fleet, preferences);
    fleet.add({"uk", QString::fromStdString(engine.address()), {}, nullptr});
    QTRY_COMPARE_WITH_TIMEOUT(session.pipelines.rowCount(), 14, 30'000);
    const auto items = paletteItems(session);
    const auto first = [&](const char* typed) { return bestMatches(items, typed, 1).at(0); };
    QCOMPARE(first("query").kind, QString("page"));
    QCOMPARE(first("fulfilment").kind, QString("pipeline"));
    QCOMPARE(first("sales-3").kind, QString("pod"));
    QCOMPARE(first("qty_positive").kind, QString("expectation"));
    QCOMPARE(first("reset loyalty").text, QString("Reset loyalty-2 and replay the gap"));
    // What can be done to a pipeline or a pod, and only that.
    for (const char* action : {"Pause sales", "Drain and stop sales", "Savepoints of sales", "Replay sales", "Scale sales", "Reset sales-3 and replay the gap", "Pause loyalty"}) {
      QCOMPARE(first(action).text, QString::fromUtf8(action));
      QCOMPARE(first(action).kind, QString("action"));
    }
    for (const PaletteItem& item : items) QVERIFY2(item.text != "Resume sales" && item.text != "Scale loyalty", qPrintable(item.text));
    QTRY_COMPARE_WITH_TIMEOUT(bestMatches(paletteItems(session), "bronze.pos table", 1).at(0).kind, QString("table"), 30'000);
    session.setShownAt(wallClockNow() - std::chrono::minutes(27));
    QVERIFY(bestMatches(paletteItems(session), "reset loyalty", 1).empty());
    session.setShownAt({});
    QSignalSpy opened(&session, &Session::openRequested);
    first("sales-3").choose();
    QCOMPARE(opened.count(), 1);
    QCOMPARE(opened[0][0].value<Link>(), (Link{"uk", "pods", "sales-3", {}}));
    first("Pause sales").choose();
    QCOMPARE(opened[1][0].value<Link>(), (Link{"uk", "overview", "sales", {}, "pause"}));
  }
};

QTEST_MAIN(PaletteItemsTest)
#include "palette_items_test.moc"
