#include <QTemporaryDir>
#include <QTest>

#include <fstream>

#include "store/database.h"

using namespace penstock;

namespace {

constexpr Migration kFirst[] = {{1, "CREATE TABLE t (a INTEGER)"}};
constexpr Migration kSecond[] = {{1, "CREATE TABLE t (a INTEGER)"}, {2, "ALTER TABLE t ADD COLUMN b TEXT NOT NULL DEFAULT 'x'"}};
constexpr Migration kBroken[] = {{1, "CREATE TABLE t (a INTEGER)"}, {2, "CREATE TABLE u (a INTEGER); CREATE TABLE t (a INTEGER)"}};

}  // namespace

class DatabaseTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::string path(const char* name) { return folder_.filePath(name).toStdString(); }

  static std::int64_t number(Database& database, std::string_view sql) {
    auto query = database.query(sql);
    if (!query.ok() || !query->next().ok()) return -1;
    return query->integer(0);
  }

 private slots:
  void the_folder_is_made_and_values_come_back() {
    auto database = Database::open(path("a/b/c.db"), Database::Durability::full, kFirst);
    QVERIFY2(database.ok(), database.ok() ? "" : database.error().to_string().c_str());
    QVERIFY((*database)->run("INSERT INTO t VALUES (?)", {std::int64_t{41}}).ok());
    QCOMPARE((*database)->rows_changed(), 1);
    QCOMPARE(number(**database, "SELECT a + 1 FROM t"), 42);
    const std::string bytes("a\0b", 3);
    auto query = (*database)->query("SELECT ?, ?, ?", {Blob{bytes}, 2.5, nullptr});
    QVERIFY(query.ok() && *query->next());
    QCOMPARE(query->text(0), bytes);
    QCOMPARE(query->real(1), 2.5);
    QVERIFY(query->is_null(2));
    QVERIFY(!*query->next());
  }

  void durability_and_journal_are_as_asked() {
    auto full = Database::open(path("full.db"), Database::Durability::full, kFirst);
    auto normal = Database::open(path("normal.db"), Database::Durability::normal, kFirst);
    QCOMPARE(number(**full, "PRAGMA synchronous"), 2);
    QCOMPARE(number(**normal, "PRAGMA synchronous"), 1);
    auto query = (*full)->query("PRAGMA journal_mode");
    QVERIFY(*query->next());
    QCOMPARE(query->text(0), std::string("wal"));
  }

  void migrations_run_once_and_in_order() {
    {
      auto database = Database::open(path("m.db"), Database::Durability::full, kFirst);
      QVERIFY((*database)->run("INSERT INTO t VALUES (7)").ok());
    }
    for (int times = 0; times < 2; ++times) {
      auto database = Database::open(path("m.db"), Database::Durability::full, kSecond);
      QVERIFY(database.ok());
      QCOMPARE(number(**database, "SELECT count(*) FROM t WHERE a = 7 AND b = 'x'"), 1);
      QCOMPARE(number(**database, "PRAGMA user_version"), 2);
    }
  }

  void a_migration_that_fails_changes_nothing() {
    { QVERIFY(Database::open(path("f.db"), Database::Durability::full, kFirst).ok()); }
    QVERIFY(!Database::open(path("f.db"), Database::Durability::full, kBroken).ok());
    auto database = Database::open(path("f.db"), Database::Durability::full, kFirst);
    QVERIFY(database.ok());
    QCOMPARE(number(**database, "SELECT count(*) FROM sqlite_master WHERE name = 'u'"), 0);
  }

  void a_newer_schema_is_refused() {
    { QVERIFY(Database::open(path("n.db"), Database::Durability::full, kSecond).ok()); }
    const auto database = Database::open(path("n.db"), Database::Durability::full, kFirst);
    QVERIFY(!database.ok());
    QCOMPARE(database.error().kind, ErrorKind::failed_precondition);
    QCOMPARE(database.error().message, std::string("written by a newer Penstock (schema 2, this one knows 1)"));
  }

  void a_damaged_file_is_data_loss() {
    std::ofstream(path("d.db")) << std::string(4'096, 'x');
    const auto database = Database::open(path("d.db"), Database::Durability::full, kFirst);
    QVERIFY(!database.ok());
    QCOMPARE(database.error().kind, ErrorKind::data_loss);
  }

  void a_full_disk_is_resource_exhausted_and_leaves_what_was() {
    auto database = Database::open(path("full2.db"), Database::Durability::full, kFirst);
    QVERIFY((*database)->run("INSERT INTO t VALUES (1)").ok());
    const std::int64_t pages = number(**database, "PRAGMA page_count");
    QVERIFY((*database)->script(("PRAGMA max_page_count = " + std::to_string(pages)).c_str()).ok());
    {
      auto transaction = Transaction::begin(**database);
      QVERIFY(transaction.ok());
      Status status;
      for (int i = 0; i < 10'000 && status.ok(); ++i) status = (*database)->run("INSERT INTO t VALUES (2)");
      QVERIFY(!status.ok());
      QCOMPARE(status.error().kind, ErrorKind::resource_exhausted);
    }
    QCOMPARE(number(**database, "SELECT count(*) FROM t"), 1);
  }

  void a_transaction_that_is_not_committed_is_undone() {
    auto database = Database::open(path("t.db"), Database::Durability::full, kFirst);
    {
      auto transaction = Transaction::begin(**database);
      QVERIFY((*database)->run("INSERT INTO t VALUES (1)").ok());
    }
    QCOMPARE(number(**database, "SELECT count(*) FROM t"), 0);
    {
      auto transaction = Transaction::begin(**database);
      QVERIFY((*database)->run("INSERT INTO t VALUES (1)").ok());
      QVERIFY(transaction->commit().ok());
    }
    QCOMPARE(number(**database, "SELECT count(*) FROM t"), 1);
  }

  void wrong_sql_is_an_error_with_its_text() {
    auto database = Database::open(path("w.db"), Database::Durability::full, kFirst);
    const auto query = (*database)->query("SELEKT 1");
    QVERIFY(!query.ok());
    QCOMPARE(query.error().kind, ErrorKind::internal);
    QVERIFY(query.error().message.find("SELEKT") != std::string::npos);
  }

  void contains_text_knows_no_wildcards() {
    auto database = Database::open(path("c.db"), Database::Durability::full, kFirst);
    QCOMPARE(number(**database, "SELECT contains_text('Order-7', 'oRDER')"), 1);
    QCOMPARE(number(**database, "SELECT contains_text('Order-7', '%')"), 0);
    QCOMPARE(number(**database, "SELECT contains_text('ababac', 'abac')"), 1);
    QCOMPARE(number(**database, "SELECT contains_text('ab', 'abc')"), 0);
    QCOMPARE(number(**database, "SELECT contains_text('ab', '')"), 1);
  }
};

QTEST_APPLESS_MAIN(DatabaseTest)
#include "database_test.moc"
