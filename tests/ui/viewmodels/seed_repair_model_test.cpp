#include <QAbstractItemModelTester>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "support/fake_engine.h"
#include "viewmodels/rejected_detail.h"
#include "viewmodels/rejected_export.h"
#include "viewmodels/seed_flow.h"
#include "viewmodels/seed_repair_model.h"

using namespace penstock::ui;
using penstock::test::FakeEngine;

namespace {
constexpr int patience = 30'000;
const QString knownStore = "store_id IN (SELECT id FROM ref.stores)";
}  // namespace

class SeedRepairModelTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    engine_ = std::make_unique<FakeEngine>();
    connection_ = std::make_unique<Connection>(Endpoint{"uk", QString::fromStdString(engine_->address()), {}, nullptr});
  }
  void cleanup() {
    connection_.reset();
    engine_.reset();
  }

  void theMissingKeysAreRowsToBeFilledIn() {
    SeedRepairModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.show(connection_.get(), "sales", "known_store", knownStore);
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 14, patience);
    QCOMPARE(model.headerData(0, Qt::Horizontal, Qt::DisplayRole).toString(), QString("id"));
    QCOMPARE(model.index(0, 0).data().toString(), QString("118"));
    QVERIFY(!model.flags(model.index(0, 0)).testFlag(Qt::ItemIsEditable));
    QVERIFY(model.setData(model.index(0, 1), "Hull, dock \"B\"", Qt::EditRole));
    const QByteArray csv = model.repaired().csv;
    QVERIFY(csv.startsWith("id,name\n101,Leeds\n102,York\n118,\"Hull, dock \"\"B\"\"\"\n119,\n"));
    QCOMPARE(model.repaired().revision, QString("1"));
  }

  // Somebody may be typing when more rows fail.
  void aKeyThatFailsLaterComesBelowAndOneThatIsFoundGoes() {
    SeedRepairModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.show(connection_.get(), "sales", "known_store", knownStore);
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 14, patience);
    QVERIFY(model.setData(model.index(1, 1), "Hull", Qt::EditRole));
    const QPersistentModelIndex typed = model.index(1, 1);
    engine_->set_first_missing_store(116);
    model.refresh();
    QVERIFY(!model.diagnosis().sentence.isEmpty());             // what is known stays to be read
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 16, patience);
    QCOMPARE(model.index(14, 0).data().toString(), QString("116"));
    QCOMPARE(typed.data().toString(), QString("Hull"));
    engine_->set_first_missing_store(119);
    QTRY_VERIFY_WITH_TIMEOUT(!model.isLoading(), patience);
    model.refresh();
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 13, patience);
    QCOMPARE(typed.row(), 0);
    QCOMPARE(typed.data().toString(), QString("Hull"));
  }

  void anExpectationWithoutASeedHasNoRepair() {
    SeedRepairModel model;
    model.show(connection_.get(), "sales", "qty_positive", "qty > 0");
    QTRY_VERIFY_WITH_TIMEOUT(!model.isLoading(), patience);
    QVERIFY(!model.hasRepair());
  }

  void writingTheSeedMakesTheRowsPass() {
    SeedRepairModel model;
    model.show(connection_.get(), "sales", "known_store", knownStore);
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 14, patience);
    SeedFlow flow(*connection_, model.repaired(), model.diagnosis().missingKeys);
    QCOMPARE(flow.title(), QString("Add 14 rows to seeds/stores.csv"));
    flow.start();
    QTRY_COMPARE_WITH_TIMEOUT(flow.stage(), ActionFlow::Stage::Done, patience);
    model.reload();
    QTRY_COMPARE_WITH_TIMEOUT(model.diagnosis().wouldPass, 1'204, patience);
    QVERIFY(!model.hasRepair());
  }

  void aSeedThatSomeoneElseChangedIsRefused() {
    SeedRepairModel model;
    model.show(connection_.get(), "sales", "known_store", knownStore);
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 14, patience);
    Seed stale = model.repaired();
    stale.revision = "0";
    SeedFlow flow(*connection_, stale, model.diagnosis().missingKeys);
    flow.start();
    QTRY_COMPARE_WITH_TIMEOUT(flow.stage(), ActionFlow::Stage::Failed, patience);
    QCOMPARE(flow.problem().message, QString("the seed was changed by someone else"));
  }

  void aRowTellsItsJourneyAndAChoiceItsPreview() {
    RejectedDetail detail;
    detail.showRow(connection_.get(), "sales/pos.sales/3/88120394/0");
    QTRY_VERIFY_WITH_TIMEOUT(detail.journey().has_value(), patience);
    QCOMPARE(detail.journey()->stops.size(), 4u);
    QCOMPARE(detail.journey()->stops[2].state, QString("rejected"));
    RejectedFilter chosen{.stream = "sales", .expectation = "known_store"};
    detail.showChoice(connection_.get(), chosen, 1'204);
    QTRY_COMPARE_WITH_TIMEOUT(detail.previewText(), QString("Preview: 1,204 rows → silver.sales, ops.velocity. 18 windows are computed again. Nothing is sent twice."), patience);
  }

  void allRowsAreExportedWhateverTheirNumber() {
    QTemporaryDir folder;
    const QString path = folder.filePath("rows.csv");
    RejectedExport exporter;
    QSignalSpy ended(&exporter, &RejectedExport::ended);
    exporter.start(connection_.get(), {.stream = "sales", .expectation = "known_store"}, path);
    QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 1, patience);
    QCOMPARE(ended[0][1].toString(), QString());
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArrayList lines = file.readAll().split('\n');
    QCOMPARE(lines.size(), 1'204 + 2);
    QVERIFY(lines[0].startsWith("id,key,reason,rejected_at,source,partition,offset,event_id,store_id"));
  }

 private:
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<Connection> connection_;
};

QTEST_GUILESS_MAIN(SeedRepairModelTest)
#include "seed_repair_model_test.moc"
