#include <QTest>

#include <QHeaderView>
#include <QPushButton>
#include <QSignalSpy>
#include <QStandardItemModel>

#include <limits>

#include "widgets/empty_state.h"
#include "widgets/mark_delegates.h"
#include "widgets/state_shape.h"
#include "widgets/table_view.h"
#include "widgets/theme.h"

using namespace penstock::ui;

namespace {

enum TestRole { ToneRole = Qt::UserRole + 1, StaleRole, ShapeRole, SeriesRole, ObjectiveRole, HistoryRole };

constexpr CellRoles roles{.tone = ToneRole, .stale = StaleRole};

bool holds(const QImage& image, const QColor& color) {
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x)
      if (image.pixelColor(x, y) == color) return true;
  return false;
}

// One cell painted by `delegate`, as it stands in a table.
QImage painted(QStyledItemDelegate* delegate, QStandardItem* item) {
  QStandardItemModel model;
  model.appendRow(item);
  TableView table;
  table.setModel(&model);
  table.setItemDelegate(delegate);
  table.resize(200, 2 * metrics::rowHeight);
  return table.viewport()->grab(QRect(0, 0, 180, metrics::rowHeight - 1)).toImage();
}

}  // namespace

class TableViewTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { applyTheme(*qApp, Theme::darkTheme()); }

  void rowsAreAllOfOneHeight() {
    QStandardItemModel model(3, 2);
    TableView table;
    table.setModel(&model);
    QCOMPARE(table.rowHeight(0), 34);
    QCOMPARE(table.rowHeight(2), 34);
  }

  void aSelectedRowHasTheAccentBarAtItsLeft() {
    QStandardItemModel model(3, 2);
    TableView table;
    table.setModel(&model);
    table.resize(300, 200);
    table.show();
    QTest::mouseClick(table.viewport(), Qt::LeftButton, {}, {50, 34 + 17});
    QCOMPARE(table.currentIndex().row(), 1);
    const QImage image = table.viewport()->grab().toImage();
    QCOMPARE(image.pixelColor(1, 34 + 17), Theme::darkTheme().accent);
    QCOMPARE(image.pixelColor(10, 34 + 5), Theme::darkTheme().selected);
    QCOMPARE(image.pixelColor(1, 17), Theme::darkTheme().panel);
  }

  void keysSortAsTheHeaderDoes() {
    QStandardItemModel model(20, 3);
    TableView table;
    table.setModel(&model);
    table.setColumnHidden(1, true);
    QHeaderView* header = table.horizontalHeader();
    header->setSectionsClickable(true);
    header->setSortIndicatorShown(false);
    connect(header, &QHeaderView::sectionClicked, header, [header](int column) {
      header->setSortIndicatorShown(true);
      header->setSortIndicator(column, Qt::AscendingOrder);
    });
    table.show();
    QSignalSpy clicked(header, &QHeaderView::sectionClicked);
    for (const auto key : {Qt::Key_Up, Qt::Key_Right, Qt::Key_Right, Qt::Key_Right, Qt::Key_Down, Qt::Key_Left}) QTest::keyClick(&table, key, Qt::ControlModifier);
    QList<int> columns;
    for (const auto& click : clicked) columns << click[0].toInt();
    // Up before anything is sorted says nothing; the third right finds no further column; the hidden one is passed over.
    QCOMPARE(columns, (QList<int>{0, 2, 2, 0}));
    header->setSectionsClickable(false);
    QTest::keyClick(&table, Qt::Key_Right, Qt::ControlModifier);
    QCOMPARE(clicked.size(), 4);
  }

  void keysMoveByRowsAndEnterOpens() {
    QStandardItemModel model(20, 2);
    TableView table;
    table.setModel(&model);
    table.setCurrentIndex(model.index(0, 1));
    table.show();
    QSignalSpy opened(&table, &QAbstractItemView::activated);
    QSignalSpy toggled(&table, &TableView::toggleRequested);
    QTest::keyClick(&table, Qt::Key_Down);
    QCOMPARE(table.currentIndex().row(), 1);
    QTest::keyClick(&table, Qt::Key_End);
    QCOMPARE(table.currentIndex().row(), 19);
    QTest::keyClick(&table, Qt::Key_Home);
    QCOMPARE(table.currentIndex().row(), 0);
    QTest::keyClick(&table, Qt::Key_Space);
    QCOMPARE(toggled.size(), 1);
    QCOMPARE(toggled[0][0].toModelIndex().row(), 0);
    QTest::keyClick(&table, Qt::Key_Return);
    QCOMPARE(opened.size(), 1);
  }

  void anEmptyTableSaysWhatToDoNext() {
    QStandardItemModel model(0, 2);
    TableView table;
    table.setModel(&model);
    table.setEmptyText("No pipelines", "Add one in the editor.", "Open the editor");
    table.resize(500, 400);
    table.show();
    QCOMPARE(table.overlayTitle(), "No pipelines");
    QSignalSpy pressed(&table, &TableView::overlayActionPressed);
    auto* button = table.findChild<EmptyState*>()->findChild<QPushButton*>();
    QCOMPARE(button->text(), "Open the editor");
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(pressed.size(), 1);

    model.appendRow(new QStandardItem("sales"));
    QCOMPARE(table.overlayTitle(), QString());
  }

  void loadingAppearsLateAndAnErrorAtOnce() {
    QStandardItemModel model(0, 1);
    TableView table;
    table.setModel(&model);
    table.setLoading("Loading pipelines");
    QCOMPARE(table.overlayTitle(), QString());
    QTRY_COMPARE(table.overlayTitle(), "Loading pipelines");
    table.setError("The engine does not answer", "It was last seen 14:05:12.", "Try again");
    QCOMPARE(table.overlayTitle(), "The engine does not answer");
  }

  void anErrorDoesNotCoverRowsThatAreThere() {
    QStandardItemModel model(1, 1);
    TableView table;
    table.setModel(&model);
    table.setError("The engine does not answer", "");
    QCOMPARE(table.overlayTitle(), QString());
  }

  void aNewOrderWaitsUntilItIsApplied() {
    QStandardItemModel model(2, 1);
    TableView table;
    table.setModel(&model);
    table.resize(400, 200);
    table.show();
    table.setPendingChanges(3);
    auto* button = table.findChild<QPushButton*>(QString(), Qt::FindDirectChildrenOnly);
    QCOMPARE(button->text(), "3 changes · apply");
    QSignalSpy applied(&table, &TableView::applyChangesRequested);
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(applied.size(), 1);
    table.setPendingChanges(0);
    QVERIFY(button->isHidden());
  }

  void aFailingStateIsADiamondAndASilentEnginesIsUnknown() {
    const Theme& theme = Theme::darkTheme();
    auto* item = new QStandardItem;
    item->setData(static_cast<int>(StateShape::Failing), ShapeRole);
    ShapeDelegate delegate(ShapeRole, roles);
    QVERIFY(holds(painted(&delegate, item->clone()), theme.failing));
    item->setData(true, StaleRole);
    QVERIFY(!holds(painted(&delegate, item), theme.failing));
  }

  void anObjectiveThatIsCrossedIsDrawnPastItsTick() {
    const Theme& theme = Theme::darkTheme();
    ObjectiveDelegate delegate(ObjectiveRole, roles);
    const auto cell = [&](double ratio) {
      auto* item = new QStandardItem;
      item->setData(ratio, ObjectiveRole);
      return painted(&delegate, item);
    };
    const int y = 17;       // through the bar
    const int past = 8 + 62;  // right of the tick
    QCOMPARE(cell(0.5).pixelColor(past, y), theme.line);
    QCOMPARE(cell(1.5).pixelColor(past, y), theme.warning);
    QVERIFY(holds(cell(std::numeric_limits<double>::infinity()), theme.failing));
    QVERIFY(!holds(cell(std::numeric_limits<double>::quiet_NaN()), theme.text));
  }

  void historyCellsDifferInHeight() {
    const Theme& theme = Theme::darkTheme();
    HistoryDelegate delegate(HistoryRole, roles);
    auto* item = new QStandardItem;
    item->setData(QVariant::fromValue(QList<int>{1, 2, 3, 0}), HistoryRole);
    const QImage image = painted(&delegate, item);
    const auto height = [&](int x, const QColor& color) {
      int count = 0;
      for (int y = 0; y < image.height(); ++y) count += image.pixelColor(x, y) == color;
      return count;
    };
    QCOMPARE(height(8 + 3, theme.dim), 4);
    QVERIFY(height(8 + 9 + 1, theme.warning) > 4);
    QCOMPARE(height(8 + 18 + 3, theme.failing), 13);
    QCOMPARE(height(8 + 27 + 3, theme.faint), 1);
  }

  void aCheckBoxIsPressedThroughTheModel() {
    QStandardItemModel model;
    auto* item = new QStandardItem("118-020481");
    item->setCheckable(true);
    model.appendRow(item);
    TableView table;
    table.setModel(&model);
    table.resize(300, 200);
    table.show();
    QTest::mouseClick(table.viewport(), Qt::LeftButton, {}, {14, 17});
    QCOMPARE(item->checkState(), Qt::Checked);
    QTest::mouseClick(table.viewport(), Qt::LeftButton, {}, {120, 17});
    QCOMPARE(item->checkState(), Qt::Checked);
  }
};

QTEST_MAIN(TableViewTest)
#include "table_view_test.moc"
