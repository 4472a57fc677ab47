#include "connectors/protobuf/proto_compatibility.h"

#include "support/schema_changes.h"

using namespace penstock;
using namespace penstock::test;

namespace {

// What Confluent's documentation ("Protobuf compatibility rules") says of each change, in its registry's names.
constexpr SchemaChange kChanges[] = {
    {"nothing", "message A { string a = 1; }", "message A { string a = 1; }", ""},
    {"a field comes", "message A { string a = 1; }", "message A { string a = 1; int32 b = 2; }", ""},
    {"a field goes", "message A { string a = 1; int32 b = 2; }", "message A { string a = 1; }", ""},
    {"a field gets another name", "message A { string a = 1; }", "message A { string b = 1; }", ""},
    {"a field gets another number", "message A { string a = 1; }", "message A { string a = 2; }", ""},
    {"the package changes", "package x; message A { string a = 1; }", "package y; message A { string a = 1; }", "PACKAGE_CHANGED #/"},
    {"a message comes", "message A { string a = 1; }", "message A { string a = 1; } message B { string a = 1; }", ""},
    {"a message goes", "message A { string a = 1; } message B { string a = 1; }", "message A { string a = 1; }", "MESSAGE_REMOVED #/B"},
    {"messages change places", "message A { string a = 1; } message B { string a = 1; }", "message B { string a = 1; } message A { string a = 1; }", ""},
    {"a message within a message goes", "message A { string a = 1; message B { string a = 1; } }", "message A { string a = 1; }", "MESSAGE_REMOVED #/A/B"},
    {"int32 becomes int64, uint32, bool and an enum", "message A { int32 a = 1; int32 b = 2; int32 c = 3; int32 d = 4; }",
     "message A { int64 a = 1; uint32 b = 2; bool c = 3; E d = 4; } enum E { Z = 0; }", ""},
    {"int32 becomes sint32", "message A { int32 a = 1; }", "message A { sint32 a = 1; }", "FIELD_SCALAR_KIND_CHANGED #/A/1"},
    {"string becomes bytes", "message A { string a = 1; }", "message A { bytes a = 1; }", ""},
    {"fixed32 becomes sfixed32 and fixed64", "message A { fixed32 a = 1; fixed32 b = 2; }", "message A { sfixed32 a = 1; fixed64 b = 2; }", "FIELD_SCALAR_KIND_CHANGED #/A/2"},
    {"float becomes double", "message A { float a = 1; }", "message A { double a = 1; }", "FIELD_SCALAR_KIND_CHANGED #/A/1"},
    {"a number becomes a message", "message A { int32 a = 1; } message B { string a = 1; }", "message A { B a = 1; } message B { string a = 1; }", "FIELD_KIND_CHANGED #/A/1"},
    {"a message becomes another", "message A { B a = 1; } message B { string a = 1; } message C { string a = 1; }",
     "message A { C a = 1; } message B { string a = 1; } message C { string a = 1; }", "FIELD_NAMED_TYPE_CHANGED #/A/1"},
    {"a message that a field holds changes", "message A { B a = 1; message B { string a = 1; } }", "message A { B a = 1; message B { int32 a = 1; } }",
     "FIELD_SCALAR_KIND_CHANGED #/A/B/1"},
    {"what a map holds changes within its kind", "message A { map<string, int32> a = 1; }", "message A { map<string, int64> a = 1; }", ""},
    {"what a map holds changes", "message A { map<string, int32> a = 1; }", "message A { map<string, string> a = 1; }", "FIELD_SCALAR_KIND_CHANGED #/A/1"},
    {"a map becomes a message", "message A { map<string, int32> a = 1; } message B { string a = 1; }", "message A { repeated B a = 1; } message B { string a = 1; }", "FIELD_KIND_CHANGED #/A/1"},
    {"an optional number is repeated", "message A { optional int32 a = 1; }", "message A { repeated int32 a = 1; }", "FIELD_NUMERIC_LABEL_CHANGED #/A/1"},
    {"an optional text is repeated", "message A { optional string a = 1; }", "message A { repeated string a = 1; }", ""},
    {"a field moves into a new oneof", "message A { string a = 1; int32 b = 2; }", "message A { oneof o { string a = 1; } int32 b = 2; }", ""},
    {"two fields move into a oneof", "message A { string a = 1; int32 b = 2; }", "message A { oneof o { string a = 1; int32 b = 2; } }", "MULTIPLE_FIELDS_MOVED_TO_ONEOF #/A/o"},
    {"a field moves into a oneof that was there", "message A { oneof o { string a = 1; } int32 b = 2; }", "message A { oneof o { string a = 1; int32 b = 2; } }",
     "FIELD_MOVED_TO_EXISTING_ONEOF #/A/o"},
    {"a field of a oneof goes", "message A { oneof o { string a = 1; int32 b = 2; } }", "message A { oneof o { string a = 1; } }", "ONEOF_FIELD_REMOVED #/A/o/2"},
    {"a field of a oneof comes", "message A { oneof o { string a = 1; } }", "message A { oneof o { string a = 1; int32 b = 2; } }", ""},
    {"a oneof goes", "message A { oneof o { string a = 1; int32 b = 2; } }", "message A { string a = 1; int32 b = 2; }", ""},
    {"a field of a renamed oneof changes", "message A { oneof o { string a = 1; } }", "message A { oneof p { double a = 1; } }", "FIELD_SCALAR_KIND_CHANGED #/A/1"},
    {"an enum loses a value", "message A { E a = 1; } enum E { Z = 0; Y = 1; }", "message A { E a = 1; } enum E { Z = 0; }", ""},
    {"a message that holds itself", "message A { A a = 1; int32 b = 2; }", "message A { A a = 1; string b = 2; }", "FIELD_SCALAR_KIND_CHANGED #/A/2"},
};

QString incompatibilities(const std::string& reader, const std::string& writer, const char* syntax = "syntax = \"proto3\"; ",
                          const std::vector<RegisteredSchema::Reference>& reader_imports = {}, const std::vector<RegisteredSchema::Reference>& writer_imports = {}) {
  const auto is = proto::ProtoSchema::parse(syntax + reader, "reader", reader_imports), was = proto::ProtoSchema::parse(syntax + writer, "writer", writer_imports);
  if (!is.ok() || !was.ok()) return QString::fromStdString((is.ok() ? was.error() : is.error()).to_string());
  return text_of(protobuf_incompatibilities(**is, **was));
}

}  // namespace

class ProtobufCompatibilityTest : public QObject {
  Q_OBJECT

 private slots:
  void each_change_is_named_with_its_place_data() {
    add_changes(kChanges);
  }
  void each_change_is_named_with_its_place() {
    QFETCH(const int, number);
    QCOMPARE(incompatibilities(kChanges[number].is, kChanges[number].was), QString(kChanges[number].incompatibilities));
  }

  void what_is_required_stays() {
    const char* proto2 = "syntax = \"proto2\"; ";
    QCOMPARE(incompatibilities("message A { optional int32 a = 1; required int32 b = 2; }", "message A { optional int32 a = 1; }", proto2), "REQUIRED_FIELD_ADDED #/A/2");
    QCOMPARE(incompatibilities("message A { optional int32 a = 1; }", "message A { optional int32 a = 1; required int32 b = 2; }", proto2), "REQUIRED_FIELD_REMOVED #/A/2");
    QCOMPARE(incompatibilities("message A { required int32 a = 1; }", "message A { optional int32 a = 1; }", proto2), "FIELD_NUMERIC_LABEL_CHANGED #/A/1");
  }

  // Forty messages of two fields of the next, in an imported file: 2^40 ways lead to the last.
  void imported_messages_to_which_very_many_ways_lead_are_compared_once() {
    const auto chain = [](const std::string& last) {
      std::string text = "syntax = \"proto3\"; message M0 { " + last + " a = 1; }";
      for (int i = 1; i < 40; ++i) {
        const std::string next = "M" + std::to_string(i - 1);
        text += " message M" + std::to_string(i) + " { " + next + " a = 1; " + next + " b = 2; }";
      }
      return text;
    };
    const std::string contract = "import \"b.proto\"; message A { M39 b = 1; }";
    const std::vector<RegisteredSchema::Reference> was{{"b.proto", chain("string")}}, is{{"b.proto", chain("int32")}};
    QCOMPARE(incompatibilities(contract, contract, "syntax = \"proto3\"; ", was, was), QString());
    const QStringList found = incompatibilities(contract, contract, "syntax = \"proto3\"; ", is, was).split("; ");
    QCOMPARE(found.size(), 1 + 2 * 39 + 1);
    QCOMPARE(found.front(), "FIELD_SCALAR_KIND_CHANGED #/M0/1");
  }

  void an_imported_message_is_compared_where_it_is_used() {
    const std::vector<RegisteredSchema::Reference> first{{"b.proto", "syntax = \"proto3\"; message B { int32 a = 1; }"}}, second{{"b.proto", "syntax = \"proto3\"; message B { string a = 1; }"}};
    const std::string contract = "import \"b.proto\"; message A { B b = 1; }";
    QCOMPARE(incompatibilities(contract, contract, "syntax = \"proto3\"; ", first, first), "");
    QCOMPARE(incompatibilities(contract, contract, "syntax = \"proto3\"; ", second, first), "FIELD_SCALAR_KIND_CHANGED #/B/1; FIELD_NAMED_TYPE_CHANGED #/A/1");
  }
};

QTEST_GUILESS_MAIN(ProtobufCompatibilityTest)
#include "protobuf_compatibility_test.moc"
