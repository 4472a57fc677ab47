#include <QAbstractItemModelTester>
#include <QTest>

#include "support/fake_engine.h"
#include "viewmodels/rejected_model.h"

using namespace penstock::ui;
using penstock::test::FakeEngine;

namespace {
constexpr int patience = 30'000;
}

class RejectedModelTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    engine_ = std::make_unique<FakeEngine>();
    connection_ = std::make_unique<Connection>(Endpoint{"uk", QString::fromStdString(engine_->address()), {}, nullptr});
    model_ = std::make_unique<RejectedModel>();
    tester_ = std::make_unique<QAbstractItemModelTester>(model_.get(), QAbstractItemModelTester::FailureReportingMode::QtTest);
  }
  void cleanup() {
    tester_.reset();
    model_.reset();
    connection_.reset();
    engine_.reset();
  }

  void rowsThatAreNotHereYetAreGreyAndComeByThemselves() {
    showSales();
    const QModelIndex far = model_->index(1'100, RejectedModel::Key);
    QVERIFY(far.data(LoadingRole).toBool());
    QVERIFY(!far.data().isValid());
    QTRY_VERIFY_WITH_TIMEOUT(!far.data(LoadingRole).toBool(), patience);
    QCOMPARE(model_->rowAt(1'100)->origin.offset, 88'120'394 + 1'100 * 37);
  }

  void theValuesOfTheRowsAreColumnsAndTheFailingOneIsMarked() {
    showSales();
    QCOMPARE(model_->columnCount(), RejectedModel::firstValue + 6);
    QCOMPARE(model_->headerData(RejectedModel::firstValue + 1, Qt::Horizontal, Qt::DisplayRole).toString(), QString("store_id"));
    QCOMPARE(model_->index(0, RejectedModel::firstValue + 1).data().toString(), QString("118"));
    QCOMPARE(model_->index(0, RejectedModel::firstValue + 1).data(ToneRole).toInt(), int(voice::Failing));
    QCOMPARE(model_->index(0, RejectedModel::firstValue + 2).data(ToneRole).toInt(), int(voice::Normal));
    QCOMPARE(model_->index(0, RejectedModel::From).data().toString(), QString("pos.sales/3 @ 88120394"));
  }

  void aSelectionIsAFilterWithExceptions() {
    showSales();
    model_->choose(0, true);
    model_->choose(1, true);
    QCOMPARE(model_->chosenCount(), 2);
    QCOMPARE(model_->chosen().onlyIds.size(), 2);
    model_->chooseAll(true);
    QVERIFY(model_->setData(model_->index(5, RejectedModel::Chosen), Qt::Unchecked, Qt::CheckStateRole));
    QCOMPARE(model_->chosenCount(), 1'203);
    QCOMPARE(model_->chosen().exceptIds, QStringList{model_->rowAt(5)->id});
    QCOMPARE(model_->chosen().onlyIds, QStringList{});
    QCOMPARE(model_->chosen().stream, QString("sales"));
    model_->chooseAll(false);
    QCOMPARE(model_->chosenCount(), 0);
  }

  void anErrorIsToldAndTheNextReadMendsIt() {
    engine_->fail_next("ListRejected", "failed_precondition", "the index is being rebuilt", "try again in a minute");
    model_->show(connection_.get(), {.stream = "sales"});
    QTRY_COMPARE_WITH_TIMEOUT(model_->problem(), QString("the index is being rebuilt"), patience);
    QVERIFY(!model_->isLoading());
    model_->refresh();
    QTRY_COMPARE_WITH_TIMEOUT(model_->rowCount(), 1'204, patience);
    QCOMPARE(model_->problem(), QString());
  }

 private:
  void showSales() {
    model_->show(connection_.get(), {.stream = "sales", .expectation = "known_store"});
    QTRY_COMPARE_WITH_TIMEOUT(model_->rowCount(), 1'204, patience);
  }
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<RejectedModel> model_;
  std::unique_ptr<QAbstractItemModelTester> tester_;
};

QTEST_GUILESS_MAIN(RejectedModelTest)
#include "rejected_model_test.moc"
