#include "rpc/activity_service.h"

#include <QTemporaryDir>
#include <QTest>

#include "backend/rpc/served.h"
#include "store/operations_db.h"

namespace penstock::rpc {

class ActivityServiceTest : public QObject {
  Q_OBJECT

 private slots:
  void the_audit_log_comes_in_pages_newest_first();
  void logs_come_with_their_past_and_go_on();
};

void ActivityServiceTest::the_audit_log_comes_in_pages_newest_first() {
  QTemporaryDir folder;
  auto database = open_operations_db(folder.filePath("operations.db").toStdString());
  QVERIFY(database.ok());
  AuditLog audit(**database);
  for (int i = 1; i <= 3; ++i) {
    QVERIFY(audit.begin({.command_id = "c" + std::to_string(i), .who = "anna", .at = i, .action = "pause pipeline", .target = "sales"}).ok());
    QVERIFY(audit.end("c" + std::to_string(i), "sales is paused", false, i).ok());
  }
  LogRing logs;
  Calls calls({});
  ActivityService service(calls, audit, logs);
  Served served({&service});
  v1::ListAuditRequest request;
  request.mutable_page()->set_offset(1);
  request.mutable_page()->set_limit(1);
  v1::ListAuditResponse response;
  grpc::ClientContext context;
  QVERIFY(v1::ActivityService::NewStub(served.channel())->ListAudit(&context, request, &response).ok());
  QCOMPARE(response.total(), 3);
  QCOMPARE(response.entries_size(), 1);
  QCOMPARE(response.entries(0).command_id(), std::string("c2"));
  QCOMPARE(response.entries(0).outcome(), std::string("sales is paused"));
}

void ActivityServiceTest::logs_come_with_their_past_and_go_on() {
  QTemporaryDir folder;
  auto database = open_operations_db(folder.filePath("operations.db").toStdString());
  QVERIFY(database.ok());
  AuditLog audit(**database);
  LogRing logs;
  logs.add({.at = 1, .level = "info", .origin = "engine", .text = "first"});
  logs.add({.at = 2, .level = "warning", .origin = "engine", .text = "second"});
  Calls calls({});
  ActivityService service(calls, audit, logs);
  Served served({&service});
  v1::EngineLogsRequest request;
  request.set_tail(1);
  request.set_follow(true);
  grpc::ClientContext context;
  const auto stub = v1::ActivityService::NewStub(served.channel());
  const auto reader = stub->Logs(&context, request);
  v1::LogLine line;
  QVERIFY(reader->Read(&line));
  QCOMPARE(line.text(), std::string("second"));
  logs.add({.at = 3, .level = "info", .origin = "engine", .text = "third"});
  QVERIFY(reader->Read(&line));
  QCOMPARE(line.text(), std::string("third"));
  context.TryCancel();
  reader->Finish();
}

}  // namespace penstock::rpc

QTEST_GUILESS_MAIN(penstock::rpc::ActivityServiceTest)
#include "activity_service_test.moc"
