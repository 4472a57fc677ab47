#pragma once

// A JSON Schema (draft 7 to 2020-12), one level at a time: which kind of value its keywords speak of. Only
// json_schema_compatibility.cpp uses it.

#include <vector>

#include <nlohmann/json.hpp>

namespace penstock {

struct SchemaShape {
  using Json = nlohmann::ordered_json;

  enum class Form { anything, nothing, text, number, boolean, null, constant, choices, object, list, combined, negated, conditional };
  enum class Rule { all, any, one };

  Form form = Form::anything;
  Rule rule = Rule::all;                 // combined
  bool integer = false;                  // number
  const Json* node = nullptr;            // the schema that the keywords stand in; of an `allOf` that nobody wrote, too
  const Json* root = nullptr;            // of its document, where `$ref` begins
  std::vector<SchemaShape> own_parts;    // combined: of keywords that stand beside each other in `node`
  const Json* written_parts = nullptr;   // combined: the list under allOf, anyOf, oneOf

  // A keyword's value; null where it is not there.
  const Json* find(const char* keyword) const;
  std::vector<SchemaShape> parts() const;
};

// `$ref` is followed within the document; one that leads nowhere allows anything.
SchemaShape shape_of(const SchemaShape::Json& node, const SchemaShape::Json& root);

// The first `$ref` that leads out of the document, or nowhere; null when there is none.
const SchemaShape::Json* foreign_reference(const SchemaShape::Json& node, const SchemaShape::Json& root, int depth = 0);

}  // namespace penstock
