#include "connectors/postgres/pg_types.h"

#include <QTest>

#include <limits>

#include "backend/sql/rows.h"
#include "connectors/postgres/pg_error.h"
#include "connectors/postgres/pg_names.h"

using namespace penstock;
using penstock::test::make_schema;

namespace {

std::string copy_line(Type type, const std::function<void(ColumnBuilder&)>& append) {
  BatchBuilder builder(make_schema({{"v", type}}));
  append(builder[0]);
  std::string line;
  postgres::append_copy_line(builder.finish(), {0}, 0, line);
  return line;
}

}  // namespace

class PgTypesTest : public QObject {
  Q_OBJECT

 private slots:
  void textIsEscapedForCopy() {
    QCOMPARE(copy_line({TypeKind::varchar}, [](auto& c) { c.append_bytes("a\tb\nc\\d\re"); }), std::string("a\\tb\\nc\\\\d\\re\n"));
    QCOMPARE(copy_line({TypeKind::varchar}, [](auto& c) { c.append_bytes("\\N"); }), std::string("\\\\N\n"));
    QCOMPARE(copy_line({TypeKind::varchar}, [](auto& c) { c.append_bytes(""); }), std::string("\n"));
    QCOMPARE(copy_line({TypeKind::varchar}, [](auto& c) { c.append_null(); }), std::string("\\N\n"));
  }

  void valuesReadBackExactly() {
    QCOMPARE(copy_line({TypeKind::blob}, [](auto& c) { c.append_bytes(std::string("\0\xff", 2)); }), std::string("\\\\x00ff\n"));
    QCOMPARE(copy_line({TypeKind::float64}, [](auto& c) { c.append_float64(0.1); }), std::string("0.1\n"));
    QCOMPARE(copy_line({TypeKind::float64}, [](auto& c) { c.append_float64(-std::numeric_limits<double>::infinity()); }), std::string("-Infinity\n"));
    QCOMPARE(copy_line({TypeKind::float64}, [](auto& c) { c.append_float64(std::numeric_limits<double>::quiet_NaN()); }), std::string("NaN\n"));
    QCOMPARE(copy_line({TypeKind::int64}, [](auto& c) { c.append_int64(std::numeric_limits<std::int64_t>::min()); }), std::string("-9223372036854775808\n"));
    QCOMPARE(copy_line({TypeKind::boolean}, [](auto& c) { c.append_boolean(true); }), std::string("t\n"));
  }

  void aColumnTakesWhatItCanHold() {
    QVERIFY(postgres::fits({TypeKind::int32}, "int8"));
    QVERIFY(postgres::fits({TypeKind::int64}, "text"));
    QVERIFY(postgres::fits({TypeKind::varchar}, "uuid"));
    QVERIFY(!postgres::fits({TypeKind::varchar}, "int4"));
    QVERIFY(!postgres::fits({TypeKind::float64}, "int4"));
    QVERIFY(!postgres::fits({TypeKind::blob}, "text"));
  }

  void namesAreQuotedAndChecked() {
    QCOMPARE(postgres::quoted_name("a\"b").value(), std::string("\"a\"\"b\""));
    QVERIFY(!postgres::quoted_name("").ok());
    QVERIFY(!postgres::quoted_name(std::string(64, 'a')).ok());
    QCOMPARE(postgres::TableName::parse("gold.sales").value().quoted(), std::string("\"gold\".\"sales\""));
    QCOMPARE(postgres::TableName::parse("sales").value().quoted(), std::string("\"public\".\"sales\""));
    QVERIFY(!postgres::TableName::parse("a.b.c").ok());
    QVERIFY(!postgres::TableName::parse("a.").ok());
  }

  void errorsHaveAKindAndNoSecret() {
    QVERIFY(postgres::to_error("57P01", "x").kind == ErrorKind::unavailable);
    QVERIFY(postgres::to_error("53100", "x").kind == ErrorKind::resource_exhausted);
    QVERIFY(postgres::to_error("42501", "x").kind == ErrorKind::permission_denied);
    QVERIFY(postgres::to_error("42P01", "x").kind == ErrorKind::failed_precondition);
    QVERIFY(postgres::to_error("", "").kind == ErrorKind::unavailable);
    QVERIFY(postgres::is_data_error("23505") && postgres::is_data_error("22P02") && !postgres::is_data_error("42804"));
    QCOMPARE(postgres::without_secret("no s3cret here\nbut s3cret\n", "s3cret"), std::string("no *** here but ***"));
  }
};

QTEST_APPLESS_MAIN(PgTypesTest)
#include "pg_types_test.moc"
