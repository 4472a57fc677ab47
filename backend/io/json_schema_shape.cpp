#include "io/json_schema_shape.h"

#include <initializer_list>
#include <string>

#include "io/scalar_text.h"

namespace penstock {
namespace {

using Json = SchemaShape::Json;
using Form = SchemaShape::Form;
using Rule = SchemaShape::Rule;

constexpr int kMaxHops = 32;
constexpr int kMaxDepth = 256;

// What "#/$defs/money" means (RFC 6901); null where it leads out of the document, or nowhere.
const Json* follow(const std::string& reference, const Json& root) {
  if (reference == "#") return &root;
  if (!reference.starts_with("#/")) return nullptr;
  const Json* at = &root;
  for (std::size_t from = 2; from <= reference.size();) {
    const std::size_t end = std::min(reference.find('/', from), reference.size());
    std::string part = reference.substr(from, end - from);
    for (const auto& [escape, character] : {std::pair{"~1", "/"}, std::pair{"~0", "~"}})
      for (std::size_t found = part.find(escape); found != std::string::npos; found = part.find(escape, found + 1)) part.replace(found, 2, character);
    if (at->is_object() && at->contains(part)) {
      at = &(*at)[part];
    } else if (const auto index = parse_whole(part); at->is_array() && index && *index >= 0 && *index < static_cast<std::int64_t>(at->size())) {
      at = &(*at)[static_cast<std::size_t>(*index)];
    } else {
      return nullptr;
    }
    from = end + 1;
  }
  return at;
}

bool has_any(const Json& node, std::initializer_list<const char*> keywords) {
  for (const char* keyword : keywords)
    if (node.contains(keyword)) return true;
  return false;
}

SchemaShape of_type(const std::string& type, const Json& node, const Json& root) {
  SchemaShape shape{.node = &node, .root = &root};
  if (type == "string") shape.form = Form::text;
  else if (type == "number" || type == "integer") shape.form = Form::number;
  else if (type == "boolean") shape.form = Form::boolean;
  else if (type == "null") shape.form = Form::null;
  else if (type == "object") shape.form = Form::object;
  else if (type == "array") shape.form = Form::list;
  shape.integer = type == "integer";
  return shape;
}

void add_typed(const Json& node, const Json& root, std::vector<SchemaShape>& found) {
  const auto type = node.find("type");
  if (type != node.end() && type->is_string()) {
    found.push_back(of_type(type->get<std::string>(), node, root));
  } else if (type != node.end() && type->is_array()) {
    SchemaShape any{.form = Form::combined, .rule = Rule::any, .node = &node, .root = &root};
    for (const Json& one : *type)
      if (one.is_string()) any.own_parts.push_back(of_type(one.get<std::string>(), node, root));
    found.push_back(std::move(any));
  } else {
    if (has_any(node, {"minLength", "maxLength", "pattern", "format"})) found.push_back(of_type("string", node, root));
    if (has_any(node, {"items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems", "contains"})) found.push_back(of_type("array", node, root));
    if (has_any(node, {"properties", "required", "minProperties", "maxProperties", "dependencies", "dependentRequired", "dependentSchemas", "patternProperties",
                       "additionalProperties", "propertyNames"}))
      found.push_back(of_type("object", node, root));
    if (has_any(node, {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})) found.push_back(of_type("number", node, root));
  }
}

}  // namespace

const Json* SchemaShape::find(const char* keyword) const {
  const auto found = node->find(keyword);
  return found == node->end() ? nullptr : &*found;
}

std::vector<SchemaShape> SchemaShape::parts() const {
  if (!written_parts) return own_parts;
  std::vector<SchemaShape> shapes;
  for (const Json& one : *written_parts) shapes.push_back(shape_of(one, *root));
  return shapes;
}

SchemaShape shape_of(const Json& node, const Json& root) {
  const Json* at = &node;
  for (int hops = 0; at->is_object() && at->contains("$ref") && (*at)["$ref"].is_string(); ++hops) {
    at = hops < kMaxHops ? follow((*at)["$ref"].get<std::string>(), root) : nullptr;
    if (!at) return {.node = &node, .root = &root};
  }
  if (!at->is_object()) return {.form = at->is_boolean() && !at->get<bool>() ? Form::nothing : Form::anything, .node = at, .root = &root};
  std::vector<SchemaShape> found;
  if (at->contains("enum")) found.push_back({.form = Form::choices, .node = at, .root = &root});
  if (at->contains("const")) found.push_back({.form = Form::constant, .node = at, .root = &root});
  for (const auto& [keyword, rule] : {std::pair{"allOf", Rule::all}, std::pair{"anyOf", Rule::any}, std::pair{"oneOf", Rule::one}})
    if (const auto list = at->find(keyword); list != at->end() && list->is_array())
      found.push_back({.form = Form::combined, .rule = rule, .node = at, .root = &root, .written_parts = &*list});
  if (at->contains("not")) found.push_back({.form = Form::negated, .node = at, .root = &root});
  if (at->contains("if")) found.push_back({.form = Form::conditional, .node = at, .root = &root});
  add_typed(*at, root, found);
  if (found.empty()) return {.node = at, .root = &root};
  if (found.size() == 1) return std::move(found.front());
  return {.form = Form::combined, .rule = Rule::all, .node = at, .root = &root, .own_parts = std::move(found)};
}

const Json* foreign_reference(const Json& node, const Json& root, int depth) {
  if (depth > kMaxDepth) return &node;
  if (node.is_object() && node.contains("$ref") && node["$ref"].is_string() && !follow(node["$ref"].get<std::string>(), root)) return &node["$ref"];
  if (node.is_structured())
    for (const Json& inside : node)
      if (const Json* found = foreign_reference(inside, root, depth + 1)) return found;
  return nullptr;
}

}  // namespace penstock
