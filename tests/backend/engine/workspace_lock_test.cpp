#include "engine/workspace_lock.h"

#include <QTemporaryDir>
#include <QTest>

#include <future>

#include "engine/own_process.h"

namespace penstock {

class WorkspaceLockTest : public QObject {
  Q_OBJECT

 private slots:
  void one_engine_at_a_time_and_the_second_learns_where_the_first_is();
  void asking_who_holds_it_changes_nothing();
  void what_an_engine_left_behind_is_no_holder();
  void one_that_does_not_listen_is_waited_for();
};

void WorkspaceLockTest::one_engine_at_a_time_and_the_second_learns_where_the_first_is() {
  QTemporaryDir folder;
  const std::string root = folder.filePath("state").toStdString();
  auto first = WorkspaceLock::acquire(root);
  QVERIFY(first.ok());
  QVERIFY((*first)->publish("127.0.0.1:7433", "s3cret").ok());
  const auto second = WorkspaceLock::acquire(root);
  QVERIFY(!second.ok());
  QCOMPARE(second.error().kind, ErrorKind::failed_precondition);
  QCOMPARE(second.error().where, std::string("127.0.0.1:7433"));
  *first = nullptr;
  QVERIFY(WorkspaceLock::acquire(root).ok());
}

void WorkspaceLockTest::asking_who_holds_it_changes_nothing() {
  QTemporaryDir folder;
  const std::string root = folder.path().toStdString();
  QVERIFY(!holder_of(root).has_value());
  auto lock = WorkspaceLock::acquire(root);
  QVERIFY(lock.ok());
  QVERIFY((*lock)->publish("127.0.0.1:7433", "s3cret").ok());
  const auto holder = holder_of(root);
  QVERIFY(holder.has_value());
  QCOMPARE(holder->address, std::string("127.0.0.1:7433"));
  QCOMPARE(holder->token, std::string("s3cret"));
  QCOMPARE(holder->process_id, own_process_id());
  // Looking closed a descriptor of the file: the lock is still held.
  QVERIFY(!WorkspaceLock::acquire(root).ok());
}

void WorkspaceLockTest::what_an_engine_left_behind_is_no_holder() {
  QTemporaryDir folder;
  const std::string root = folder.path().toStdString();
  {
    auto lock = WorkspaceLock::acquire(root);
    QVERIFY(lock.ok());
    QVERIFY((*lock)->publish("127.0.0.1:7433", "s3cret").ok());
  }
  QVERIFY(!holder_of(root).has_value());
}

// As a command does that works on a workspace without an engine, while an engine starts.
void WorkspaceLockTest::one_that_does_not_listen_is_waited_for() {
  QTemporaryDir folder;
  const std::string root = folder.path().toStdString();
  auto passing = WorkspaceLock::acquire(root);
  QVERIFY(passing.ok());
  std::promise<void> asked;
  auto second = std::async(std::launch::async, [&] {
    asked.set_value();
    return WorkspaceLock::acquire(root);
  });
  asked.get_future().wait();
  *passing = nullptr;
  auto taken = second.get();
  QVERIFY2(taken.ok(), taken.ok() ? "" : taken.error().to_string().c_str());

  std::promise<void> looked;
  auto holder = std::async(std::launch::async, [&] {
    looked.set_value();
    return holder_of(root);
  });
  looked.get_future().wait();
  QVERIFY((*taken)->publish("127.0.0.1:7433", "s3cret").ok());
  QCOMPARE(holder.get()->address, std::string("127.0.0.1:7433"));
}

}  // namespace penstock

QTEST_GUILESS_MAIN(penstock::WorkspaceLockTest)
#include "workspace_lock_test.moc"
