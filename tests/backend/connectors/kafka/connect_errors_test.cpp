#include "connectors/kafka/connect_errors.h"

#include <QTest>

#include "backend/sql/rows.h"

using namespace penstock;
using namespace penstock::kafka;

namespace {

const SchemaPtr kDead = test::make_schema({{"_source", {TypeKind::varchar}}, {"_partition", {TypeKind::int32}}, {"_offset", {TypeKind::int64}}, {"_key", {TypeKind::blob}},
                                           {"_headers", {TypeKind::json}}, {"_raw", {TypeKind::blob}}, {"_step", {TypeKind::varchar}}, {"_reason", {TypeKind::varchar}},
                                           {"_values", {TypeKind::json}}});

// "name=value", NULL as "name".
QStringList headers(const DeadLetterMessage& message) {
  QStringList all;
  for (const auto& [name, value] : message.headers) all << QString::fromStdString(value ? name + "=" + *value : name);
  return all;
}

}  // namespace

class ConnectErrorsTest : public QObject {
  Q_OBJECT
 private slots:
  void aRecordGoesAsItCameAndSaysWhatBecameOfIt() {
    QVERIFY(are_dead_letters(*kDead));
    QVERIFY(!are_dead_letters(*test::make_schema({{"_raw", {TypeKind::blob}}, {"qty", {TypeKind::int32}}})));
    const Batch rows = test::make_batch(kDead, {{"pos.sales", "3", "42", "k", R"({"trace":"a","twice":["1","2"],"bytes":{"base64":"AQ=="},"other":{"base64":"?"},"none":null,"__connect.errors.stage":"old"})", "raw \x01", "decode",
                                                 "qty: expected a whole number", "NULL"}});
    const DeadLetterMessage message = dead_letter_message(rows, 0, "sales", 2);
    QCOMPARE(*message.key, std::string("k"));
    QCOMPARE(*message.value, std::string("raw \x01"));
    QStringList expected{"bytes=\x01", "none", "other={\"base64\":\"?\"}", "trace=a", "twice=1", "twice=2"};
    for (const char* header : {"topic=pos.sales", "partition=3", "offset=42", "connector.name=sales", "task.id=2", "stage=VALUE_CONVERTER", "class.name=decode",
                               "exception.class.name=penstock.DeadLetter", "exception.message=qty: expected a whole number"})
      expected << QString("__connect.errors.") + header;
    QCOMPARE(headers(message), expected);
  }
  void whatASinkRefusedGoesByItsColumns() {
    const Batch rows = test::make_batch(kDead, {{"NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "silver.postgres.sales", "too long", R"({"sku":"a"})"},
                                                {"NULL", "NULL", "NULL", "NULL", "no JSON", "NULL", "silver", "no", "NULL"}});
    const DeadLetterMessage refused = dead_letter_message(rows, 0, "sales", 0);
    QVERIFY(!refused.key);
    QCOMPARE(*refused.value, std::string(R"({"sku":"a"})"));
    QVERIFY(headers(refused).contains("__connect.errors.stage=TASK_PUT"));
    QVERIFY(headers(refused).contains("__connect.errors.topic"));
    const DeadLetterMessage of_step = dead_letter_message(rows, 1, "sales", 0);
    QVERIFY(!of_step.value);
    QVERIFY(headers(of_step).contains("__connect.errors.stage=TRANSFORMATION"));
  }
};

QTEST_GUILESS_MAIN(ConnectErrorsTest)
#include "connect_errors_test.moc"
