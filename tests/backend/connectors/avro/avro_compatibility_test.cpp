#include "connectors/avro/avro_compatibility.h"

#include "support/schema_changes.h"
#include "support/schema_registry_server.h"

using namespace penstock;
using namespace penstock::test;

namespace {

QString incompatibilities(const std::string& reader, const std::string& writer) {
  const auto read = avro::AvroSchema::parse(reader, "reader"), written = avro::AvroSchema::parse(writer, "writer");
  if (!read.ok() || !written.ok()) return QString::fromStdString((read.ok() ? written.error() : read.error()).to_string());
  QStringList all;
  for (const Incompatibility& one : avro_incompatibilities(**read, **written))
    all << QString::fromStdString(one.type + " " + one.path + " " + one.message);
  return all.join("; ");
}

std::string record_of(const std::string& fields) { return "{\"type\":\"record\",\"name\":\"R\",\"fields\":[" + fields + "]}"; }
std::string field(const std::string& name, const std::string& type, const std::string& more = "") {
  return "{\"name\":\"" + name + "\",\"type\":" + type + more + "}";
}
std::string one(const std::string& type) { return record_of(field("v", type)); }

// What a person changes in a schema, and what the rules of the specification come to: "TYPE /path message".
constexpr SchemaChange kChanges[] = {
    {"nothing", R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"}]})", R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"}]})", ""},
    {"a field with a default is added", R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"}]})", R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"string","default":""}]})", ""},
    {"a field without a default is added", R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"}]})", R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"string"}]})",
     "READER_FIELD_MISSING_DEFAULT_VALUE /fields/1 b"},
    {"a field is removed", R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"string"}]})", R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"}]})", ""},
    {"a field is renamed with an alias", R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"}]})", R"({"type":"record","name":"R","fields":[{"name":"b","type":"int","aliases":["a"]}]})", ""},
    {"a field is renamed", R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"}]})", R"({"type":"record","name":"R","fields":[{"name":"b","type":"int"}]})",
     "READER_FIELD_MISSING_DEFAULT_VALUE /fields/0 b"},
    {"int becomes long", R"({"type":"record","name":"R","fields":[{"name":"v","type":"int"}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":"long"}]})", ""},
    {"long becomes int", R"({"type":"record","name":"R","fields":[{"name":"v","type":"long"}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":"int"}]})",
     "TYPE_MISMATCH /fields/0/type reader type: INT not compatible with writer type: LONG"},
    {"long becomes float", R"({"type":"record","name":"R","fields":[{"name":"v","type":"long"}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":"float"}]})", ""},
    {"float becomes double", R"({"type":"record","name":"R","fields":[{"name":"v","type":"float"}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":"double"}]})", ""},
    {"string becomes bytes", R"({"type":"record","name":"R","fields":[{"name":"v","type":"string"}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":"bytes"}]})", ""},
    {"bytes becomes string", R"({"type":"record","name":"R","fields":[{"name":"v","type":"bytes"}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":"string"}]})", ""},
    {"int becomes string", R"({"type":"record","name":"R","fields":[{"name":"v","type":"int"}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":"string"}]})",
     "TYPE_MISMATCH /fields/0/type reader type: STRING not compatible with writer type: INT"},
    {"int may be null", R"({"type":"record","name":"R","fields":[{"name":"v","type":"int"}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":["null","int"]}]})", ""},
    {"int may not be null any more", R"({"type":"record","name":"R","fields":[{"name":"v","type":["null","int"]}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":"int"}]})",
     "TYPE_MISMATCH / reader type: INT not compatible with writer type: NULL"},
    {"a branch is added", R"({"type":"record","name":"R","fields":[{"name":"v","type":["null","int"]}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":["null","int","string"]}]})", ""},
    {"a branch is removed", R"({"type":"record","name":"R","fields":[{"name":"v","type":["null","int","string"]}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":["null","int"]}]})",
     "MISSING_UNION_BRANCH /fields/0/type/2 reader union lacking writer type: STRING"},
    {"a branch is promoted", R"({"type":"record","name":"R","fields":[{"name":"v","type":["null","int"]}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":["null","double"]}]})", ""},
    {"a union has no branch for it", R"({"type":"record","name":"R","fields":[{"name":"v","type":"string"}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":["null","int"]}]})",
     "MISSING_UNION_BRANCH /fields/0/type reader union lacking writer type: STRING"},
    {"a symbol is added", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"enum","name":"E","symbols":["A"]}}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"enum","name":"E","symbols":["A","B"]}}]})", ""},
    {"symbols are removed", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"enum","name":"E","symbols":["A","B","C"]}}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"enum","name":"E","symbols":["A"]}}]})",
     "MISSING_ENUM_SYMBOLS /fields/0/type/symbols [B, C]"},
    {"a symbol is removed, and the enum has a default", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"enum","name":"E","symbols":["A","B"]}}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"enum","name":"E","symbols":["A"],"default":"A"}}]})", ""},
    {"a fixed grows", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"fixed","name":"F","size":2}}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"fixed","name":"F","size":3}}]})",
     "FIXED_SIZE_MISMATCH /fields/0/type/size expected: 2, found: 3"},
    {"a fixed is renamed", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"fixed","name":"F","size":2}}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"fixed","name":"G","size":2}}]})",
     "NAME_MISMATCH /fields/0/type/name expected: F"},
    {"a record is renamed", R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"}]})", R"({"type":"record","name":"S","fields":[{"name":"a","type":"int"}]})",
     "NAME_MISMATCH /name expected: R"},
    {"a record is renamed with an alias", R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"}]})", R"({"type":"record","name":"S","aliases":["R"],"fields":[{"name":"a","type":"int"}]})", ""},
    {"a record moves to another namespace", R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"}]})", R"({"type":"record","name":"R","namespace":"shop","fields":[{"name":"a","type":"int"}]})", ""},
    {"what an array holds is promoted", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"array","items":"int"}}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"array","items":"double"}}]})", ""},
    {"what an array holds changes", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"array","items":"int"}}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"array","items":"boolean"}}]})",
     "TYPE_MISMATCH /fields/0/type/items reader type: BOOLEAN not compatible with writer type: INT"},
    {"what a map holds changes", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"map","values":"double"}}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"map","values":"float"}}]})",
     "TYPE_MISMATCH /fields/0/type/values reader type: FLOAT not compatible with writer type: DOUBLE"},
    {"a record within a record lacks a default", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"record","name":"N","fields":[]}}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"record","name":"N","fields":[{"name":"a","type":"int"}]}}]})",
     "READER_FIELD_MISSING_DEFAULT_VALUE /fields/0/type/fields/0 a"},
    {"a record that holds itself", R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"next","type":["null","R"]}]})", R"({"type":"record","name":"R","fields":[{"name":"a","type":"long"},{"name":"next","type":["null","R"],"default":null}]})", ""},
    {"a record that holds itself loses a default", R"({"type":"record","name":"R","fields":[{"name":"next","type":["null","R"]}]})", R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"next","type":["null","R"]}]})",
     "READER_FIELD_MISSING_DEFAULT_VALUE /fields/0 a"},
    {"a decimal becomes plain bytes", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":"bytes"}]})", ""},
    {"a time in other units", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"long","logicalType":"timestamp-millis"}}]})", R"({"type":"record","name":"R","fields":[{"name":"v","type":{"type":"long","logicalType":"timestamp-micros"}}]})", ""},
    {"a plain type", R"("int")", R"("double")", ""},
    {"a plain type that is none any more", R"("int")", R"("string")",
     "TYPE_MISMATCH / reader type: STRING not compatible with writer type: INT"},
};

}  // namespace

class AvroCompatibilityTest : public QObject {
  Q_OBJECT

  test::SchemaRegistryServer peer_;

  // What the registry says to `proposed` after these versions; nothing where it does not answer.
  std::optional<bool> registry_accepts(const std::string& subject, CompatibilityLevel level, const std::string& proposed, bool all_versions) {
    peer_.put("/config/" + subject, {{"compatibility", name_of(level)}});
    const auto answer = peer_.post("/compatibility/subjects/" + subject + "/versions" + (all_versions ? "" : "/latest"), {{"schema", proposed}});
    if (!answer.contains("is_compatible")) qWarning("%s", answer.dump().c_str());
    return answer.contains("is_compatible") ? std::optional(answer["is_compatible"].get<bool>()) : std::nullopt;
  }

 private slots:
  void each_change_is_named_with_its_place_data() {
    add_changes(kChanges);
  }
  void each_change_is_named_with_its_place() {
    QFETCH(const int, number);
    QCOMPARE(incompatibilities(kChanges[number].is, kChanges[number].was), QString(kChanges[number].incompatibilities));
  }

  void a_registry_answers_the_same_for_every_level() {
    QCOMPARE(peer_.start(), QString());
    int number = 0;
    for (const SchemaChange& change : kChanges) {
      const std::string subject = "change-" + std::to_string(number++);
      QVERIFY2(peer_.add(subject, change.was) > 0, change.what);
      for (const CompatibilityLevel level : {CompatibilityLevel::none, CompatibilityLevel::backward, CompatibilityLevel::forward, CompatibilityLevel::full}) {
        const auto found = check_level(level, 2, [&](std::size_t reader, std::size_t) -> Result<std::vector<Incompatibility>> {
          const auto first = avro::AvroSchema::parse(change.was, "first"), second = avro::AvroSchema::parse(change.is, "second");
          return reader == 1 ? avro_incompatibilities(**second, **first) : avro_incompatibilities(**first, **second);
        });
        QVERIFY2(std::optional(found->empty()) == registry_accepts(subject, level, change.is, false), qPrintable(QString("%1, %2").arg(change.what, name_of(level))));
      }
    }
  }

  // Forty records of two fields of the next: the fault stands at the end of 2^40 ways.
  void a_fault_at_the_end_of_very_many_ways_is_told_at_once() {
    const auto chain = [](const std::string& last) {
      std::string type = last;
      for (int i = 0; i < 40; ++i) {
        const std::string name = "R" + std::to_string(i), next = i == 0 ? last : "\"R" + std::to_string(i - 1) + "\"";
        type = "{\"type\":\"record\",\"name\":\"" + name + "\",\"fields\":[" + field("a", type) + "," + field("b", next) + "]}";
      }
      return *avro::AvroSchema::parse(type, "chain");
    };
    const auto was = chain("\"string\""), is = chain("\"int\"");
    QCOMPARE(avro_incompatibilities(*is, *was).size(), std::size_t(1'000));
    QVERIFY(avro_incompatibilities(*was, *was).empty());
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
        QVERIFY2(std::optional(found->empty()) == registry_accepts(subject, level, histories[history].back(), true), qPrintable(QString("history %1, %2").arg(history).arg(name_of(level))));
      }
    }
  }
};

QTEST_GUILESS_MAIN(AvroCompatibilityTest)
#include "avro_compatibility_test.moc"
