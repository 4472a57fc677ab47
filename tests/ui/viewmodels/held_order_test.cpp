#include <QAbstractItemModelTester>
#include <QRandomGenerator>
#include <QStandardItemModel>
#include <QTest>

#include "viewmodels/held_order.h"
#include "viewmodels/roles.h"

using namespace penstock::ui;

namespace {

QStandardItem* itemOf(const QString& name, int rank) {
  auto* item = new QStandardItem(name);
  item->setData(name, IdRole);
  item->setData(rank, RankRole);
  item->setData(name, SearchRole);
  item->setData(rank == 4, HealthyRole);
  item->setData(name, SortRole);
  return item;
}

QStringList namesOf(const QAbstractItemModel& model) {
  QStringList names;
  for (int row = 0; row < model.rowCount(); ++row) names << model.index(row, 0).data().toString();
  return names;
}

}  // namespace

class HeldOrderTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    source_ = std::make_unique<QStandardItemModel>();
    for (const auto& [name, rank] : {std::pair("sales", 4), std::pair("loyalty", 0), std::pair("clicks", 4), std::pair("stock", 1)}) source_->appendRow(itemOf(name, rank));
    order_ = std::make_unique<HeldOrder>(source_.get());
    tester_ = std::make_unique<QAbstractItemModelTester>(order_.get(), QAbstractItemModelTester::FailureReportingMode::QtTest);
  }
  void cleanup() {
    tester_.reset();
    order_.reset();
    source_.reset();
  }

  void showsTheWorstFirstAndThenByName() { QCOMPARE(namesOf(*order_), (QStringList{"loyalty", "stock", "clicks", "sales"})); }

  void aWorseRowMovesUpAndTakesTheSelectionAlong() {
    const QPersistentModelIndex selected = order_->index(3, 0);
    source_->item(0)->setData(0, RankRole);
    QTRY_COMPARE(namesOf(*order_), (QStringList{"loyalty", "sales", "stock", "clicks"}));
    QCOMPARE(selected.row(), 1);
    QCOMPARE(selected.data().toString(), QString("sales"));
  }

  void noRowMovesWhileItIsHeldAndTheChangesAreCounted() {
    order_->hold(HeldOrder::Reason::Pointer, true);
    source_->item(0)->setData(0, RankRole);
    QTRY_VERIFY(order_->pendingChanges() > 0);
    QCOMPARE(namesOf(*order_), (QStringList{"loyalty", "stock", "clicks", "sales"}));
    order_->apply();
    QCOMPARE(order_->pendingChanges(), 0);
    QCOMPARE(namesOf(*order_), (QStringList{"loyalty", "sales", "stock", "clicks"}));
  }

  void whatWaitedIsAppliedWhenNothingHoldsItAnyMore() {
    order_->hold(HeldOrder::Reason::Pointer, true);
    order_->hold(HeldOrder::Reason::Focus, true);
    source_->item(0)->setData(0, RankRole);
    QTRY_VERIFY(order_->pendingChanges() > 0);
    order_->hold(HeldOrder::Reason::Pointer, false);
    QVERIFY(order_->isHeld());
    order_->hold(HeldOrder::Reason::Focus, false);
    QTRY_COMPARE(namesOf(*order_), (QStringList{"loyalty", "sales", "stock", "clicks"}));
  }

  void aNewRowComesLastWhileItIsHeld() {
    order_->hold(HeldOrder::Reason::Focus, true);
    source_->insertRow(0, itemOf("alarm", 0));
    QCOMPARE(namesOf(*order_), (QStringList{"loyalty", "stock", "clicks", "sales", "alarm"}));
    order_->apply();
    QCOMPARE(namesOf(*order_).first(), QString("alarm"));
  }

  void healthyRowsFoldIntoANumberUnlessOneSearches() {
    order_->foldHealthy(1);
    QCOMPARE(namesOf(*order_), (QStringList{"loyalty", "stock"}));
    QCOMPARE(order_->foldedHealthy(), 2);
    order_->setText("CLI");
    QCOMPARE(namesOf(*order_), QStringList{"clicks"});
    order_->setText({});
    order_->foldHealthy(2);
    QCOMPARE(order_->foldedHealthy(), 0);
    QCOMPARE(order_->rowCount(), 4);
  }

  void sortsByAColumnEitherWay() {
    order_->sort(0, Qt::DescendingOrder);
    QCOMPARE(namesOf(*order_), (QStringList{"stock", "sales", "loyalty", "clicks"}));
    order_->sort(0, Qt::AscendingOrder);
    QCOMPARE(namesOf(*order_).first(), QString("clicks"));
    order_->sort(-1);
    QCOMPARE(namesOf(*order_).first(), QString("loyalty"));
  }

  void staysConsistentUnderRandomChanges() {
    const quint32 seed = QRandomGenerator::global()->generate();
    qInfo("seed %u", seed);
    QRandomGenerator random(seed);
    order_->foldHealthy(3);
    for (int i = 0; i < 400; ++i) {
      switch (random.bounded(6)) {
        case 0: source_->insertRow(random.bounded(source_->rowCount() + 1), itemOf(QString::number(i), random.bounded(6))); break;
        case 1: if (source_->rowCount() > 1) source_->removeRow(random.bounded(source_->rowCount())); break;
        case 2: order_->hold(HeldOrder::Reason::Pointer, random.bounded(2)); break;
        case 3: order_->apply(); break;
        case 4: order_->setText(random.bounded(2) ? "1" : ""); break;
        default: source_->item(random.bounded(source_->rowCount()))->setData(random.bounded(6), RankRole);
      }
    }
    order_->hold(HeldOrder::Reason::Pointer, false);
    order_->setText({});
    order_->foldHealthy(-1);
    QCOMPARE(order_->rowCount(), source_->rowCount());
    for (int row = 1; row < order_->rowCount(); ++row) {
      QVERIFY(order_->index(row - 1, 0).data(RankRole).toInt() <= order_->index(row, 0).data(RankRole).toInt());
    }
  }

 private:
  std::unique_ptr<QStandardItemModel> source_;
  std::unique_ptr<HeldOrder> order_;
  std::unique_ptr<QAbstractItemModelTester> tester_;
};

QTEST_GUILESS_MAIN(HeldOrderTest)
#include "held_order_test.moc"
