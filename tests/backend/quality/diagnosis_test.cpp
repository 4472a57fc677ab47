#include "quality/diagnosis.h"

#include <QTemporaryDir>
#include <QTest>

#include "store/operations_db.h"

namespace penstock {

class DiagnosisTest : public QObject {
  Q_OBJECT

 private slots:
  void a_lookup_in_a_seed_is_recognised();
  void the_keys_that_are_missing_are_named();
  void a_mended_seed_is_seen();
  void any_other_expectation_is_said_as_it_is();
};

namespace {

const std::string kKnownStore = "store_id IN (SELECT id FROM ref.stores)";

RejectedDetail row(std::int64_t offset, const std::string& values) {
  RejectedDetail detail;
  detail.row = {.stream = "sales", .table = "quarantine", .step = "silver", .expectation = "known_store", .reason = "unknown", .source = "pos",
                .position = {0, offset}, .values = values};
  return detail;
}

}  // namespace

void DiagnosisTest::a_lookup_in_a_seed_is_recognised() {
  const auto lookup = seed_lookup_of("  store_id in (select \"id\" from ref.stores) ");
  QVERIFY(lookup.has_value());
  QCOMPARE(lookup->column, std::string("store_id"));
  QCOMPARE(lookup->key, std::string("id"));
  QCOMPARE(lookup->seed, std::string("stores"));
  QVERIFY(!seed_lookup_of("qty > 0").has_value());
  QVERIFY(!seed_lookup_of("store_id NOT IN (SELECT id FROM ref.stores)").has_value());
}

void DiagnosisTest::the_keys_that_are_missing_are_named() {
  QTemporaryDir folder;
  auto database = open_operations_db(folder.filePath("operations.db").toStdString());
  QVERIFY(database.ok());
  RejectedIndex rejected(**database);
  const std::vector<RejectedDetail> rows{row(1, R"({"store_id": 41})"), row(2, R"({"store_id": 42})"), row(3, R"({"store_id": 41})"), row(4, R"({"store_id": null})")};
  QCOMPARE(*rejected.insert(rows), 4);
  const auto found = diagnose("sales", "known_store", kKnownStore, rejected, [](const SeedLookup&) { return Result(std::set<std::string>{"1", "2"}); });
  QVERIFY(found.ok());
  QCOMPARE(found->seed, std::string("stores"));
  QCOMPARE(found->missing_keys, (std::vector<std::string>{"41", "42"}));
  QCOMPARE(found->open_rows, 4);
  QCOMPARE(found->would_pass, 0);
  QCOMPARE(found->sentence, std::string("2 keys are missing from ref.stores. With them, 3 of 4 rows pass."));
}

void DiagnosisTest::a_mended_seed_is_seen() {
  QTemporaryDir folder;
  auto database = open_operations_db(folder.filePath("operations.db").toStdString());
  QVERIFY(database.ok());
  RejectedIndex rejected(**database);
  const std::vector<RejectedDetail> rows{row(1, R"({"store_id": 41})"), row(2, R"({"store_id": "42"})")};
  QCOMPARE(*rejected.insert(rows), 2);
  const auto found = diagnose("sales", "known_store", kKnownStore, rejected, [](const SeedLookup&) { return Result(std::set<std::string>{"41", "42"}); });
  QVERIFY(found.ok());
  QCOMPARE(found->would_pass, 2);
  QCOMPARE(found->sentence, std::string("ref.stores holds all keys now: 2 rows would pass."));
}

void DiagnosisTest::any_other_expectation_is_said_as_it_is() {
  QTemporaryDir folder;
  auto database = open_operations_db(folder.filePath("operations.db").toStdString());
  QVERIFY(database.ok());
  RejectedIndex rejected(**database);
  const auto found = diagnose("sales", "qty_positive", "qty > 0", rejected, [](const SeedLookup&) { return Result(std::set<std::string>{}); });
  QVERIFY(found.ok());
  QCOMPARE(found->seed, std::string());
  QCOMPARE(found->sentence, std::string("0 rows fail qty > 0."));
}

}  // namespace penstock

QTEST_GUILESS_MAIN(penstock::DiagnosisTest)
#include "diagnosis_test.moc"
