// What an operator does on a bad morning, once by mouse and once by keyboard, on the real demo: sees what is wrong, follows
// a failing row to its bytes, mends the seed, redrives exactly some rows and sees gold corrected, resets a stuck pod, and
// reads the p99 of every edge on the graph. Each step leaves a picture.

#include <QPlainTextEdit>
#include <QRegularExpression>
#include <set>

#include "e2e/console/console_at_work.h"
#include "pages/sql_editor.h"
#include "support/operator.h"
#include "viewmodels/pods_model.h"
#include "viewmodels/query_model.h"
#include "viewmodels/rejected_model.h"
#include "widgets/graph_tree.h"
#include "widgets/graph_view.h"
#include "widgets/table_view.h"

using namespace penstock;
using namespace penstock::e2e;
using penstock::test::Operator;

Q_DECLARE_METATYPE(penstock::test::Operator::Hand)

namespace {

constexpr int kPatience = Operator::usualPatience;
constexpr int kRows = 3;                // that are redriven

// What all three windows of a minute say about the new stores.
QString linesInGoldBefore(const QString& time) {
  return "SELECT coalesce(sum(receipt_lines), 0) AS lines FROM gold.store_takings WHERE store_id IN (41, 42, 43) AND window_start < '" + time + "'";
}

// The event's own id in a table of failing rows.
QString eventOf(const ui::TableView& table, int row) {
  const QAbstractItemModel& model = *table.model();
  for (int column = 0; column < model.columnCount(); ++column)
    if (model.headerData(column, Qt::Horizontal).toString() == "event_id") return model.index(row, column).data().toString();
  return {};
}

// "12.5k/s · 1 / 4 ms". Nothing flows out of a seed, so that its edge says nothing; and no row has gone over an edge that says
// "0/s", so that there is nothing to measure. What goes into a window is measured when the window closes.
bool saysLatency(const QString& label) { return label.isEmpty() || label == "0/s" || label.contains(QRegularExpression("/s · [\\d.]+( ms| s)? / [\\d.]+ (ms|s|min)$")); }

}  // namespace

class ConsoleWalkTest : public QObject {
  Q_OBJECT
 private slots:
  void fromWhatIsWrongToGoldThatIsRight_data();
  void fromWhatIsWrongToGoldThatIsRight();

 private:
  void seesWhatIsWrong();
  void followsARowToItsBytes();
  void asksGold(const QString& answer);
  void mendsTheSeed();
  void redrivesTheRows();
  void resetsTheStuckPod();
  void readsEveryEdge();
  void readsTheGraph(ui::GraphView& graph);
  void readsTheTree(ui::GraphView& graph);
  void keeps(const char* name) { QVERIFY2(user_->keepsPicture(pictures_, name), qPrintable(user_->problem())); }
  template <typename Widget>
  Widget* find(const char* name) const {
    return console_->window().findChild<Widget*>(name);
  }

  std::unique_ptr<ConsoleAtWork> console_;
  std::unique_ptr<Operator> user_;
  std::unique_ptr<Witness> witness_;
  QString pictures_;
  QStringList events_;          // of the rows that are redriven
  QString closed_;              // their windows began before this
};

#define DO(action) QVERIFY2(user_->action, qPrintable(user_->problem()))
#define STEP(step)                           \
  step;                                      \
  if (QTest::currentTestFailed()) return

void ConsoleWalkTest::fromWhatIsWrongToGoldThatIsRight_data() {
  QTest::addColumn<Operator::Hand>("hand");
  QTest::newRow("mouse") << Operator::Hand::Mouse;
  QTest::newRow("keyboard") << Operator::Hand::Keyboard;
}

void ConsoleWalkTest::fromWhatIsWrongToGoldThatIsRight() {
  QFETCH(Operator::Hand, hand);
  const EmptyHome home;
  witness_ = std::make_unique<Witness>(home.demo());
  console_ = std::make_unique<ConsoleAtWork>(QStringList{"--demo"});
  const auto ended = qScopeGuard([this] { console_.reset(); });
  QVERIFY(QTest::qWaitForWindowActive(&console_->window()));
  user_ = std::make_unique<Operator>(console_->window(), hand);
  pictures_ = pictureFolder(QStringLiteral("walk-") + QTest::currentDataTag());
  events_.clear();

  STEP(seesWhatIsWrong());
  STEP(followsARowToItsBytes());
  // A minute of gold has to be over before it can be wrong.
  QTRY_VERIFY_WITH_TIMEOUT(witness_->number("SELECT count(*) FROM gold.store_takings WHERE window_start >= '" + closed_ + "'") > 0, 2 * kPatience);
  STEP(asksGold("0"));
  STEP(mendsTheSeed());
  STEP(redrivesTheRows());
  QTRY_COMPARE_WITH_TIMEOUT(witness_->number(linesInGoldBefore(closed_)), kRows, kPatience);
  STEP(asksGold(QString::number(kRows)));
  STEP(resetsTheStuckPod());
  STEP(readsEveryEdge());
}

void ConsoleWalkTest::seesWhatIsWrong() {
  QTRY_VERIFY_WITH_TIMEOUT(user_->card("known_store fails"), kPatience);
  keeps("what-is-wrong");
  DO(pressesOnCard("known_store fails", "Show the rows"));
}

void ConsoleWalkTest::followsARowToItsBytes() {
  auto* rows = find<ui::TableView>("rejected");
  QTRY_VERIFY_WITH_TIMEOUT(rows->model()->rowCount() > kRows, kPatience);
  QTRY_VERIFY_WITH_TIMEOUT(!eventOf(*rows, kRows - 1).isEmpty(), kPatience);
  for (int row = 0; row < kRows; ++row) events_ << eventOf(*rows, row);
  keeps("the-failing-rows");
  DO(takesRow(rows, 0));
  DO(waitsFor("Row " + rows->model()->index(0, ui::RejectedModel::Key).data().toString()));
  DO(presses("Show bytes"));
  auto* bytes = qobject_cast<QPlainTextEdit*>(user_->labelled("Bytes of the row"));
  QVERIFY(bytes);
  const auto raw = nlohmann::json::parse(bytes->toPlainText().toStdString(), nullptr, false);
  QVERIFY2(raw.is_object(), qPrintable(bytes->toPlainText()));
  QVERIFY(raw["store_id"].get<int>() >= 41 && raw["store_id"].get<int>() <= 43);
  QCOMPARE(QString::fromStdString(raw["event_id"].get<std::string>()), events_.front());
  keeps("its-raw-bytes");
  // The minute after the newest of the rows.
  const auto shown = witness_->ask({"query", "SELECT strftime(date_trunc('minute', now()::TIMESTAMP) + INTERVAL 1 MINUTE, '%Y-%m-%d %H:%M:%S') AS closed"});
  closed_ = QString::fromStdString(shown["rows"][0]["closed"].get<std::string>());
}

// Asks on the page Query, as anybody may.
void ConsoleWalkTest::asksGold(const QString& answer) {
  DO(goesTo("query", 'y'));
  auto* editor = console_->window().findChild<ui::SqlEditor*>();
  DO(focuses(editor));
  user_->key(Qt::Key_A, Qt::ControlModifier);
  user_->types(linesInGoldBefore(closed_));
  user_->key(Qt::Key_Escape);           // what the editor offers to complete
  if (user_->usesMouse()) DO(presses("Run"));
  else user_->key(Qt::Key_Return, Qt::ControlModifier);
  auto* result = qobject_cast<ui::TableView*>(user_->labelled("Result"));
  QVERIFY(result);
  QTRY_VERIFY_WITH_TIMEOUT(result->model()->rowCount() == 1 && user_->sees("1 row in"), kPatience);
  keeps(answer == "0" ? "gold-before" : "gold-after");
  QCOMPARE(result->model()->index(0, 0).data().toString(), answer);
}

void ConsoleWalkTest::mendsTheSeed() {
  DO(goesTo("quality", 'q'));
  DO(presses("Add 3 rows to seeds/stores.csv"));
  DO(waitsFor("ref.stores is written"));
  keeps("seed-mended");
}

void ConsoleWalkTest::redrivesTheRows() {
  auto* rows = find<ui::TableView>("rejected");
  const qint64 before = rows->model()->rowCount();
  for (int row = 0; row < kRows; ++row) {
    QCOMPARE(eventOf(*rows, row), events_[row]);
    DO(checksRow(rows, row));
  }
  DO(waitsFor(QStringLiteral("%1 of %2 chosen").arg(kRows).arg(before)));
  keeps("rows-chosen");
  DO(presses(QStringLiteral("Redrive these %1 rows").arg(kRows)));
  DO(waitsFor(QStringLiteral("%1 of %1 rows redriven").arg(kRows)));
  keeps("redriven");
  // Exactly those, and no other.
  QTRY_COMPARE_WITH_TIMEOUT(witness_->number("SELECT count(*) FROM silver.sales WHERE event_id IN ('" + events_.join("', '") + "')"), kRows, kPatience);
  QTRY_VERIFY_WITH_TIMEOUT(rows->model()->rowCount() >= before - kRows, kPatience);
  for (int row = 0; row < kRows; ++row) QVERIFY(!events_.contains(eventOf(*rows, row)));
}

void ConsoleWalkTest::resetsTheStuckPod() {
  DO(goesTo("overview", 'o'));
  QTRY_VERIFY_WITH_TIMEOUT(user_->card("loyalty is stuck"), kPatience);
  keeps("a-pod-is-stuck");
  DO(goesTo("pods", 'p'));
  auto* pods = find<ui::TableView>("pods");
  QTRY_COMPARE_WITH_TIMEOUT(pods->model()->index(0, ui::PodsModel::Name).data().toString(), QString("loyalty-0"), kPatience);
  DO(takesRow(pods, 0));
  keeps("found");
  const auto held = witness_->number("SELECT count(*) FROM bronze.loyalty_points");
  DO(presses("Reset and replay the gap"));
  DO(waitsFor("resumed at "));
  keeps("reset-and-its-gap");
  QVERIFY(user_->reads("resumed at ").contains(QRegularExpression("· ([\\d,]+) of \\1 rows · 0 lost · 0 doubled")));
  QTRY_VERIFY_WITH_TIMEOUT(witness_->number("SELECT count(*) FROM bronze.loyalty_points") > held, kPatience);
}

// By mouse on the graph, one pipeline after the other and as large as fits; by keyboard in the same graph as a tree.
void ConsoleWalkTest::readsEveryEdge() {
  DO(goesTo("lineage", 'l'));
  auto* graph = console_->window().findChild<ui::GraphView*>();
  const auto flows = [&] {
    int silent = 0;             // only seeds are
    for (const auto& edge : graph->scene().graph().edges) silent += edge.label.isEmpty() != graph->scene().node(edge.from).id.startsWith("seed/");
    return graph->total() > 0 && silent == 0;
  };
  QTRY_VERIFY_WITH_TIMEOUT(flows(), kPatience);
  keeps("lineage");
  if (user_->usesMouse()) readsTheGraph(*graph);
  else readsTheTree(*graph);
}

void ConsoleWalkTest::readsTheGraph(ui::GraphView& graph) {
  std::set<int> read;
  for (int node = 0; node < graph.total(); ++node) {
    const ui::GraphScene& scene = graph.scene();
    if (!scene.edgesTo(node).empty()) continue;
    const QString id = scene.node(node).id;
    DO(presses("Fit"));
    DO(clicksAt(&graph, graph.toWidget(scene.nodeRect(node).center()).toPoint()));
    QCOMPARE(graph.selected(), id);
    DO(presses("Downstream"));
    const std::vector<bool> below = scene.downstreamOf(node);
    std::vector<int> edges;
    for (int edge = 0; edge < static_cast<int>(scene.graph().edges.size()); ++edge)
      if (below[static_cast<size_t>(scene.edge(edge).from)]) edges.push_back(edge);
    QTRY_COMPARE_WITH_TIMEOUT(graph.labelled(), static_cast<int>(edges.size()), kPatience);
    for (const int edge : edges) QTRY_VERIFY2_WITH_TIMEOUT(saysLatency(scene.edge(edge).label), qPrintable(id + ": " + scene.edge(edge).label), kPatience);
    read.insert(edges.begin(), edges.end());
    keeps(qPrintable("edges-of-" + id.section('/', 1, 1)));
    DO(presses("Downstream"));
  }
  QCOMPARE(read.size(), graph.scene().graph().edges.size());
}

void ConsoleWalkTest::readsTheTree(ui::GraphView& graph) {
  DO(presses("As a tree"));
  auto* tree = console_->window().findChild<ui::GraphTree*>();
  QTRY_VERIFY_WITH_TIMEOUT(tree->isVisible(), kPatience);
  DO(focuses(tree));
  user_->key(Qt::Key_Home);
  std::set<std::pair<QString, QString>> read;
  for (int row = 0; row < tree->topLevelItemCount(); ++row) {
    user_->key(Qt::Key_Asterisk);               // opens all below
    if (row == 0) keeps("edges-as-a-tree");
    for (const QTreeWidgetItem* item = tree->currentItem(); item;) {
      user_->key(Qt::Key_Down);
      const QTreeWidgetItem* next = tree->currentItem();
      if (next == item) break;
      item = next;
      if (!item->parent()) break;
      QTRY_VERIFY2_WITH_TIMEOUT(saysLatency(item->text(2)), qPrintable(item->text(0) + ": " + item->text(2)), kPatience);
      read.insert({item->parent()->text(0), item->text(0)});
    }
  }
  QCOMPARE(read.size(), graph.scene().graph().edges.size());
}

QTEST_MAIN(ConsoleWalkTest)
#include "walk_test.moc"
