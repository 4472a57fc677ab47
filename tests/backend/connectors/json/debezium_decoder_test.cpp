#include "connectors/json/debezium_decoder.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <climits>

#include "io/json_schema_contract.h"
#include "support/decoded_records.h"

using namespace penstock;
using penstock::test::decode;

namespace {

constexpr auto kContract = "{\"type\":\"object\",\"required\":[\"id\",\"name\"],\"properties\":{\"id\":{\"type\":\"integer\"},\"name\":{\"type\":\"string\"},"
                           "\"price\":{\"type\":[\"number\",\"null\"],\"x-precision\":12,\"x-scale\":2},\"at\":{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"},"
                           "\"day\":{\"type\":[\"string\",\"null\"],\"format\":\"date\"},\"tags\":{}}}";

std::unique_ptr<Decoder> decoder_of(json::Decimals decimals = json::Decimals::precise, std::vector<std::string> key = {"id"}) {
  const auto contract = parse_json_schema_contract(kContract, "order.json");
  if (!contract.ok()) qFatal("%s", contract.error().to_string().c_str());
  auto decoder = make_debezium_decoder({*contract, std::move(key), decimals});
  if (!decoder.ok()) qFatal("%s", decoder.error().to_string().c_str());
  return std::move(*decoder);
}

std::string changed(const std::string& op, const std::string& before, const std::string& after, const std::string& more = "") {
  return "{\"before\":" + before + ",\"after\":" + after + ",\"source\":{\"ts_ms\":1763640000123,\"lsn\":7},\"op\":\"" + op + "\",\"ts_ms\":1" + more + "}";
}

QString only(const std::string& record, json::Decimals decimals = json::Decimals::precise) {
  const auto decoder = decoder_of(decimals);
  return decode(*decoder, {record}).text();
}

}  // namespace

class DebeziumDecoderTest : public QObject {
  Q_OBJECT

 private slots:
  void each_operation_is_a_change_of_its_row() {
    const auto decoder = decoder_of();
    const auto rows = decode(*decoder, {changed("r", "null", "{\"id\":1,\"name\":\"a\"}"), changed("c", "null", "{\"id\":2,\"name\":\"b\"}"),
                                        changed("u", "{\"id\":1,\"name\":\"a\"}", "{\"id\":1,\"name\":\"z\"}"), changed("d", "{\"id\":2,\"name\":null}", "null")});
    QCOMPARE(rows.text(0), "1|a|NULL|NULL|NULL|NULL|c");
    QCOMPARE(rows.text(1), "2|b|NULL|NULL|NULL|NULL|c");
    QCOMPARE(rows.text(2), "1|z|NULL|NULL|NULL|NULL|u");
    QCOMPARE(rows.text(3), "2|NULL|NULL|NULL|NULL|NULL|d");
    QVERIFY(rows.decoded.failures.empty());
    for (const std::int64_t time : rows.decoded.source_times) QCOMPARE(time, std::int64_t{1763640000123000});
  }

  void the_finer_time_of_the_source_counts() {
    const auto decoder = decoder_of();
    const auto rows = decode(*decoder, {"{\"op\":\"c\",\"source\":{\"ts_us\":1763640000123456,\"ts_ms\":1763640000123,\"ts_ns\":1763640000123456789},\"after\":{\"id\":1,\"name\":\"a\"}}",
                                        "{\"op\":\"c\",\"source\":null,\"after\":{\"id\":1,\"name\":\"a\"}}"});
    QCOMPARE(rows.decoded.source_times, (std::vector<std::int64_t>{1763640000123456, 0}));
  }

  // A record whose ends are known is read as the same one with a blank in it, for which a parser is needed.
  void what_postgres_cdc_writes_is_read_as_any_other_envelope() {
    const std::string of_copy = ",\"source\":{\"ts_us\":1763640000123456,\"lsn\":\"0/15D0A28\",\"snapshot\":true}}", of_log = ",\"source\":{\"ts_us\":1763640000123456,\"lsn\":\"16/B374D848\",\"txId\":731}}";
    const std::string row = "{\"id\":1,\"name\":\"a\\\",\\\"source\\\":{}}\",\"price\":12.50,\"at\":\"2026-01-31T12:00:00.5Z\",\"day\":\"2026-01-31\"}";
    const std::vector<std::string> records{"{\"op\":\"r\",\"before\":null,\"after\":" + row + of_copy,
                                           "{\"op\":\"c\",\"before\":null,\"after\":" + row + of_log,
                                           "{\"op\":\"u\",\"before\":null,\"after\":{\"id\":3,\"name\":\"z\",\"price\":null,\"at\":null,\"day\":null}" + of_log,
                                           "{\"op\":\"d\",\"before\":{\"id\":1},\"after\":null" + of_log,
                                           "{\"op\":\"d\",\"before\":" + row + ",\"after\":null" + of_log,
                                           "{\"op\":\"u\",\"before\":" + row + ",\"after\":" + row + of_log,
                                           "{\"op\":\"c\",\"before\":null,\"after\":null" + of_log,
                                           "{\"op\":\"c\",\"before\":null,\"after\":{\"id\":1,\"name\":7}" + of_log,
                                           "{\"op\":\"c\",\"before\":null,\"after\":{\"id\":1}" + of_log,
                                           "{\"op\":\"c\",\"before\":null,\"after\":{\"id\":1,\"name\":\"a\"" + of_log,
                                           "{\"op\":\"t\",\"before\":null,\"after\":{}" + of_log,
                                           "{\"op\":\"c\",\"before\":null,\"after\":{\"id\":1,\"name\":\"a\",\"x\":{\"y\":1}" + of_log + "}"};
    for (const bool with_json : {true, false}) {
      auto contract = parse_json_schema_contract(kContract, "order.json");
      QVERIFY(contract.ok());
      if (!with_json) contract->fields.pop_back();
      for (const std::string& record : records) {
        const auto decoder = make_debezium_decoder({*contract, {"id"}});
        QVERIFY(decoder.ok());
        const auto known = decode(**decoder, {record}), parsed = decode(**decoder, {"{ " + record.substr(1)});
        QCOMPARE(known.decoded.failures.size(), parsed.decoded.failures.size());
        QCOMPARE(known.decoded.drift.size(), parsed.decoded.drift.size());
        QVERIFY2(known.decoded.failures.empty() ? known.text() == parsed.text() : known.rows.column(0).is_null(0), record.c_str());
        if (known.decoded.failures.empty()) QCOMPARE(known.decoded.source_times, parsed.decoded.source_times);
      }
    }
    // What it never writes is refused rather than taken for a part of the row.
    const auto refused = decode(*decoder_of(), {"{\"op\":\"c\",\"before\":null,\"after\":{\"id\":1,\"name\":\"a\"},\"x\":{}" + of_log});
    QVERIFY(refused.decoded.failures.size() == 1 && refused.rows.column(0).is_null(0));
    QCOMPARE(only(records[0]), "1|a\",\"source\":{}}|12.50|2026-01-31T12:00:00.500Z|2026-01-31|NULL|c");
  }

  void tombstones_are_skipped_not_refused() {
    const auto decoder = decoder_of();
    RawBatch raw;
    const std::string removal = changed("d", "{\"id\":2}", "null"), creation = changed("c", "null", "{\"id\":3,\"name\":\"c\"}");
    raw.append({.position = {0, 0}, .value = removal});
    raw.append({.position = {0, 1}, .key = "{\"id\":2}", .has_key = true, .tombstone = true});
    raw.append({.position = {0, 2}, .value = creation});
    BatchBuilder columns(decoder->schema());
    test::DecodedRows rows;
    rows.decoded = decoder->decode(raw, columns);
    rows.rows = columns.finish();
    QCOMPARE(rows.decoded.skipped, (std::vector<std::int64_t>{1}));
    QVERIFY(rows.decoded.failures.empty());
    QCOMPARE(rows.rows.rows(), 3);
    QCOMPARE(rows.text(0), "2|NULL|NULL|NULL|NULL|NULL|d");
    QCOMPARE(rows.text(2), "3|c|NULL|NULL|NULL|NULL|c");
  }

  void a_removal_without_its_row_is_known_by_the_key_of_the_message() {
    const auto decoder = decoder_of();
    const std::string removal = changed("d", "null", "null");
    for (const std::string key : {"{\"id\":9}", "{\"schema\":{\"type\":\"struct\"},\"payload\":{\"id\":9}}"}) {
      RawBatch raw;
      raw.append({.value = removal, .key = key, .has_key = true});
      BatchBuilder columns(decoder->schema());
      test::DecodedRows rows;
      rows.decoded = decoder->decode(raw, columns);
      rows.rows = columns.finish();
      QCOMPARE(rows.text(), "9|NULL|NULL|NULL|NULL|NULL|d");
    }
    QCOMPARE(only(removal), "refused: before: expected the row that is removed, got null, and the message has no key");
  }

  void without_a_schema_numbers_are_as_the_connector_writes_them() {
    // 1234 is 0x04d2; -1 is 0xff.
    QCOMPARE(only(changed("c", "null", "{\"id\":1,\"name\":\"a\",\"price\":\"BNI=\",\"at\":1763640000123456,\"day\":20412,\"tags\":\"{\\\"a\\\": [1]}\"}")),
             "1|a|12.34|2025-11-20T12:00:00.123456Z|2025-11-20|{\"a\": [1]}|c");
    QCOMPARE(only(changed("c", "null", "{\"id\":1,\"name\":\"a\",\"price\":\"/w==\"}")), "1|a|-0.01|NULL|NULL|NULL|c");
    QCOMPARE(only(changed("c", "null", "{\"id\":1,\"name\":\"a\",\"price\":\"12.34\"}"), json::Decimals::string), "1|a|12.34|NULL|NULL|NULL|c");
    QCOMPARE(only(changed("c", "null", "{\"id\":1,\"name\":\"a\",\"price\":12.34}"), json::Decimals::number), "1|a|12.34|NULL|NULL|NULL|c");
    QCOMPARE(only(changed("c", "null", "{\"id\":1,\"name\":\"a\",\"price\":{\"scale\":1,\"value\":\"BNI=\"}}")), "1|a|123.40|NULL|NULL|NULL|c");
  }

  void with_a_schema_they_are_what_it_says() {
    const std::string fields = "[{\"field\":\"id\",\"type\":\"int64\"},{\"field\":\"name\",\"type\":\"string\"},"
                               "{\"field\":\"price\",\"type\":\"bytes\",\"name\":\"org.apache.kafka.connect.data.Decimal\",\"parameters\":{\"scale\":\"1\"}},"
                               "{\"field\":\"at\",\"type\":\"int64\",\"name\":\"io.debezium.time.Timestamp\"},"
                               "{\"field\":\"tags\",\"type\":\"string\",\"name\":\"io.debezium.data.Json\"}]";
    const std::string schema = "{\"type\":\"struct\",\"fields\":[{\"type\":\"struct\",\"field\":\"before\",\"fields\":" + fields + "},{\"type\":\"struct\",\"field\":\"after\",\"fields\":" + fields + "}]}";
    QCOMPARE(only("{\"schema\":" + schema + ",\"payload\":" + changed("u", "null", "{\"id\":1,\"name\":\"a\",\"price\":\"BNI=\",\"at\":1763640000123,\"tags\":\"[1]\"}") + "}"),
             "1|a|123.40|2025-11-20T12:00:00.123Z|NULL|[1]|u");
  }

  void what_cannot_be_a_change_is_refused_data() {
    QTest::addColumn<QString>("record");
    QTest::addColumn<QString>("reason");
    const auto after = [](const char* row) { return QString::fromStdString(changed("u", "null", row)); };
    QTest::newRow("no envelope") << "{\"id\":1}" << "expected a change in Debezium's envelope, and there is no 'op'";
    QTest::newRow("no object") << "[1]" << "expected a change in Debezium's envelope: a JSON object";
    QTest::newRow("no row") << QString::fromStdString(changed("u", "null", "null")) << "after: expected the row, got null";
    QTest::newRow("another op") << QString::fromStdString(changed("x", "null", "{}")) << "op: expected c, r, u or d, got 'x'";
    QTest::newRow("truncation") << QString::fromStdString(changed("t", "null", "null")) << "the table was truncated: which rows are gone the change does not say";
    QTest::newRow("large value not told") << after("{\"id\":1,\"name\":\"__debezium_unavailable_value\"}")
                                          << "name: Debezium does not say what it is: a large value that did not change; REPLICA IDENTITY FULL for its table lets it say so";
    QTest::newRow("null in the key") << after("{\"id\":null,\"name\":\"a\"}") << "id: expected a whole number, got null";
    QTest::newRow("missing") << after("{\"id\":1}") << "name: is missing";
    QTest::newRow("type") << after("{\"id\":\"one\",\"name\":\"a\"}") << "id: expected a whole number, got \"one\"";
    QTest::newRow("json that is none") << after("{\"id\":1,\"name\":\"a\",\"tags\":\"1,\\\"id\\\":2\"}") << "tags: expected JSON, got \"1,\\\"id\\\":2\"";
    QTest::newRow("a scale beyond all bounds")
        << "{\"schema\":{\"fields\":[{\"field\":\"after\",\"fields\":[{\"field\":\"price\",\"name\":\"org.apache.kafka.connect.data.Decimal\",\"parameters\":{\"scale\":\"2000000000\"}}]}]},"
           "\"payload\":{\"op\":\"c\",\"after\":{\"id\":1,\"name\":\"a\",\"price\":\"BNI=\"}}}"
        << "price: expected a decimal of at most 38 digits as bytes in base64, got \"BNI=\"";
    QTest::newRow("not closed") << "{\"op\":\"c\",\"after\":{\"id\":1" << "expected a change in Debezium's envelope: a JSON object";
  }
  void what_cannot_be_a_change_is_refused() {
    QFETCH(QString, record);
    QFETCH(QString, reason);
    const auto decoder = decoder_of();
    const auto rows = decode(*decoder, {changed("c", "null", "{\"id\":7,\"name\":\"left\"}"), record.toStdString(), changed("d", "{\"id\":8}", "null")});
    QCOMPARE(rows.text(1), "refused: " + reason);
    QCOMPARE(rows.text(0), "7|left|NULL|NULL|NULL|NULL|c");
    QCOMPARE(rows.text(2), "8|NULL|NULL|NULL|NULL|NULL|d");
  }

  void a_column_that_the_contract_does_not_know_is_drift() {
    const auto decoder = decoder_of();
    const auto rows = decode(*decoder, {changed("d", "{\"id\":1,\"more\":2}", "null"), changed("c", "null", "{\"id\":1,\"name\":\"a\",\"more\":2}"), changed("c", "null", "{\"id\":2,\"name\":\"a\"}")});
    QCOMPARE(rows.decoded.drifted_rows, (std::vector<std::int64_t>{1}));
    QCOMPARE(rows.decoded.drift.size(), 1u);
    QCOMPARE(rows.decoded.drift.front().name, std::string("more"));
  }

  void a_key_must_be_in_the_contract() {
    const auto contract = parse_json_schema_contract(kContract, "order.json");
    const auto decoder = make_debezium_decoder({*contract, {"id", "nummer"}, json::Decimals::precise});
    QVERIFY(!decoder.ok());
    QCOMPARE(decoder.error().message, std::string("the key column 'nummer' is not in the contract"));
  }

  void a_contract_is_inferred_from_the_rows_of_changes() {
    const std::string told = "\"source\":{\"columns\":{\"price\":{\"type\":[\"number\",\"null\"],\"x-precision\":10,\"x-scale\":2}}}";
    const auto inferred = infer_debezium_contract(test::raw_of({"{\"op\":\"c\"," + told + ",\"after\":{\"id\":1,\"price\":1.50,\"at\":\"2025-11-20T12:00:00Z\"}}", "no change", changed("d", "{\"id\":3}", "null")}));
    QVERIFY(inferred.ok());
    const auto contract = parse_json_schema_contract(*inferred, "inferred.json");
    QVERIFY(contract.ok());
    QCOMPARE(QString::fromStdString(contract->schema()->to_string()), QString("id BIGINT, price DECIMAL(10,2), at TIMESTAMP WITH TIME ZONE"));
  }

  // What a record tells of its columns may be anything.
  void what_is_told_of_columns_counts_where_it_is_part_of_a_contract_data() {
    QTest::addColumn<QString>("told");
    for (const char* told : {"7", "{\"type\":7}", "{\"type\":[]}", "{\"type\":\"money\"}", "{\"type\":\"number\",\"x-precision\":400}"}) QTest::newRow(told) << told;
  }
  void what_is_told_of_columns_counts_where_it_is_part_of_a_contract() {
    QFETCH(QString, told);
    const auto changes = test::raw_of({"{\"op\":\"c\",\"source\":{\"columns\":{\"price\":" + told.toStdString() + "}},\"after\":{\"id\":1,\"price\":1.50}}"});
    const auto inferred = infer_debezium_contract(changes);
    QVERIFY(inferred.ok());
    const auto contract = parse_json_schema_contract(*inferred, "inferred.json");
    QVERIFY(contract.ok());
    QCOMPARE(QString::fromStdString(contract->schema()->to_string()), QString("id BIGINT, price DOUBLE"));

    QTemporaryDir folder;
    QFile file(folder.filePath("order.avsc"));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("{\"type\":\"record\",\"name\":\"O\",\"fields\":[{\"name\":\"id\",\"type\":\"long\"}]}") > 0);
    file.close();
    const auto evolved = evolve_debezium_contract(file.fileName().toStdString(), changes, {"price"});
    QVERIFY(evolved.ok() && evolved->has_value());
    QVERIFY((*evolved)->find("\"double\"") != std::string::npos);
  }

  void decimals_are_made_of_their_bytes() {
    const auto text = [](const char* hex, int scale) { return QString::fromStdString(json::decimal_text(QByteArray::fromHex(hex).toStdString(), scale)); };
    QCOMPARE(text("00", 2), "0.00");
    QCOMPARE(text("05", 2), "0.05");
    QCOMPARE(text("fb", 2), "-0.05");
    QCOMPARE(text("05", -3), "5000");
    QCOMPARE(text("00ffffffffffffffff", 0), "18446744073709551615");
    QCOMPARE(text("7fffffffffffffffffffffffffffffff", 0), "");      // 39 digits
    QCOMPARE(text("", 0), "");
    QCOMPARE(text("05", 38), "0.00000000000000000000000000000000000005");
    for (const int scale : {39, -39, INT_MAX, INT_MIN}) QCOMPARE(text("05", scale), "");
  }
};

QTEST_GUILESS_MAIN(DebeziumDecoderTest)
#include "debezium_decoder_test.moc"
