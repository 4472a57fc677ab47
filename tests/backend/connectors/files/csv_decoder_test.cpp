#include "connectors/files/csv_decoder.h"

#include <QTest>

#include <algorithm>

#include "connectors/files/csv_cells.h"
#include "connectors/files/csv_headers.h"
#include "io/dms_decoder.h"
#include "io/json_schema_contract.h"

using namespace penstock;
using namespace penstock::files;

namespace {

constexpr const char* kContract = R"({"type":"object","properties":{
  "id":{"type":"integer","minimum":1},"name":{"type":["string","null"]},"price":{"type":"number","multipleOf":0.01},
  "day":{"type":["string","null"],"format":"date"}},"required":["id","price"]})";

RawBatch records_of(const std::vector<std::string>& columns, const std::vector<std::string>& records) {
  RawBatch raw;
  const std::string prefix = headers_prefix(columns.empty() ? nullptr : &columns, "a \"b\".csv");
  std::int64_t line = 2;
  for (const std::string& record : records) {
    std::string headers;
    append_headers(headers, prefix, line++);
    raw.append({.value = record, .headers = headers});
  }
  return raw;
}

void same(const std::string& actual, const std::string& expected) {
  QCOMPARE(QString::fromStdString(actual), QString::fromStdString(expected));
}

}  // namespace

class CsvDecoderTest : public QObject {
  Q_OBJECT

 private slots:
  void cells_follow_rfc_4180_data();
  void cells_follow_rfc_4180();
  void columns_are_found_by_the_header();
  void without_a_header_the_contract_gives_the_order();
  void a_row_that_does_not_fit_is_refused_with_its_line_data();
  void a_row_that_does_not_fit_is_refused_with_its_line();
  void a_reason_is_text_where_the_cell_is_not();
  void empty_cells_are_null_and_quoted_ones_empty();
  void unknown_columns_are_drift();
  void a_contract_is_inferred_from_the_cells();
  void rows_of_dms_are_changes_with_and_without_a_header();
  void a_row_of_dms_that_is_none_is_refused();

 private:
  std::string decode_dms(RawBatch raw);
  Decoded decode(RawBatch raw);
  Batch rows_;
};

Decoded CsvDecoderTest::decode(RawBatch raw) {
  const auto contract = parse_json_schema_contract(kContract, "c.json");
  auto decoder = make_csv_decoder(*contract, ',');
  BatchBuilder columns((*decoder)->schema());
  Decoded decoded = (*decoder)->decode(raw, columns);
  rows_ = columns.finish();
  return decoded;
}

void CsvDecoderTest::cells_follow_rfc_4180_data() {
  QTest::addColumn<QString>("record");
  QTest::addColumn<QString>("cells");      // joined by '|', or what is wrong
  QTest::newRow("plain") << "a,b,c" << "a|b|c";
  QTest::newRow("empty") << ",," << "||";
  QTest::newRow("one") << "a" << "a";
  QTest::newRow("quoted") << "\"a,b\",\"c\"" << "a,b|c";
  QTest::newRow("doubled") << "\"say \"\"no\"\"\",\"\"\"\"" << "say \"no\"|\"";
  QTest::newRow("quoted last and empty") << "a,\"\"" << "a|";
  QTest::newRow("spaces stay") << " a , b" << " a | b";
  QTest::newRow("not closed") << "a,\"b" << "cell 2 has a quote that is not closed";
  QTest::newRow("behind the quote") << "\"a\"b,c" << "cell 1 goes on behind its closing quote";
  QTest::newRow("quote inside") << "a,b\"c" << "cell 2 holds a quote but is not quoted";
}

void CsvDecoderTest::cells_follow_rfc_4180() {
  QFETCH(QString, record);
  std::vector<CsvCell> cells;
  std::string scratch, joined;
  const std::string text = record.toStdString();
  if (const auto fault = split_csv(text, ',', cells, scratch)) {
    joined = *fault;
  } else {
    for (std::size_t i = 0; i < cells.size(); ++i) joined += (i == 0 ? "" : "|") + std::string(cells[i].text);
  }
  QTEST(QString::fromStdString(joined), "cells");
}

void CsvDecoderTest::columns_are_found_by_the_header() {
  const Decoded decoded = decode(records_of({"price", "id", "name", "day"}, {"12.99,7,\"Ada, B.\",2026-11-20", "0.5,8,é,"}));
  QVERIFY(decoded.failures.empty());
  QCOMPARE(rows_.column(0).int64(0), 7);
  same(rows_.column(1).to_text(0), "Ada, B.");
  same(rows_.column(2).to_text(0), "12.99");
  same(rows_.column(3).to_text(0), "2026-11-20");
  same(rows_.column(2).to_text(1), "0.50");
  QVERIFY(rows_.column(3).is_null(1));
}

void CsvDecoderTest::without_a_header_the_contract_gives_the_order() {
  const Decoded decoded = decode(records_of({}, {"7,Ada,12.99,2026-11-20"}));
  QVERIFY(decoded.failures.empty());
  same(rows_.column(2).to_text(0), "12.99");
}

void CsvDecoderTest::a_row_that_does_not_fit_is_refused_with_its_line_data() {
  QTest::addColumn<QString>("record");
  QTest::addColumn<QString>("reason");
  QTest::newRow("too few") << "7,Ada" << "line 3: 2 cells where there are 4 columns";
  QTest::newRow("too many") << "7,Ada,1,,5" << "line 3: 5 cells where there are 4 columns";
  QTest::newRow("no number") << "seven,Ada,1," << "line 3: id: expected a whole number, got 'seven'";
  QTest::newRow("leading zero") << "007,Ada,1," << "line 3: id: expected a whole number, got '007'";
  QTest::newRow("check") << "0,Ada,1," << "line 3: id: expected at least 1, got '0'";
  QTest::newRow("required and empty") << ",Ada,1," << "line 3: id: expected a whole number, got ''";
  QTest::newRow("too exact") << "7,Ada,1.005," << "line 3: price: expected a number of at most 16 digits before and 2 after the point, got '1.005'";
  QTest::newRow("no date") << "7,Ada,1,20.11.2026" << "line 3: day: expected a date like 2026-11-20, got '20.11.2026'";
  QTest::newRow("quote") << "7,A\"da,1," << "line 3: cell 2 holds a quote but is not quoted";
}

void CsvDecoderTest::a_row_that_does_not_fit_is_refused_with_its_line() {
  QFETCH(QString, record);
  const Decoded decoded = decode(records_of({"id", "name", "price", "day"}, {"1,a,1,", record.toStdString(), "2,b,2,"}));
  QCOMPARE(decoded.failures.size(), std::size_t(1));
  QCOMPARE(decoded.failures[0].row, 1);
  QTEST(QString::fromStdString(decoded.failures[0].reason), "reason");
  QCOMPARE(rows_.rows(), 3);
  for (std::size_t column = 0; column < 4; ++column) QVERIFY(rows_.column(column).is_null(1));
  QCOMPARE(rows_.column(0).int64(2), 2);
}

// A price with a euro sign in Windows-1252: what is said of it goes into a table of texts.
void CsvDecoderTest::a_reason_is_text_where_the_cell_is_not() {
  const Decoded decoded = decode(records_of({"id", "name", "price", "day"}, {"7,Ada,12.50 \x80,"}));
  QCOMPARE(decoded.failures.size(), std::size_t(1));
  same(decoded.failures[0].reason, "line 2: price: expected a number of at most 16 digits before and 2 after the point, got '12.50 \uFFFD'");
}

void CsvDecoderTest::empty_cells_are_null_and_quoted_ones_empty() {
  const Decoded decoded = decode(records_of({"id", "name", "price", "day"}, {"1,,1,", "2,\"\",1,"}));
  QVERIFY(decoded.failures.empty());
  QVERIFY(rows_.column(1).is_null(0));
  QVERIFY(!rows_.column(1).is_null(1));
  same(rows_.column(1).to_text(1), "");
}

void CsvDecoderTest::unknown_columns_are_drift() {
  const Decoded decoded = decode(records_of({"id", "till", "price"}, {"1,t,1", "2,u,2"}));
  QVERIFY(decoded.failures.empty());
  QCOMPARE(decoded.drift.size(), std::size_t(1));
  same(decoded.drift[0].name, "till");
  QCOMPARE(decoded.drift[0].rows, 2);
  QCOMPARE(decoded.drifted_rows, (std::vector<std::int64_t>{0, 1}));
  same(decode(records_of({"name", "price"}, {"a,1"})).failures.at(0).reason, "id: is missing, the file has no such column");
  same(decode(records_of({"id", "id", "price"}, {"1,1,1"})).failures.at(0).reason, "the file's header names column 'id' twice");
}

void CsvDecoderTest::a_contract_is_inferred_from_the_cells() {
  const auto text = infer_csv_contract(records_of({"id", "zip", "price", "at", "day", "ok", "none"},
                                                  {"1,00501,1,2026-11-20T00:00:00Z,2026-11-20,true,", "2,10001,1.5,2026-11-20T00:00:00Z,,false,", "broken"}), ',');
  QVERIFY(text.ok());
  same(parse_json_schema_contract(*text, "inferred")->schema()->to_string(),
       "id BIGINT, zip VARCHAR, price DOUBLE, at TIMESTAMP WITH TIME ZONE, day DATE, ok BOOLEAN, none VARCHAR");
}

// Rows as "values _op", or why they were refused; with `;` between them.
std::string CsvDecoderTest::decode_dms(RawBatch raw) {
  const auto contract = parse_json_schema_contract(kContract, "c.json");
  auto decoder = dms::make_decoder(*contract, {"id"}, [](const Contract& rows) { return make_csv_decoder(rows, ',', DmsCsv{}); });
  BatchBuilder columns((*decoder)->schema());
  const Decoded decoded = (*decoder)->decode(raw, columns);
  rows_ = columns.finish();
  std::string all;
  for (std::int64_t row = 0; row < rows_.rows(); ++row) {
    const auto refused = std::find_if(decoded.failures.begin(), decoded.failures.end(), [&](const DecodeFailure& failure) { return failure.row == row; });
    for (std::size_t column = 0; refused == decoded.failures.end() && column < rows_.schema()->size(); ++column)
      all += (column > 0 ? "|" : "") + (rows_.column(column).is_null(row) ? std::string("-") : rows_.column(column).to_text(row));
    all += (refused == decoded.failures.end() ? "" : refused->reason) + ";";
  }
  return all;
}

void CsvDecoderTest::rows_of_dms_are_changes_with_and_without_a_header() {
  // Of a removal only the key counts; in a full load there is no Op, or I.
  same(decode_dms(records_of({"Op", "id", "name", "price", "day"}, {"I,1,Ada,1.5,2026-11-20", "U,1,NULL,2,NULL", "D,1,Ada,2,2026-11-20", "I,2,\"NULL\",3,"})),
       "1|Ada|1.50|2026-11-20|c;1|-|2.00|-|u;1|-|-|-|d;2|NULL|3.00|-|c;");
  same(decode_dms(records_of({"id", "name", "price", "day"}, {"1,,1.5,2026-11-20"})), "1||1.50|2026-11-20|c;");
  same(decode_dms(records_of({}, {"1,Ada,1.5,2026-11-20", "2,Bo,2.5,NULL"})), "1|Ada|1.50|2026-11-20|c;2|Bo|2.50|-|c;");
  same(decode_dms(records_of({}, {"U,1,Ada,1.5,2026-11-20", "D,2,NULL,NULL,NULL"})), "1|Ada|1.50|2026-11-20|u;2|-|-|-|d;");
}

void CsvDecoderTest::a_row_of_dms_that_is_none_is_refused() {
  same(decode_dms(records_of({"Op", "id", "name", "price", "day"}, {"X,1,Ada,1,", "I,1,Ada,NULL,", "D,NULL,Ada,1,", "I,one,Ada,1,", "U,3,c,1,"})),
       "Op: expected I, U or D, got 'X';price: is missing;id: is missing;line 5: id: expected a whole number, got 'one';3|c|1.00|-|u;");
  const auto contract = parse_json_schema_contract(kContract, "c.json");
  const auto decoder = dms::make_decoder(*contract, {"sku"}, [](const Contract& rows) { return make_csv_decoder(rows, ',', DmsCsv{}); });
  same(decoder.error().message, "the key column 'sku' is not in the contract");
}

QTEST_APPLESS_MAIN(CsvDecoderTest)
#include "csv_decoder_test.moc"
