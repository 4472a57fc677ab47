#include "rpc/commands.h"

#include <QTemporaryDir>
#include <QTest>

#include "store/operations_db.h"

namespace penstock::rpc {
namespace {

v1::Command command(const std::string& id, const std::string& expected_state = {}) {
  v1::Command made;
  made.set_id(id);
  made.set_why("it does not move");
  made.set_expected_state(expected_state);
  return made;
}

const CommandSubject kReset{.action = "reset pod", .target = "loyalty-0", .touches = "loyalty", .state = "stuck"};
const CallContext kAnna{.who = "anna@laptop"};

}  // namespace

class CommandsTest : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void a_command_is_in_the_audit_log_before_it_runs();
  void the_same_command_runs_once();
  void a_command_decided_on_another_state_is_refused();
  void a_failure_is_recorded_and_answered_again();
  void a_command_without_an_id_is_refused();

 private:
  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<AuditLog> audit_;
};

void CommandsTest::init() {
  audit_.reset();
  database_.reset();
  folder_ = std::make_unique<QTemporaryDir>();
  auto opened = open_operations_db(folder_->filePath("operations.db").toStdString());
  QVERIFY(opened.ok());
  database_ = std::move(opened).value();
  audit_ = std::make_unique<AuditLog>(*database_);
}

void CommandsTest::a_command_is_in_the_audit_log_before_it_runs() {
  Commands commands(*audit_);
  const auto outcome = commands.run(kAnna, command("c1"), kReset, [&]() -> Result<std::string> {
    const auto running = audit_->find("c1");
    if (!running.ok() || !running->has_value()) return Error(ErrorKind::internal, "not written yet");
    return (*running)->who + " " + (*running)->action + " " + (*running)->why + " [" + (*running)->outcome + "]";
  });
  QVERIFY(outcome.ok());
  QCOMPARE(outcome->outcome(), std::string("anna@laptop reset pod it does not move []"));
  QCOMPARE((*audit_->find("c1"))->outcome, outcome->outcome());
}

void CommandsTest::the_same_command_runs_once() {
  Commands commands(*audit_);
  int runs = 0;
  const auto work = [&]() -> Result<std::string> { return "run " + std::to_string(++runs); };
  QVERIFY(commands.run(kAnna, command("c1"), kReset, work).ok());
  const auto again = commands.run(kAnna, command("c1"), kReset, work);
  QVERIFY(again.ok());
  QCOMPARE(runs, 1);
  QVERIFY(again->repeated());
  QCOMPARE(again->outcome(), std::string("run 1"));
}

void CommandsTest::a_command_decided_on_another_state_is_refused() {
  Commands commands(*audit_);
  bool ran = false;
  const auto outcome = commands.run(kAnna, command("c1", "running"), kReset, [&]() -> Result<std::string> {
    ran = true;
    return std::string();
  });
  QVERIFY(!outcome.ok() && !ran);
  QCOMPARE(outcome.error().kind, ErrorKind::failed_precondition);
  QCOMPARE(outcome.error().message, std::string("loyalty-0 was running when you decided; it is stuck now"));
  QVERIFY((*audit_->find("c1"))->failed);
}

void CommandsTest::a_failure_is_recorded_and_answered_again() {
  Commands commands(*audit_);
  const auto work = []() -> Result<std::string> { return Error(ErrorKind::unavailable, "the pod does not answer"); };
  QCOMPARE(commands.run(kAnna, command("c1"), kReset, work).error().kind, ErrorKind::unavailable);
  QVERIFY((*audit_->find("c1"))->failed);
  QCOMPARE(commands.run(kAnna, command("c1"), kReset, work).error().message, std::string("the pod does not answer"));
}

void CommandsTest::a_command_without_an_id_is_refused() {
  Commands commands(*audit_);
  QCOMPARE(commands.run(kAnna, command(""), kReset, []() -> Result<std::string> { return std::string(); }).error().kind, ErrorKind::invalid_argument);
}

}  // namespace penstock::rpc

QTEST_GUILESS_MAIN(penstock::rpc::CommandsTest)
#include "commands_test.moc"
