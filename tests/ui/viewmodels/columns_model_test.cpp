#include <QAbstractItemModelTester>
#include <QTest>

#include "support/fake_engine.h"
#include "viewmodels/columns_model.h"

using namespace penstock::ui;
using penstock::test::FakeEngine;

namespace {

constexpr int patience = 30'000;

}  // namespace

class ColumnsModelTest : public QObject {
  Q_OBJECT

  static QStringList told(const std::vector<ColumnEdge>& edges, bool up) {
    QStringList all;
    for (const ColumnEdge& edge : edges) all << (up ? edge.fromNode + ' ' + edge.fromColumn : edge.toNode + ' ' + edge.toColumn);
    all.sort();
    return all;
  }

 private slots:
  void theWayOfAColumnIsFollowedUpAndDown() {
    FakeEngine engine;
    Connection connection(Endpoint{"uk", QString::fromStdString(engine.address()), {}, nullptr});
    ColumnsModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.show(&connection, "step/sales/silver");
    QVERIFY(model.isLoading());
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 4, patience);
    QCOMPARE(model.index(2, ColumnsModel::Name).data().toString(), QString("amount"));
    QCOMPARE(model.index(2, ColumnsModel::Type).data().toString(), QString("DECIMAL(18,2)"));
    QCOMPARE(model.index(2, 0).data(Qt::ToolTipRole).toString(), QString("amount = (qty * unit_price)"));
    QCOMPARE(told(model.into(2), true), (QStringList{"table/bronze.pos qty", "table/bronze.pos unit_price"}));
    QCOMPARE(told(model.origins(2), true), (QStringList{"source/sales/source qty", "source/sales/source unit_price"}));
    QCOMPARE(told(model.destinations(2), false), (QStringList{"step/sales/velocity amount"}));
    QCOMPARE(told(model.outOf(2), false), (QStringList{"step/sales/velocity amount"}));
    QCOMPARE(model.way(2).size(), 4);
    // event_id goes no further.
    QVERIFY(model.into(0).empty());
    QCOMPARE(model.way(0), QStringList{"step/sales/silver"});
    model.show(nullptr, {});
    QCOMPARE(model.rowCount(), 0);
  }
};

QTEST_GUILESS_MAIN(ColumnsModelTest)
#include "columns_model_test.moc"
