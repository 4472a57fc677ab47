#include "connectors/avro/avro_compatibility.h"

#include <QTest>

#include "support/schema_registry_server.h"

using namespace penstock;

namespace {

QString incompatibilities(const std::string& reader, const std::string& writer) {
  const auto read = avro::AvroSchema::parse(reader, "reader"), written = avro::AvroSchema::parse(writer, "writer");
  if (!read.ok() || !written.ok()) return QString::fromStdString((read.ok() ? written.error() : read.error()).to_string());
  QStringList all;
  for (const Incompatibility& one : avro_incompatibilities(**read, **written))
    all << QString::fromStdString(one.type + " " + one.path + " " + one.message);
  return all.join("; ");
}

std::string record_of(const std::string& fields, const std::string& more = "") { return "{\"type\":\"record\",\"name\":\"R\"" + more + ",\"fields\":[" + fields + "]}"; }
std::string field(const std::string& name, const std::string& type, const std::string& more = "") {
  return "{\"name\":\"" + name + "\",\"type\":" + type + more + "}";
}
std::string one(const std::string& type) { return record_of(field("v", type)); }
std::string enum_of(const std::string& symbols, const std::string& more = "") { return "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[" + symbols + "]" + more + "}"; }
std::string fixed_of(int size, const std::string& name = "F") { return "{\"type\":\"fixed\",\"name\":\"" + name + "\",\"size\":" + std::to_string(size) + "}"; }

struct Pair {
  const char* what;
  std::string first, second;      // versions
  QString second_reads;           // what keeps the second from reading the first
};

// What a person changes in a schema, and what the specification's rules come to.
std::vector<Pair> pairs() {
  const std::string a = field("a", "\"int\"");
  const std::string next = ",{\"name\":\"next\",\"type\":[\"null\",\"R\"]";
  return {
      {"nothing", record_of(a), record_of(a), ""},
      {"a field with a default is added", record_of(a), record_of(a + "," + field("b", "\"string\"", ",\"default\":\"\"")), ""},
      {"a field without a default is added", record_of(a), record_of(a + "," + field("b", "\"string\"")), "READER_FIELD_MISSING_DEFAULT_VALUE /fields/1 b"},
      {"a field is removed", record_of(a + "," + field("b", "\"string\"")), record_of(a), ""},
      {"a field is renamed with an alias", record_of(a), record_of(field("b", "\"int\"", ",\"aliases\":[\"a\"]")), ""},
      {"a field is renamed", record_of(a), record_of(field("b", "\"int\"")), "READER_FIELD_MISSING_DEFAULT_VALUE /fields/0 b"},
      {"int becomes long", one("\"int\""), one("\"long\""), ""},
      {"long becomes int", one("\"long\""), one("\"int\""), "TYPE_MISMATCH /fields/0/type reader type: INT not compatible with writer type: LONG"},
      {"long becomes float", one("\"long\""), one("\"float\""), ""},
      {"float becomes double", one("\"float\""), one("\"double\""), ""},
      {"string becomes bytes", one("\"string\""), one("\"bytes\""), ""},
      {"bytes becomes string", one("\"bytes\""), one("\"string\""), ""},
      {"int becomes string", one("\"int\""), one("\"string\""), "TYPE_MISMATCH /fields/0/type reader type: STRING not compatible with writer type: INT"},
      {"int may be null", one("\"int\""), one("[\"null\",\"int\"]"), ""},
      {"int may not be null any more", one("[\"null\",\"int\"]"), one("\"int\""), "TYPE_MISMATCH / reader type: INT not compatible with writer type: NULL"},
      {"a branch is added", one("[\"null\",\"int\"]"), one("[\"null\",\"int\",\"string\"]"), ""},
      {"a branch is removed", one("[\"null\",\"int\",\"string\"]"), one("[\"null\",\"int\"]"), "MISSING_UNION_BRANCH /fields/0/type/2 reader union lacking writer type: STRING"},
      {"a branch is promoted", one("[\"null\",\"int\"]"), one("[\"null\",\"double\"]"), ""},
      {"a union has no branch for it", one("\"string\""), one("[\"null\",\"int\"]"), "MISSING_UNION_BRANCH /fields/0/type reader union lacking writer type: STRING"},
      {"a symbol is added", one(enum_of("\"A\"")), one(enum_of("\"A\",\"B\"")), ""},
      {"symbols are removed", one(enum_of("\"A\",\"B\",\"C\"")), one(enum_of("\"A\"")), "MISSING_ENUM_SYMBOLS /fields/0/type/symbols [B, C]"},
      {"a symbol is removed, and the enum has a default", one(enum_of("\"A\",\"B\"")), one(enum_of("\"A\"", ",\"default\":\"A\"")), ""},
      {"a fixed grows", one(fixed_of(2)), one(fixed_of(3)), "FIXED_SIZE_MISMATCH /fields/0/type/size expected: 2, found: 3"},
      {"a fixed is renamed", one(fixed_of(2)), one(fixed_of(2, "G")), "NAME_MISMATCH /fields/0/type/name expected: F"},
      {"a record is renamed", record_of(a), "{\"type\":\"record\",\"name\":\"S\",\"fields\":[" + a + "]}", "NAME_MISMATCH /name expected: R"},
      {"a record is renamed with an alias", record_of(a), "{\"type\":\"record\",\"name\":\"S\",\"aliases\":[\"R\"],\"fields\":[" + a + "]}", ""},
      {"a record moves to another namespace", record_of(a), record_of(a, ",\"namespace\":\"shop\""), ""},
      {"what an array holds is promoted", one("{\"type\":\"array\",\"items\":\"int\"}"), one("{\"type\":\"array\",\"items\":\"double\"}"), ""},
      {"what an array holds changes", one("{\"type\":\"array\",\"items\":\"int\"}"), one("{\"type\":\"array\",\"items\":\"boolean\"}"),
       "TYPE_MISMATCH /fields/0/type/items reader type: BOOLEAN not compatible with writer type: INT"},
      {"what a map holds changes", one("{\"type\":\"map\",\"values\":\"double\"}"), one("{\"type\":\"map\",\"values\":\"float\"}"),
       "TYPE_MISMATCH /fields/0/type/values reader type: FLOAT not compatible with writer type: DOUBLE"},
      {"a record within a record lacks a default", one("{\"type\":\"record\",\"name\":\"N\",\"fields\":[]}"), one("{\"type\":\"record\",\"name\":\"N\",\"fields\":[" + a + "]}"),
       "READER_FIELD_MISSING_DEFAULT_VALUE /fields/0/type/fields/0 a"},
      {"a record that holds itself", record_of(a + next + "}"), record_of(field("a", "\"long\"") + next + ",\"default\":null}"), ""},
      {"a record that holds itself loses a default", record_of(next.substr(1) + "}"), record_of(a + next + "}"), "READER_FIELD_MISSING_DEFAULT_VALUE /fields/0 a"},
      {"a decimal becomes plain bytes", one("{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":2}"), one("\"bytes\""), ""},
      {"a time in other units", one("{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}"), one("{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}"), ""},
      {"a plain type", "\"int\"", "\"double\"", ""},
      {"a plain type that is none any more", "\"int\"", "\"string\"", "TYPE_MISMATCH / reader type: STRING not compatible with writer type: INT"},
  };
}

}  // namespace

class AvroCompatibilityTest : public QObject {
  Q_OBJECT

  test::SchemaRegistryServer peer_;

  // What the registry says to `proposed` after these versions.
  bool registry_accepts(const std::string& subject, CompatibilityLevel level, const std::string& proposed, bool all_versions) {
    peer_.put("/config/" + subject, {{"compatibility", name_of(level)}});
    const auto answer = peer_.post("/compatibility/subjects/" + subject + "/versions" + (all_versions ? "" : "/latest"), {{"schema", proposed}});
    if (!answer.contains("is_compatible")) qWarning("%s", answer.dump().c_str());
    return answer.value("is_compatible", false);
  }

 private slots:
  void each_change_is_named_with_its_place_data() {
    QTest::addColumn<int>("number");
    int number = 0;
    for (const Pair& pair : pairs()) QTest::newRow(pair.what) << number++;
  }
  void each_change_is_named_with_its_place() {
    QFETCH(const int, number);
    const Pair pair = pairs()[static_cast<std::size_t>(number)];
    QCOMPARE(incompatibilities(pair.second, pair.first), pair.second_reads);
  }

  void a_registry_answers_the_same_for_every_level() {
    QCOMPARE(peer_.start(), QString());
    int number = 0;
    for (const Pair& pair : pairs()) {
      const std::string subject = "pair-" + std::to_string(number++);
      QVERIFY2(peer_.add(subject, pair.first) > 0, pair.what);
      for (const CompatibilityLevel level : {CompatibilityLevel::none, CompatibilityLevel::backward, CompatibilityLevel::forward, CompatibilityLevel::full}) {
        const auto found = check_level(level, 2, [&](std::size_t reader, std::size_t) -> Result<std::vector<Incompatibility>> {
          const auto first = avro::AvroSchema::parse(pair.first, "first"), second = avro::AvroSchema::parse(pair.second, "second");
          return reader == 1 ? avro_incompatibilities(**second, **first) : avro_incompatibilities(**first, **second);
        });
        QVERIFY2(found->empty() == registry_accepts(subject, level, pair.second, false), qPrintable(QString("%1, %2").arg(pair.what, name_of(level))));
      }
    }
  }

  // A field comes and goes: what the newest version allows, an older one does not.
  void a_registry_answers_the_same_for_the_transitive_levels() {
    QCOMPARE(peer_.start(), QString());
    const std::string a = field("a", "\"int\"");
    const std::vector<std::vector<std::string>> histories{
        {record_of(a), record_of(a + "," + field("b", "\"int\"", ",\"default\":0")), record_of(a + "," + field("b", "\"int\""))},
        {record_of(a + "," + field("b", "\"int\"")), record_of(a + "," + field("b", "\"int\"", ",\"default\":0")), record_of(a)},
        {one("\"int\""), one("\"long\""), one("\"double\"")},
        {one("\"double\""), one("\"long\""), one("\"int\"")},
        {one("\"int\""), one("\"string\""), one("\"bytes\"")},
    };
    for (std::size_t history = 0; history < histories.size(); ++history) {
      const std::string subject = "history-" + std::to_string(history);
      peer_.put("/config/" + subject, {{"compatibility", "NONE"}});
      std::vector<std::shared_ptr<const avro::AvroSchema>> versions;
      for (const std::string& version : histories[history]) versions.push_back(*avro::AvroSchema::parse(version, "version"));
      for (std::size_t i = 0; i + 1 < versions.size(); ++i) QVERIFY(peer_.add(subject, histories[history][i]) > 0);
      for (const CompatibilityLevel level : {CompatibilityLevel::backward_transitive, CompatibilityLevel::forward_transitive, CompatibilityLevel::full_transitive}) {
        const auto found = check_level(level, versions.size(), [&](std::size_t reader, std::size_t writer) -> Result<std::vector<Incompatibility>> {
          return avro_incompatibilities(*versions[reader], *versions[writer]);
        });
        QVERIFY2(found->empty() == registry_accepts(subject, level, histories[history].back(), true), qPrintable(QString("history %1, %2").arg(history).arg(name_of(level))));
      }
    }
  }
};

QTEST_GUILESS_MAIN(AvroCompatibilityTest)
#include "avro_compatibility_test.moc"
