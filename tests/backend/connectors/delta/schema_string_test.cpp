#include "connectors/delta/schema_string.h"

#include <QTest>

using namespace penstock;

namespace {

const Schema kSales({{"event_id", {TypeKind::varchar}, false},
                     {"qty", {TypeKind::int32}},
                     {"unit_price", {TypeKind::decimal, 18, 2}},
                     {"sold_at", {TypeKind::timestamp}}});

constexpr const char* kSalesString =
    R"({"type":"struct","fields":[{"name":"event_id","type":"string","nullable":true,"metadata":{}},)"
    R"({"name":"qty","type":"integer","nullable":true,"metadata":{}},)"
    R"~({"name":"unit_price","type":"decimal(18,2)","nullable":true,"metadata":{}},)~"
    R"({"name":"sold_at","type":"timestamp","nullable":true,"metadata":{}}]})";

Schema one(const char* name, Type type) { return Schema({{name, type}}); }

}  // namespace

class SchemaStringTest : public QObject {
  Q_OBJECT

 private slots:
  void everyTypeHasItsDeltaName_data() {
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("delta");
    QTest::newRow("boolean") << int(TypeKind::boolean) << "boolean";
    QTest::newRow("int32") << int(TypeKind::int32) << "integer";
    QTest::newRow("int64") << int(TypeKind::int64) << "long";
    QTest::newRow("float64") << int(TypeKind::float64) << "double";
    QTest::newRow("decimal") << int(TypeKind::decimal) << "decimal(38,10)";
    QTest::newRow("varchar") << int(TypeKind::varchar) << "string";
    QTest::newRow("json") << int(TypeKind::json) << "string";
    QTest::newRow("blob") << int(TypeKind::blob) << "binary";
    QTest::newRow("date") << int(TypeKind::date) << "date";
    QTest::newRow("timestamp") << int(TypeKind::timestamp) << "timestamp";
  }
  void everyTypeHasItsDeltaName() {
    QFETCH(int, kind);
    QFETCH(QString, delta);
    const Type type{static_cast<TypeKind>(kind), 38, 10};
    QCOMPARE(QString::fromStdString(delta::delta_type(type)), delta);
  }

  void aSchemaIsWrittenAsReadersInsist() {
    QCOMPARE(QString::fromStdString(delta::to_schema_string(kSales)), QString(kSalesString));
  }

  void aWrittenSchemaReadsBack() {
    const auto columns = delta::parse_columns(kSalesString);
    QVERIFY(columns.ok());
    const auto schema = delta::to_schema(*columns);
    QVERIFY(schema.ok());
    QCOMPARE((*schema)->size(), std::size_t(4));
    QCOMPARE((**schema)[2].name, std::string("unit_price"));
    QVERIFY(((**schema)[2].type == Type{TypeKind::decimal, 18, 2}));
    QVERIFY((**schema)[3].type.kind == TypeKind::timestamp);
  }

  void aNestedColumnIsRefusedByName() {
    const auto columns = delta::parse_columns(
        R"({"type":"struct","fields":[{"name":"lines","type":{"type":"array","elementType":"long","containsNull":true},"nullable":true,"metadata":{}}]})");
    QVERIFY(columns.ok());
    const auto schema = delta::to_schema(*columns);
    QVERIFY(!schema.ok());
    QCOMPARE(schema.error().message, std::string("column 'lines' has the type array, which is not supported"));
  }

  void aSchemaThatIsNestedTooDeeplyIsDamaged() {
    const auto nested = [](std::size_t levels) {
      return "{\"type\":\"struct\",\"fields\":[{\"name\":\"id\",\"type\":\"long\",\"nullable\":true,\"metadata\":{\"a\":" + std::string(levels, '[') + std::string(levels, ']') + "}}]}";
    };
    const Schema more({{"id", {TypeKind::int64}}, {"day", {TypeKind::date}}});
    QVERIFY(delta::evolve(nested(400), more).ok());
    QCOMPARE(delta::evolve(nested(1'000'000), more).error().kind, ErrorKind::data_loss);
  }

  void sameColumnsNeedNoChange() {
    const auto evolved = delta::evolve(kSalesString, kSales);
    QVERIFY(evolved.ok());
    QCOMPARE(*evolved, std::string());
  }

  void aNewColumnIsAddedBehindTheOthers() {
    const auto evolved = delta::evolve(delta::to_schema_string(one("a", {TypeKind::int64})), one("b", {TypeKind::boolean}));
    QVERIFY(evolved.ok());
    QCOMPARE(*evolved, delta::to_schema_string(Schema({{"a", {TypeKind::int64}}, {"b", {TypeKind::boolean}}})));
  }

  void anotherTypeOrCaseIsAnError() {
    const std::string table = delta::to_schema_string(one("qty", {TypeKind::int32}));
    const auto type = delta::evolve(table, one("qty", {TypeKind::int64}));
    QVERIFY(!type.ok());
    QCOMPARE(type.error().message, std::string("the column 'qty' is long in the rows and integer in the table"));
    const auto letter = delta::evolve(table, one("Qty", {TypeKind::int32}));
    QVERIFY(!letter.ok());
    QCOMPARE(letter.error().message, std::string("the column 'Qty' is called 'qty' in the table"));
  }

  void aRequiredColumnMustBeGiven() {
    const auto evolved = delta::evolve(
        R"({"type":"struct","fields":[{"name":"id","type":"long","nullable":false,"metadata":{}}]})", one("qty", {TypeKind::int32}));
    QVERIFY(!evolved.ok());
    QCOMPARE(evolved.error().message, std::string("the table requires a value for its column 'id', which the rows do not have"));
  }

  void namesThatDeltaCannotHoldAreRefused() {
    QCOMPARE(delta::check_column_names(one("unit price", {})).error().message,
             std::string("the column 'unit price' has a name that a Delta table cannot hold"));
    QVERIFY(!delta::check_column_names(Schema({{"a", {}}, {"A", {}}})).ok());
    QVERIFY(!delta::check_column_names(Schema({})).ok());
    QVERIFY(delta::check_column_names(kSales).ok());
  }

  void aDamagedSchemaIsDataLoss() {
    for (const char* text : {"", "{", "[]", R"({"fields":1})", R"({"fields":[{"name":1,"type":"long"}]})", R"({"fields":[{"name":"a","type":{}}]})"}) {
      const auto columns = delta::parse_columns(text);
      QVERIFY2(!columns.ok(), text);
      QVERIFY(columns.error().kind == ErrorKind::data_loss);
    }
  }
};

QTEST_APPLESS_MAIN(SchemaStringTest)
#include "schema_string_test.moc"
