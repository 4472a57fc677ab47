#include "io/json_schema_compatibility.h"

#include "support/schema_changes.h"

using namespace penstock;
using namespace penstock::test;

namespace {

// What Confluent's documentation ("JSON Schema compatibility rules") says of each change, in its registry's names.
constexpr SchemaChange kChanges[] = {
    {"nothing", R"({"type":"object","properties":{"a":{"type":"string"}}})", R"({"type":"object","properties":{"a":{"type":"string"}}})", ""},
    {"annotations", R"({"title":"a","description":"b","$id":"x","type":"string","default":"c"})", R"({"title":"d","type":"string"})", ""},
    {"anything becomes anything but", R"({"type":"string"})", R"({})", ""},
    {"anything at all", R"({})", R"({"type":"string"})", "TYPE_CHANGED #/"},
    {"nothing becomes something", "false", R"({"type":"string"})", ""},
    {"another type", R"({"type":"object"})", R"({"type":"array"})", "TYPE_CHANGED #/"},
    {"integer becomes number", R"({"type":"integer"})", R"({"type":"number"})", ""},
    {"number becomes integer", R"({"type":"number"})", R"({"type":"integer"})", "TYPE_NARROWED #/"},

    {"a text may be shorter and longer", R"({"type":"string","minLength":3,"maxLength":5})", R"({"type":"string","minLength":2,"maxLength":6})", ""},
    {"a text may not be as short and long", R"({"type":"string","minLength":2,"maxLength":6})", R"({"type":"string","minLength":3,"maxLength":5})",
     "MAX_LENGTH_DECREASED #/maxLength; MIN_LENGTH_INCREASED #/minLength"},
    {"limits of a text come", R"({"type":"string"})", R"({"type":"string","minLength":3,"maxLength":5,"pattern":"x"})",
     "MAX_LENGTH_ADDED #/maxLength; MIN_LENGTH_ADDED #/minLength; PATTERN_ADDED #/pattern"},
    {"limits of a text go", R"({"type":"string","minLength":3,"maxLength":5,"pattern":"x"})", R"({"type":"string"})", ""},
    {"another pattern", R"({"type":"string","pattern":"x"})", R"({"type":"string","pattern":"y"})", "PATTERN_CHANGED #/pattern"},
    {"limits of a number come", R"({"type":"number"})", R"({"type":"number","minimum":1,"maximum":9,"exclusiveMinimum":0,"exclusiveMaximum":10,"multipleOf":2})",
     "MAXIMUM_ADDED #/maximum; MINIMUM_ADDED #/minimum; EXCLUSIVE_MAXIMUM_ADDED #/exclusiveMaximum; EXCLUSIVE_MINIMUM_ADDED #/exclusiveMinimum; "
     "MULTIPLE_OF_ADDED #/multipleOf"},
    {"limits of a number widen", R"({"type":"number","minimum":1,"maximum":9,"multipleOf":10})", R"({"type":"number","minimum":0,"maximum":9.5,"multipleOf":2})", ""},
    {"limits of a number narrow", R"({"type":"number","minimum":0,"exclusiveMaximum":9})", R"({"type":"number","minimum":1,"exclusiveMaximum":8})",
     "MINIMUM_INCREASED #/minimum; EXCLUSIVE_MAXIMUM_DECREASED #/exclusiveMaximum"},
    {"larger steps", R"({"type":"number","multipleOf":0.01})", R"({"type":"number","multipleOf":0.1})", "MULTIPLE_OF_EXPANDED #/multipleOf"},
    {"other steps", R"({"type":"number","multipleOf":10})", R"({"type":"number","multipleOf":11})", "MULTIPLE_OF_CHANGED #/multipleOf"},

    {"a choice comes", R"({"enum":["a"]})", R"({"enum":["b","a"]})", ""},
    {"a choice goes", R"({"enum":["a","b"]})", R"({"enum":["a"]})", "ENUM_ARRAY_NARROWED #/enum"},
    {"other choices", R"({"enum":["a"]})", R"({"enum":["b"]})", "ENUM_ARRAY_CHANGED #/enum"},
    {"choices go altogether", R"({"type":"string","enum":["a"]})", R"({"type":"string"})", ""},
    {"another constant", R"({"const":1})", R"({"const":2})", "ENUM_ARRAY_CHANGED #/const"},
    {"less is excluded", R"({"not":{"type":"number"}})", R"({"not":{"type":"integer"}})", ""},
    {"more is excluded", R"({"not":{"type":"integer"}})", R"({"not":{"type":"number"}})", "NOT_TYPE_EXTENDED #/not"},

    {"a property is added to an open object", R"({"properties":{"a":{"type":"string"}}})", R"({"properties":{"a":{"type":"string"},"b":{"type":"string"}}})",
     "PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL #/properties/b"},
    {"a property that may be anything is added to an open object", R"({"type":"object"})", R"({"type":"object","properties":{"b":true}})", ""},
    {"a property is removed from an open object", R"({"properties":{"a":{"type":"string"}}})", R"({"properties":{}})", ""},
    {"an optional property is added to a closed object", R"({"additionalProperties":false})", R"({"additionalProperties":false,"properties":{"b":{"type":"string"}}})", ""},
    {"a required property is added to a closed object", R"({"additionalProperties":false})",
     R"({"additionalProperties":false,"properties":{"b":{"type":"string"}},"required":["b"]})", "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL #/properties/b"},
    {"a required property with a default is added to a closed object", R"({"additionalProperties":false})",
     R"({"additionalProperties":false,"properties":{"b":{"type":"string","default":""}},"required":["b"]})", ""},
    {"a property is removed from a closed object", R"({"additionalProperties":false,"properties":{"b":{"type":"string"}}})", R"({"additionalProperties":false})",
     "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL #/properties/b"},
    {"a property that was never there is removed from a closed object", R"({"additionalProperties":false,"properties":{"b":false}})", R"({"additionalProperties":false})", ""},
    {"a property that others cover is added", R"({"additionalProperties":{"type":"integer"}})",
     R"({"additionalProperties":{"type":"integer"},"properties":{"b":{"type":"number"}}})", ""},
    {"a property that others do not cover is added", R"({"additionalProperties":{"type":"string"}})",
     R"({"additionalProperties":{"type":"string"},"properties":{"b":{"type":"number"}}})",
     "TYPE_CHANGED #/properties/b; PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL #/properties/b"},
    {"a property that a pattern covers is removed", R"({"additionalProperties":false,"properties":{"I_1":{"type":"integer"}}})",
     R"({"additionalProperties":false,"patternProperties":{"^S_":{"type":"string"},"^I_":{"type":"number"}}})", ""},
    {"a property that a pattern does not cover is removed", R"({"additionalProperties":false,"properties":{"I_1":{"type":"boolean"}}})",
     R"({"additionalProperties":false,"patternProperties":{"^I_":{"type":"number"}}})",
     "TYPE_CHANGED #/properties/I_1; PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL #/properties/I_1"},
    {"a property changes", R"({"properties":{"a":{"type":"string"}}})", R"({"properties":{"a":{"type":"number"}}})", "TYPE_CHANGED #/properties/a"},
    {"a property becomes required", R"({"properties":{"a":{"type":"string"}}})", R"({"properties":{"a":{"type":"string"}},"required":["a"]})",
     "REQUIRED_ATTRIBUTE_ADDED #/required/a"},
    {"a property is required no more", R"({"properties":{"a":{"type":"string"}},"required":["a"]})", R"({"properties":{"a":{"type":"string"}}})", ""},
    {"an object closes", R"({"type":"object"})", R"({"type":"object","additionalProperties":false})", "ADDITIONAL_PROPERTIES_REMOVED #/additionalProperties"},
    {"an object opens", R"({"type":"object","additionalProperties":false})", R"({"type":"object"})", ""},
    {"others are checked", R"({"type":"object"})", R"({"additionalProperties":{"type":"string"}})", "ADDITIONAL_PROPERTIES_NARROWED #/additionalProperties"},
    {"numbers of properties", R"({"minProperties":1,"maxProperties":3})", R"({"minProperties":2,"maxProperties":2})",
     "MAX_PROPERTIES_DECREASED #/maxProperties; MIN_PROPERTIES_INCREASED #/minProperties"},
    {"a dependency comes", R"({"dependencies":{"a":["b"]}})", R"({"dependencies":{"a":["b"],"c":["a"]}})", "DEPENDENCY_ARRAY_ADDED #/dependencies/c"},
    {"a dependency goes", R"({"dependencies":{"a":["b","c"],"d":{"type":"string"}}})", R"({"dependencies":{"a":["b"]}})", ""},
    {"a dependency grows", R"({"dependentRequired":{"a":["b"]}})", R"({"dependentRequired":{"a":["b","c"]}})", "DEPENDENCY_ARRAY_EXTENDED #/dependentRequired/a"},
    {"a dependency of a schema changes", R"({"dependencies":{"a":{"type":"string"}}})", R"({"dependencies":{"a":{"type":"number"}}})", "TYPE_CHANGED #/dependencies/a"},

    {"items are checked", R"({"type":"array"})", R"({"type":"array","items":{"type":"string"}})", "SCHEMA_ADDED #/items"},
    {"items are checked no more", R"({"type":"array","items":{"type":"string"}})", R"({"type":"array"})", ""},
    {"an item is added to a closed list", R"({"items":[{"type":"string"}],"additionalItems":false})", R"({"items":[{"type":"string"},{"type":"number"}],"additionalItems":false})", ""},
    {"an item is added to an open list", R"({"items":[{"type":"string"}]})", R"({"items":[{"type":"string"},{"type":"number"}]})", "ITEM_ADDED_TO_OPEN_CONTENT_MODEL #/items/1"},
    {"an item is removed from a closed list", R"({"prefixItems":[{"type":"string"},{"type":"number"}],"items":false})", R"({"prefixItems":[{"type":"string"}],"items":false})",
     "ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL #/items/1"},
    {"an item that others do not cover is removed", R"({"items":[{"type":"number"}],"additionalItems":{"type":"string"}})", R"({"items":[],"additionalItems":{"type":"string"}})",
     "TYPE_CHANGED #/items/0; ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL #/items/0"},
    {"a list has limits", R"({"type":"array"})", R"({"type":"array","maxItems":3,"minItems":1,"uniqueItems":true})",
     "MAX_ITEMS_ADDED #/maxItems; MIN_ITEMS_ADDED #/minItems; UNIQUE_ITEMS_ADDED #/uniqueItems"},

    {"a type among several", R"({"type":"string"})", R"({"oneOf":[{"type":"number"},{"type":"string"}]})", ""},
    {"null is allowed", R"({"type":"string"})", R"({"type":["string","null"]})", ""},
    {"null is allowed no more", R"({"type":["string","null"]})", R"({"type":"string"})", "TYPE_CHANGED #/"},
    {"an alternative comes", R"({"oneOf":[{"type":"number"}]})", R"({"oneOf":[{"type":"string"},{"type":"number"}]})", ""},
    {"an alternative goes", R"({"oneOf":[{"type":"string"},{"type":"number"}]})", R"({"oneOf":[{"type":"number"},{"type":"null"},{"type":"boolean"}]})",
     "COMBINED_TYPE_SUBSCHEMAS_CHANGED #/"},
    {"there are fewer alternatives", R"({"anyOf":[{"type":"string"},{"type":"number"},{"type":"null"}]})", R"({"anyOf":[{"type":"string"},{"type":"null"}]})", "SUM_TYPE_NARROWED #/"},
    {"there are more conditions", R"({"allOf":[{"minLength":1},{"pattern":"a"}]})", R"({"allOf":[{"minLength":1},{"pattern":"a"},{"type":"string"}]})", "PRODUCT_TYPE_EXTENDED #/"},
    {"oneOf becomes anyOf", R"({"oneOf":[{"type":"string"},{"type":"number"}]})", R"({"anyOf":[{"type":"number"},{"type":"string"}]})", ""},
    {"anyOf becomes oneOf", R"({"anyOf":[{"type":"string"},{"type":"number"}]})", R"({"oneOf":[{"type":"number"},{"type":"string"}]})", "COMBINED_TYPE_CHANGED #/"},

    {"a schema moves behind a reference", R"({"properties":{"a":{"type":"string"}}})", R"({"properties":{"a":{"$ref":"#/$defs/t"}},"$defs":{"t":{"type":"string"}}})", ""},
    {"what is referred to changes", R"({"properties":{"a":{"$ref":"#/definitions/t~1u"}},"definitions":{"t/u":{"type":"string"}}})",
     R"({"properties":{"a":{"$ref":"#/definitions/t~1u"}},"definitions":{"t/u":{"type":"number"}}})", "TYPE_CHANGED #/properties/a"},
    {"a schema that holds itself", R"({"type":"object","properties":{"next":{"$ref":"#"},"a":{"type":"string"}}})",
     R"({"type":"object","properties":{"next":{"$ref":"#"},"a":{"type":"number"}}})", "TYPE_CHANGED #/properties/a"},
};

QString incompatibilities(const std::string& reader, const std::string& writer) {
  const auto found = json_schema_incompatibilities(reader, writer);
  if (!found.ok()) return QString::fromStdString(found.error().message);
  return text_of(*found);
}

}  // namespace

class JsonSchemaCompatibilityTest : public QObject {
  Q_OBJECT

 private slots:
  void each_change_is_named_with_its_place_data() {
    add_changes(kChanges);
  }
  void each_change_is_named_with_its_place() {
    QFETCH(const int, number);
    QCOMPARE(incompatibilities(kChanges[number].is, kChanges[number].was), QString(kChanges[number].incompatibilities));
  }

  void what_cannot_be_compared_is_told() {
    QVERIFY(incompatibilities("{", "{}").startsWith("not a JSON Schema"));
    QVERIFY(incompatibilities("{}", "{\"$ref\":\"http://x/y.json\"}").startsWith("the reference"));
    QVERIFY(incompatibilities("{\"items\":{\"$ref\":\"#/nowhere\"}}", "{}").startsWith("the reference"));
    QCOMPARE(incompatibilities("{\"$ref\":\"#\"}", "{\"$ref\":\"#\"}"), "");
  }
};

QTEST_GUILESS_MAIN(JsonSchemaCompatibilityTest)
#include "json_schema_compatibility_test.moc"
