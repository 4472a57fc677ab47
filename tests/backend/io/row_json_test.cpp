#include "io/row_json.h"

#include <QTest>

#include <limits>

#include "record/batch_builder.h"

using namespace penstock;

namespace {

template <typename Append>
std::string json_of(Type type, Append append) {
  BatchBuilder builder(std::make_shared<Schema>(std::vector<Field>{{"v", type}}));
  append(builder[0]);
  std::string out;
  const std::vector<std::size_t> columns = {0};
  append_row_json(builder.finish(), 0, columns, out);
  return out;
}

void same(const std::string& actual, const std::string& expected) {
  QCOMPARE(QString::fromStdString(actual), QString::fromStdString(expected));
}

}  // namespace

class RowJsonTest : public QObject {
  Q_OBJECT

 private slots:
  void each_type_has_its_form();
  void text_is_escaped();
  void base64_is_padded();
  void only_the_chosen_columns_are_written();
};

void RowJsonTest::each_type_has_its_form() {
  same(json_of({TypeKind::boolean}, [](ColumnBuilder& v) { v.append_boolean(true); }), R"({"v":true})");
  same(json_of({TypeKind::int32}, [](ColumnBuilder& v) { v.append_int32(-7); }), R"({"v":-7})");
  same(json_of({TypeKind::int64}, [](ColumnBuilder& v) { v.append_int64(std::numeric_limits<std::int64_t>::min()); }), R"({"v":-9223372036854775808})");
  same(json_of({TypeKind::float64}, [](ColumnBuilder& v) { v.append_float64(0.1); }), R"({"v":0.1})");
  same(json_of({TypeKind::float64}, [](ColumnBuilder& v) { v.append_float64(std::numeric_limits<double>::infinity()); }), R"({"v":null})");
  same(json_of({TypeKind::decimal, 10, 2}, [](ColumnBuilder& v) { v.append_decimal({5, 0}); }), R"({"v":0.05})");
  same(json_of({TypeKind::date}, [](ColumnBuilder& v) { v.append_int32(20'777); }), R"({"v":"2026-11-20"})");
  same(json_of({TypeKind::timestamp}, [](ColumnBuilder& v) { v.append_int64(1'795'185'127'250'000); }), R"({"v":"2026-11-20T14:32:07.250Z"})");
  same(json_of({TypeKind::json}, [](ColumnBuilder& v) { v.append_bytes(R"({"a": [1]})"); }), R"({"v":{"a": [1]}})");
  same(json_of({TypeKind::blob}, [](ColumnBuilder& v) { v.append_bytes("\xff\x01"); }), R"({"v":"/wE="})");
  same(json_of({TypeKind::varchar}, [](ColumnBuilder& v) { v.append_null(); }), R"({"v":null})");
}

void RowJsonTest::text_is_escaped() {
  same(json_of({TypeKind::varchar}, [](ColumnBuilder& v) { v.append_bytes("a\"b\\c\n\x01é"); }), R"({"v":"a\"b\\c\n\u0001é"})");
}

void RowJsonTest::base64_is_padded() {
  same(to_base64(""), "");
  same(to_base64("M"), "TQ==");
  same(to_base64("Ma"), "TWE=");
  same(to_base64("Man"), "TWFu");
}

void RowJsonTest::only_the_chosen_columns_are_written() {
  BatchBuilder builder(std::make_shared<Schema>(std::vector<Field>{{"a", {TypeKind::int64}}, {"b", {TypeKind::int64}}, {"c", {TypeKind::int64}}}));
  for (std::size_t column = 0; column < 3; ++column) builder[column].append_int64(static_cast<std::int64_t>(column));
  const Batch rows = builder.finish();
  std::string out;
  append_row_json(rows, 0, std::vector<std::size_t>{2, 0}, out);
  append_row_json(rows, 0, std::vector<std::size_t>{}, out);
  same(out, R"({"c":2,"a":0}{})");
}

QTEST_APPLESS_MAIN(RowJsonTest)
#include "row_json_test.moc"
