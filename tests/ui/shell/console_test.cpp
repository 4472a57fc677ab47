// The whole window against fake engines, driven by keys and clicks as an operator would.

#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QDateTimeEdit>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTableView>
#include <QTemporaryDir>
#include <QPointer>
#include <QSignalSpy>

#include "pages/page.h"
#include "ui/shell/window_under_test.h"
#include "viewmodels/held_order.h"
#include "widgets/theme.h"

using namespace penstock::ui;
using penstock::test::FakeEngine;
using penstock::test::WindowUnderTest;

namespace {

constexpr int patience = 30'000;

}  // namespace

class ConsoleTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { applyTheme(*qApp, Theme::darkTheme()); }
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    engine_ = std::make_unique<FakeEngine>(penstock::test::FakeEngineOptions{.moving = false});
    openWindow();
  }
  void cleanup() {
    closeWindow();
    second_.reset();
    engine_.reset();
  }

  void whatIsWrongIsReadWithoutAClick() {
    connectEngine();
    QTRY_VERIFY_WITH_TIMEOUT(shows("2 things need you"), patience);
    QVERIFY(shows("loyalty-2 is stuck"));
    QVERIFY(shows("Holds back 3 tables, 2 dashboards · fraud features late"));
    QVERIFY(shows("known_store fails 3.1 % of sales"));
    QTRY_COMPARE_WITH_TIMEOUT(table("pipelines")->model()->index(0, PipelinesModel::Name).data().toString(), QString("loyalty"), patience);
    QCOMPARE(table("pipelines")->model()->index(1, PipelinesModel::Name).data().toString(), QString("sales"));
    QTRY_VERIFY_WITH_TIMEOUT(shows("No epoch closed on loyalty-2 while 182,400 rows wait"), patience);
  }

  void aClickOnTheCardOpensTheFailingRows() {
    connectEngine();
    QTRY_VERIFY_WITH_TIMEOUT(button("Show the rows"), patience);
    QSignalSpy opened(session_, &Session::openRequested);
    QTest::mouseClick(button("Show the rows"), Qt::LeftButton);
    QCOMPARE(opened.count(), 1);
    QCOMPARE(opened[0][0].value<Link>(), (Link{"uk", "quality", "sales/silver/known_store", {}}));
    QCOMPARE(window_->currentPage(), QString("quality"));
  }

  void oneClickResetsTheStuckPodAndCountsItsGap() {
    connectEngine();
    QTRY_VERIFY_WITH_TIMEOUT(button("Reset and replay the gap"), patience);
    QTest::mouseClick(button("Reset and replay the gap"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(shows("resumed at 88,120,394 · 182400 of 182400 rows · 0 lost · 0 doubled"), patience);
    QCOMPARE(engine_->commands().back(), std::string("reset loyalty-2"));
    QTRY_VERIFY_WITH_TIMEOUT(shows("1 thing needs you"), patience);
  }

  void aResetThatMaySendTwiceAsksInPlaceAndEscapeLeavesIt() {
    engine_->set_safe(false);
    connectEngine();
    QTRY_VERIFY_WITH_TIMEOUT(button("Reset and replay the gap"), patience);
    QTest::mouseClick(button("Reset and replay the gap"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(shows("Replays 182,400 rows"), patience);
    QVERIFY(!QApplication::activeModalWidget());
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(!shows("Replays 182,400 rows"), patience);
    QVERIFY(engine_->commands().back() != "reset loyalty-2");
  }

  void theKeyboardAloneFindsAndResetsThePod() {
    connectEngine();
    QTRY_COMPARE_WITH_TIMEOUT(session_->pods.rowCount(), 12, patience);
    keys("gp");
    QCOMPARE(window_->currentPage(), QString("pods"));
    QTRY_COMPARE_WITH_TIMEOUT(table("pods")->currentIndex().siblingAtColumn(PodsModel::Name).data().toString(), QString("loyalty-2"), patience);
    for (int tabs = 0; tabs < 20 && QApplication::focusWidget() != window_->findChild<QWidget*>("reset"); ++tabs) QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    QCOMPARE(QApplication::focusWidget(), window_->findChild<QWidget*>("reset"));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Space);
    QTRY_COMPARE_WITH_TIMEOUT(engine_->commands().back(), std::string("reset loyalty-2"), patience);
    QTRY_COMPARE_WITH_TIMEOUT(session_->pods.phaseOf(session_->pods.find("uk", "loyalty-2")), PodPhase::Running, patience);
  }

  void thePaletteGoesToAPodByItsName() {
    connectEngine();
    QTRY_COMPARE_WITH_TIMEOUT(session_->pods.rowCount(), 12, patience);
    QTest::keyClick(focused(), Qt::Key_K, Qt::ControlModifier);
    auto* palette = window_->findChild<QWidget*>("palette");
    QTRY_VERIFY(palette->isVisible());
    QTest::keyClicks(QApplication::focusWidget(), "sales-3");
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
    QVERIFY(!palette->isVisible());
    QCOMPARE(window_->currentPage(), QString("pods"));
    QCOMPARE(table("pods")->currentIndex().siblingAtColumn(PodsModel::Name).data().toString(), QString("sales-3"));
  }

  void thePalettePausesAPipelineAndTheFocusStaysAtItsUndo() {
    connectEngine();
    QTest::keyClick(focused(), Qt::Key_K, Qt::ControlModifier);
    QTest::keyClicks(QApplication::focusWidget(), "Pause inventory");
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
    QCOMPARE(window_->currentPage(), QString("overview"));
    QTRY_COMPARE_WITH_TIMEOUT(engine_->commands().back(), std::string("pause inventory"), patience);
    QTRY_VERIFY_WITH_TIMEOUT(button("Undo") && button("Close"), patience);
    QVERIFY(button("Undo")->parentWidget()->isAncestorOf(QApplication::focusWidget()));
    QTest::mouseClick(button("Undo"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(engine_->commands().back(), std::string("resume inventory"), patience);
  }

  void aFilterThatHidesEverythingSaysSoAndOffersAll() {
    connectEngine();
    keys("/zzz");
    QTRY_COMPARE_WITH_TIMEOUT(table("pipelines")->model()->rowCount(), 0, patience);
    QTRY_VERIFY_WITH_TIMEOUT(shows("The filter lets none through") && shows("There are 14 without it"), patience);
    QTest::mouseClick(button("Show all"), Qt::LeftButton);
    QCOMPARE(table("pipelines")->model()->rowCount(), 14);
  }

  void cardsStandInLinesOfThree() {
    connectEngine();
    for (const char* pod : {"shared-0", "shared-1", "loyalty-0"}) engine_->break_pod(pod);
    QTRY_VERIFY_WITH_TIMEOUT(button("and 2 more"), patience);
    QTest::mouseClick(button("and 2 more"), Qt::LeftButton);
    QList<QRect> cards;
    QSet<int> lines, columns;
    QVERIFY(QTest::qWaitFor([&] {
      cards.clear();
      lines.clear();
      columns.clear();
      for (const QWidget* widget : window_->findChildren<QWidget*>())
        if (widget->inherits("penstock::ui::AttentionCard") && widget->isVisible()) cards << widget->geometry();
      for (const QRect& card : cards) {
        lines << card.y();
        columns << card.x();
      }
      return cards.size() == 5 && lines.size() == 2 && columns.size() == 3;
    }, patience));
    for (const QRect& card : cards) QVERIFY(card.width() > 400);
    QVERIFY(!button("and 2 more"));
  }

  void lettersInATextFieldGoNowhereElse() {
    connectEngine();
    keys("gy");
    QCOMPARE(window_->currentPage(), QString("query"));
    auto* editor = window_->findChild<QPlainTextEdit*>();
    QTRY_COMPARE(QApplication::focusWidget(), editor);
    keys("g p?/");
    QCOMPARE(window_->currentPage(), QString("query"));
    QCOMPARE(editor->toPlainText(), QString("g p?/"));
    QVERIFY(!window_->findChild<QWidget*>("keys help")->isVisible());
  }

  void aQueryRunsByItsKeyAndSaysWhatWentWrong() {
    connectEngine();
    keys("gy");
    auto* editor = window_->findChild<QPlainTextEdit*>();
    editor->setPlainText("SELECT 500");
    QTest::keyClick(editor, Qt::Key_Return, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(shows("500 rows in 4.3 ms"), patience);
    editor->setPlainText("SELECT * FROM nonsense");
    QTest::keyClick(editor, Qt::Key_Return, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(shows("there is no table 'nonsense' — did you mean silver.sales?"), patience);
    editor->setPlainText("SELECT sleep");
    QTest::keyClick(editor, Qt::Key_Return, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(button("Cancel"), patience);
    QTest::mouseClick(button("Cancel"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(shows("cancelled after 0 rows"), patience);
  }

  void aDeadEngineIsToldAndTheOtherGoesOn() {
    connectEngine();
    second_ = std::make_unique<FakeEngine>(penstock::test::FakeEngineOptions{.seed = 2, .environment = "staging"});
    shown_->add("de", *second_);
    QTRY_COMPARE_WITH_TIMEOUT(session_->pipelines.rowCount(), 28, patience);
    QVERIFY(session_->engines.sentence().startsWith("2 of 2 engines live · slowest "));
    second_->stall(true);
    QTRY_VERIFY_WITH_TIMEOUT(session_->engines.sentence().startsWith("1 of 2 engines live · de silent for "), patience);
    QTRY_VERIFY_WITH_TIMEOUT(shows("Engine de: not answering"), patience);
    QCOMPARE(session_->pipelines.statusOf(session_->pipelines.find("de", "sales")), PipelineStatus::Unknown);
    engine_->set_rows_per_second("inventory", 4'321);
    const int inventory = session_->pipelines.find("uk", "inventory");
    QTRY_COMPARE_WITH_TIMEOUT(session_->pipelines.index(inventory, PipelinesModel::Rate).data().toString(), QString("4,321"), patience);
    second_->stall(false);
    QTRY_COMPARE_WITH_TIMEOUT(session_->engines.liveCount(), 2, patience);
  }

  void noRowMovesUnderThePointer() {
    connectEngine();
    auto* pipelines = table("pipelines");
    QTRY_COMPARE_WITH_TIMEOUT(pipelines->model()->rowCount(), 14, patience);
    QTRY_COMPARE_WITH_TIMEOUT(pipelines->model()->index(0, PipelinesModel::Name).data().toString(), QString("loyalty"), patience);
    QEnterEvent enter(QPointF(5, 5), QPointF(5, 5), QPointF(5, 5));
    QApplication::sendEvent(pipelines->viewport(), &enter);
    engine_->break_pod("shared-1");
    auto* order = qobject_cast<HeldOrder*>(pipelines->model());
    QTRY_VERIFY_WITH_TIMEOUT(order->pendingChanges() > 0, patience);
    QCOMPARE(order->index(2, PipelinesModel::Name).data().toString(), QString("customer_reports"));
    order->apply();
    QCOMPARE(order->index(0, PipelinesModel::Name).data().toString(), QString("ecommerce_orders"));
  }

  void noCardGoesFromUnderTheHand() {
    connectEngine();
    QTRY_VERIFY_WITH_TIMEOUT(button("Show the rows"), patience);
    const QPointer<QAbstractButton> pressed = button("Show the rows");
    pressed->setFocus();
    for (const char* pod : {"shared-0", "shared-1", "loyalty-0"}) engine_->break_pod(pod);
    // Four pods are worse than the failing rows, and three cards is the most.
    QTRY_VERIFY_WITH_TIMEOUT(shows("shared-1 is stuck") && button("and 1 more"), patience);
    QVERIFY(pressed && pressed->isVisible() && pressed->hasFocus());
    table("pipelines")->setFocus();
    QTRY_VERIFY_WITH_TIMEOUT(button("and 2 more"), patience);
    QVERIFY(!button("Show the rows"));
  }

  void withoutAnEngineThreeChoicesStandThere() {
    QVERIFY(window_->findChild<QWidget*>("start")->isVisible());
    QVERIFY(button("Start the demo"));
    QSignalSpy demo(window_, &MainWindow::demoRequested);
    QTest::mouseClick(button("Start the demo"), Qt::LeftButton);
    QCOMPARE(demo.count(), 1);
    auto* address = window_->findChild<QLineEdit*>("address");
    QTest::keyClicks(address, "nowhere");
    QTest::keyClick(address, Qt::Key_Return);
    QVERIFY(shows("An address is host:port, such as engine-1:7700"));
    address->clear();
    QSignalSpy connecting(window_, &MainWindow::connectRequested);
    QTest::keyClicks(address, "engine-1:7700");
    QTest::keyClick(address, Qt::Key_Return);
    QCOMPARE(connecting.count(), 1);
    QCOMPARE(connecting[0][0].toString(), QString("engine-1:7700"));
    connectEngine();
    QCOMPARE(window_->currentPage(), QString("overview"));
  }

  void theDemosStepsTickThemselvesOff() {
    connectEngine();
    window_->showDemoSteps();
    QTRY_VERIFY_WITH_TIMEOUT(button("1  See what is wrong ✓"), patience);
    QVERIFY(button("4  Reset what is stuck"));
    QTest::mouseClick(button("Reset and replay the gap"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(button("4  Reset what is stuck ✓"), patience);
  }

  void thePageAndTheHalfWrittenQuerySurviveARestart() {
    connectEngine();
    keys("gy");
    window_->findChild<QPlainTextEdit*>()->setPlainText("SELECT half of");
    closeWindow();
    openWindow();
    connectEngine();
    QCOMPARE(window_->currentPage(), QString("query"));
    QCOMPARE(window_->findChild<QPlainTextEdit*>()->toPlainText(), QString("SELECT half of"));
  }

  void filtersAndHalfWrittenFormsSurviveARestart() {
    connectEngine();
    const std::vector<std::tuple<const char*, const char*, QString>> written{
        {"overview", "Filter pipelines", "sal"}, {"overview", "Tenant", "retail-uk"}, {"overview", "State", "running"},
        {"latency", "Filter pipelines", "loy"}, {"quality", "Filter expectations", "store"}, {"pods", "Filter pods", "loyalty"}, {"pods", "Phase", "stuck"},
        {"replay", "Pipeline to replay", "inventory"}, {"replay", "From, UTC", "2026-11-20 10:00:00 UTC"}, {"replay", "Pipeline", "sales"},
        {"replay", "Filter rows by key or reason", "118"}, {"activity", "Search the audit log", "reset"}, {"settings", "Address of the engine", "engine-1:77"}};
    for (const auto& [page, name, value] : written) {
      window_->open({{}, page, {}, {}});
      const auto* box = qobject_cast<QComboBox*>(field(page, name));
      if (box) QTRY_VERIFY_WITH_TIMEOUT(box->findText(value) >= 0, patience);
      write(field(page, name), value);
    }
    closeWindow();
    openWindow();
    connectEngine();
    for (const auto& [page, name, value] : written) {
      window_->open({{}, page, {}, {}});
      QTRY_COMPARE_WITH_TIMEOUT(readBack(field(page, name)), value, patience);
    }
  }

  // A killed console says no good-bye.
  void whatIsHalfWrittenIsKeptWhileTheConsoleRuns() {
    connectEngine();
    keys("gy");
    window_->findChild<QPlainTextEdit*>()->setPlainText("SELECT half of");
    const auto kept = [this] { return Preferences(folder_->filePath("console.ini")).layout("query").value("sql").toString(); };
    QTRY_COMPARE_WITH_TIMEOUT(kept(), QString("SELECT half of"), patience);
  }

  void awayFromLiveNothingIsDone() {
    connectEngine();
    QTRY_VERIFY_WITH_TIMEOUT(button("Reset and replay the gap"), patience);
    window_->open({"uk", "lineage", "step/loyalty/silver", wallClockNow() - std::chrono::minutes(27)});
    QTRY_VERIFY_WITH_TIMEOUT(window_->findChild<QWidget*>("clock")->accessibleDescription().startsWith("You see "), patience);
    for (auto* candidate : window_->findChildren<QAbstractButton*>()) {
      if (candidate->isVisible() && candidate->text() == "Reset and replay the gap") QVERIFY(!candidate->isEnabled());
    }
    QTest::keyClick(focused(), Qt::Key_K, Qt::ControlModifier);
    QTest::keyClicks(QApplication::focusWidget(), "reset loyalty");
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
    QCOMPARE(window_->currentPage(), QString("lineage"));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
    keys("l");
    QTRY_VERIFY_WITH_TIMEOUT(window_->findChild<QWidget*>("clock")->accessibleDescription().startsWith("Live "), patience);
    QVERIFY(engine_->commands().back() != "reset loyalty-2");
  }

  void closingWhileStreamsRunAsksOnceInline() {
    connectEngine();
    window_->setAsksBeforeClosing(true);
    window_->close();
    auto* bar = window_->findChild<QWidget*>("close bar");
    QTRY_VERIFY(bar->isVisible());
    QVERIFY(window_->isVisible());
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
    QVERIFY(!bar->isVisible());
    window_->close();
    QSignalSpy drain(window_, &MainWindow::drainRequested);
    QTest::mouseClick(button("Drain and stop", bar), Qt::LeftButton);
    QCOMPARE(drain.count(), 1);
    window_->closeNow();
    QTRY_VERIFY(!window_->isVisible());
  }

 private:
  void openWindow() {
    shown_ = std::make_unique<WindowUnderTest>(folder_->filePath("console.ini"));
    session_ = &shown_->session;
    window_ = &shown_->window;
    window_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(window_, patience));
  }
  void closeWindow() { shown_.reset(); }
  void connectEngine() {
    shown_->add("uk", *engine_);
    QTRY_VERIFY_WITH_TIMEOUT(session_->pipelines.rowCount() >= 14, patience);
  }
  bool shows(const QString& text) const {
    for (const QLabel* label : window_->findChildren<QLabel*>()) {
      if (label->isVisible() && label->text() == text) return true;
    }
    return false;
  }
  QAbstractButton* button(const QString& text, QWidget* within = nullptr) const {
    for (QAbstractButton* button : (within ? within : window_)->findChildren<QAbstractButton*>()) {
      if (button->isVisible() && button->text() == text) return button;
    }
    return nullptr;
  }
  QWidget* field(const QString& page, const QString& name) const {
    for (QWidget* widget : window_->page(page)->findChildren<QWidget*>())
      if (widget->accessibleName() == name) return widget;
    return nullptr;
  }
  static void write(QWidget* widget, const QString& text) {
    if (auto* edit = qobject_cast<QLineEdit*>(widget)) edit->setText(text);
    else if (auto* box = qobject_cast<QComboBox*>(widget)) box->setCurrentText(text);
    else if (auto* time = qobject_cast<QDateTimeEdit*>(widget)) time->setDateTime(QDateTime::fromString(text.left(19) + "Z", "yyyy-MM-dd HH:mm:sst"));
  }
  static QString readBack(QWidget* widget) {
    if (const auto* edit = qobject_cast<QLineEdit*>(widget)) return edit->text();
    if (const auto* box = qobject_cast<QComboBox*>(widget)) return box->currentText();
    if (const auto* time = qobject_cast<QDateTimeEdit*>(widget)) return time->text();
    return {};
  }
  QTableView* table(const char* name) const { return window_->findChild<QTableView*>(name); }
  QWidget* focused() const { return QApplication::focusWidget() ? QApplication::focusWidget() : window_; }
  // Each key goes where the focus is by then.
  void keys(const QString& typed) {
    for (const QChar key : typed) QTest::keyClick(focused(), key.toLatin1());
  }

  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<FakeEngine> second_;
  std::unique_ptr<WindowUnderTest> shown_;
  Session* session_ = nullptr;          // of what is shown
  MainWindow* window_ = nullptr;
};

QTEST_MAIN(ConsoleTest)
#include "console_test.moc"
