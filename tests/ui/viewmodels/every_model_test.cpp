// Every item model through what befalls it: filled, changed, its engine silent, back, and removed. The tester looks at each
// signal and index on the way.

#include <QAbstractItemModelTester>
#include <QTemporaryDir>
#include <QTest>

#include "client/replay_client.h"
#include "support/fake_engine.h"
#include "viewmodels/audit_model.h"
#include "viewmodels/lineage_model.h"
#include "viewmodels/query_model.h"
#include "viewmodels/session.h"
#include "viewmodels/workspace_connections_model.h"

using namespace penstock::ui;
using penstock::test::FakeEngine;

namespace {

constexpr int patience = 30'000;
constexpr auto strict = QAbstractItemModelTester::FailureReportingMode::QtTest;

// Every cell in every role that Qt or we know answers without a crash.
void readAll(const QAbstractItemModel& model) {
  for (int row = 0; row < model.rowCount(); ++row)
    for (int column = 0; column < model.columnCount(); ++column)
      for (const int role : {int(Qt::DisplayRole), int(Qt::ToolTipRole), int(Qt::TextAlignmentRole), int(Qt::AccessibleTextRole), int(Qt::CheckStateRole),
                             int(SortRole), int(IdRole), int(ToneRole), int(ShapeRole), int(SearchRole), int(LinkRole)})
        model.index(row, column).data(role);
}

}  // namespace

class EveryModelTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    engine_ = std::make_unique<FakeEngine>();
    fleet_ = std::make_unique<Fleet>();
    preferences_ = std::make_unique<Preferences>(folder_.filePath("console.ini"));
    session_ = std::make_unique<Session>(*fleet_, *preferences_);
  }
  void cleanup() {
    session_.reset();
    fleet_.reset();
    engine_.reset();
  }

  void ofTheFleet() {
    const std::vector<QAbstractItemModel*> models{&session_->pipelines, &session_->pods, &session_->expectations, &session_->replays, &session_->attention, &session_->engines};
    std::vector<std::unique_ptr<QAbstractItemModelTester>> testers;
    for (QAbstractItemModel* model : models) testers.push_back(std::make_unique<QAbstractItemModelTester>(model, strict));
    const auto readThem = [&] {
      for (const QAbstractItemModel* model : models) readAll(*model);
    };
    Connection* uk = connectEngine();
    for (const QAbstractItemModel* model : models) QTRY_VERIFY_WITH_TIMEOUT(model == &session_->replays || model->rowCount() > 0, patience);
    readThem();
    ReplayClient(*uk).redrive({"c1", "why", 0, {}}, {{.stream = "sales"}, 10}, session_.get(), Reply<ReplayState>([](const Answer<ReplayState>&) {}));
    engine_->break_pod("shared-1");
    engine_->set_rows_per_second("inventory", 1);
    QTRY_VERIFY_WITH_TIMEOUT(session_->replays.rowCount() > 0 && session_->attention.rowCount() > 1, patience);
    readThem();
    engine_->stall(true);
    QTRY_COMPARE_WITH_TIMEOUT(uk->state(), EngineState::NotAnswering, patience);
    readThem();
    engine_->stall(false);
    QTRY_VERIFY_WITH_TIMEOUT(uk->isFresh(), patience);
    readThem();
    fleet_->remove("uk");
    for (const QAbstractItemModel* model : models) QCOMPARE(model->rowCount(), 0);
  }

  void theLineage() {
    LineageModel model;
    QAbstractItemModelTester tester(&model, strict);
    model.show(connectEngine());
    QTRY_VERIFY_WITH_TIMEOUT(model.rowCount() > 0, patience);
    readAll(model);
    model.show(nullptr);
    QCOMPARE(model.rowCount(), 0);
  }

  void theAuditLog() {
    AuditModel model;
    QAbstractItemModelTester tester(&model, strict);
    Connection* uk = connectEngine();
    model.show(uk, {});
    QTRY_VERIFY_WITH_TIMEOUT(model.rowCount() > 0 && model.entryAt(0), patience);
    readAll(model);
    model.setTimeZone(TimeZone::Local);
    model.refresh();
    model.show(uk, "nobody did this");
    QTRY_VERIFY_WITH_TIMEOUT(!model.isLoading(), patience);
    QCOMPARE(model.rowCount(), 0);
    engine_->fail_next("ListAudit", "unavailable", "not now", {});
    model.show(uk, {});
    QTRY_COMPARE_WITH_TIMEOUT(model.problem(), QString("not now"), patience);
  }

  void theResultOfAQuery() {
    QueryModel model;
    QAbstractItemModelTester tester(&model, strict);
    Connection* uk = connectEngine();
    model.run(uk, "SELECT 25000");
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 10'000, patience);
    QTRY_VERIFY_WITH_TIMEOUT(!model.isRunning(), patience);
    QVERIFY(model.canFetchMore({}));
    model.run(uk, "SELECT 3");
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 3, patience);
    readAll(model);
    model.run(uk, "SELECT nonsense");
    QTRY_VERIFY_WITH_TIMEOUT(!model.problem().message.isEmpty(), patience);
    model.run(uk, "SELECT sleep");
    model.cancel();
    QCOMPARE(model.rowCount(), 0);
  }

  void theConnectionsOfAWorkspace() {
    WorkspaceConnectionsModel model;
    QAbstractItemModelTester tester(&model, strict);
    model.show(connectEngine());
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 3, patience);
    model.test(1);
    QTRY_VERIFY_WITH_TIMEOUT(model.index(1, WorkspaceConnectionsModel::Outcome).data().toString().startsWith("connection refused"), patience);
    readAll(model);
    model.show(nullptr);
    QCOMPARE(model.rowCount(), 0);
  }

 private:
  Connection* connectEngine() { return &fleet_->add({"uk", QString::fromStdString(engine_->address()), {}, nullptr}); }
  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<Fleet> fleet_;
  std::unique_ptr<Preferences> preferences_;
  std::unique_ptr<Session> session_;
};

QTEST_GUILESS_MAIN(EveryModelTest)
#include "every_model_test.moc"
