#include <QTemporaryDir>
#include <QTest>

#include "store/audit_log.h"
#include "store/operations_db.h"

using namespace penstock;

class AuditLogTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<Database> database_;

  static AuditEntry entry(const std::string& id, const std::string& action, const std::string& target) {
    AuditEntry entry;
    entry.command_id = id;
    entry.who = "alex";
    entry.at = 100;
    entry.action = action;
    entry.target = target;
    entry.why = "paged at night";
    entry.touches = "1 pipeline";
    return entry;
  }

 private slots:
  void init() { database_ = std::move(open_operations_db(folder_.filePath(QTest::currentTestFunction()).toStdString()).value()); }

  void a_command_is_there_before_it_has_an_outcome() {
    AuditLog log(*database_);
    QVERIFY(!log.begin(entry("c1", "reset pod", "loyalty-0"))->has_value());
    const auto found = *log.find("c1");
    QVERIFY(found.has_value());
    QCOMPARE(found->outcome, std::string());
    QCOMPARE(found->who, std::string("alex"));
    QCOMPARE(found->touches, std::string("1 pipeline"));
    QVERIFY(log.end("c1", "resumed", false, 200).ok());
    QCOMPARE((*log.find("c1"))->outcome, std::string("resumed"));
    QCOMPARE((*log.find("c1"))->ended_at, 200);
  }

  void the_same_id_again_answers_the_first_outcome() {
    AuditLog log(*database_);
    QVERIFY(log.begin(entry("c1", "reset pod", "loyalty-0")).ok());
    QVERIFY(log.end("c1", "resumed", false, 200).ok());
    QVERIFY(log.end("c1", "another outcome", true, 300).ok());
    const auto again = log.begin(entry("c1", "reset pod", "loyalty-0"));
    QVERIFY(again.ok() && again->has_value());
    QCOMPARE((*again)->outcome, std::string("resumed"));
    QVERIFY(!(*again)->failed);
  }

  void an_id_of_another_command_is_refused() {
    AuditLog log(*database_);
    QVERIFY(log.begin(entry("c1", "reset pod", "loyalty-0")).ok());
    QCOMPARE(log.begin(entry("c1", "pause", "sales")).error().kind, ErrorKind::invalid_argument);
    QCOMPARE(log.begin(entry("", "pause", "sales")).error().kind, ErrorKind::invalid_argument);
    QCOMPARE(log.end("c2", "x", false, 1).error().kind, ErrorKind::not_found);
  }

  void what_an_engine_left_without_an_outcome_is_closed() {
    AuditLog log(*database_);
    QVERIFY(log.begin(entry("c1", "reset pod", "loyalty-0")).ok());
    QVERIFY(log.close_interrupted("the engine ended before it", 500).ok());
    QCOMPARE((*log.find("c1"))->outcome, std::string("the engine ended before it"));
    QVERIFY((*log.find("c1"))->failed);
  }

  void pages_are_newest_first_and_searched() {
    AuditLog log(*database_);
    for (int i = 1; i <= 5; ++i) QVERIFY(log.begin(entry("c" + std::to_string(i), i % 2 ? "pause" : "resume", "sales-" + std::to_string(i))).ok());
    const auto page = log.list("", 1, 2);
    QCOMPARE(page->total, 5);
    QCOMPARE(page->entries.size(), std::size_t{2});
    QCOMPARE(page->entries[0].command_id, std::string("c4"));
    QCOMPARE(page->entries[1].command_id, std::string("c3"));
    QCOMPARE(log.list("RESUME", 0, 10)->total, 2);
    QCOMPARE(log.list("sales-3", 0, 10)->entries[0].command_id, std::string("c3"));
    QCOMPARE(log.list("at night", 0, 10)->total, 5);
    QCOMPARE(log.list("%", 0, 10)->total, 0);
  }
};

QTEST_APPLESS_MAIN(AuditLogTest)
#include "audit_log_test.moc"
