// What objects and lists say of what they hold: the half of the comparison that knows open and closed content.

#include <re2/re2.h>

#include <algorithm>

#include "io/json_schema_comparison.h"

namespace penstock {
namespace {

using Json = SchemaShape::Json;
using Form = SchemaShape::Form;

bool is_empty(const Json& node, const SchemaShape& of) { return shape_of(node, *of.root).form == Form::anything; }

const Json& members(const SchemaShape& shape, const char* keyword) {
  static const Json none = Json::object();
  const Json* found = shape.find(keyword);
  return found && found->is_object() ? *found : none;
}

std::set<std::string> names(const Json& list) {
  std::set<std::string> found;
  if (list.is_array())
    for (const Json& one : list)
      if (one.is_string()) found.insert(one.get<std::string>());
  return found;
}

}  // namespace

SchemaComparison::Others SchemaComparison::others_of(const SchemaShape& shape, const char* keyword) {
  const Json* said = shape.find(keyword);
  if (!said || (said->is_boolean() && said->get<bool>())) return {};
  if (said->is_boolean()) return {false, std::nullopt};
  return {true, shape_of(*said, *shape.root)};
}

void SchemaComparison::compare_objects(const SchemaShape& was, const SchemaShape& is, const std::string& path, Faults& faults) {
  const Json &before = members(was, "properties"), &now = members(is, "properties");
  const std::set<std::string> required_before = names(was.find("required") ? *was.find("required") : Json()), required = names(is.find("required") ? *is.find("required") : Json());
  for (const auto& [name, property] : now.items())
    if (before.contains(name) && required.contains(name) && !required_before.contains(name) && !(property.is_object() && property.contains("default")))
      add(faults, "REQUIRED_ATTRIBUTE_ADDED", path + "/required/" + name, name);
  for (const auto& [name, property] : before.items()) {
    const std::string at = path + "/properties/" + name;
    if (now.contains(name)) compare(shape_of(property, *was.root), shape_of(now[name], *is.root), at, faults);
    else compare_removed(was, is, name, at, faults);
  }
  for (const auto& [name, property] : now.items())
    if (!before.contains(name)) compare_added(was, is, name, path + "/properties/" + name, faults);
  compare_dependencies(was, is, path, faults);
  compare_others(others_of(was, "additionalProperties"), others_of(is, "additionalProperties"), "ADDITIONAL_PROPERTIES", path + "/additionalProperties", faults);
  compare_limit(was, is, "maxProperties", "MAX_PROPERTIES", true, path, faults);
  compare_limit(was, is, "minProperties", "MIN_PROPERTIES", false, path, faults);
}

SchemaComparison::Cover SchemaComparison::cover_of(const SchemaShape& shape, const std::string& name) {
  const Others others = others_of(shape, "additionalProperties");
  const Json& patterns = members(shape, "patternProperties");
  if (patterns.empty() && others.allowed && !others.shape) return {true, std::nullopt};
  for (const auto& [pattern, schema] : patterns.items())
    if (const RE2 compiled(pattern, RE2::Quiet); compiled.ok() && RE2::PartialMatch(name, compiled)) return {false, shape_of(schema, *shape.root)};
  return {false, others.shape};
}

void SchemaComparison::compare_removed(const SchemaShape& was, const SchemaShape& is, const std::string& name, const std::string& path, Faults& faults) {
  const Cover cover = cover_of(is, name);
  if (cover.open) return;
  const SchemaShape property = shape_of(members(was, "properties")[name], *was.root);
  const std::size_t known = faults.size();
  if (cover.shape) compare(property, *cover.shape, path, faults);
  if (cover.shape && faults.size() > known) add(faults, "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", path, name);
  if (!cover.shape && property.form != Form::nothing) add(faults, "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", path, name);
}

void SchemaComparison::compare_added(const SchemaShape& was, const SchemaShape& is, const std::string& name, const std::string& path, Faults& faults) {
  const Cover cover = cover_of(was, name);
  const Json& property = members(is, "properties")[name];
  if (cover.open) {
    if (!is_empty(property, is)) add(faults, "PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", path, name);
    return;
  }
  const std::size_t known = faults.size();
  if (cover.shape) compare(*cover.shape, shape_of(property, *is.root), path, faults);
  if (faults.size() > known) add(faults, "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", path, name);
  const Json* required = is.find("required");
  if (required && names(*required).contains(name) && !(property.is_object() && property.contains("default")))
    add(faults, "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL", path, name);
}

void SchemaComparison::compare_dependencies(const SchemaShape& was, const SchemaShape& is, const std::string& path, Faults& faults) {
  for (const char* keyword : {"dependencies", "dependentRequired", "dependentSchemas"}) {
    const Json& before = members(was, keyword);
    for (const auto& [name, now] : members(is, keyword).items()) {
      const std::string at = path + "/" + keyword + "/" + name;
      const bool had = before.contains(name) && before[name].is_array() == now.is_array();
      if (!now.is_array()) {
        if (had) compare(shape_of(before[name], *was.root), shape_of(now, *is.root), at, faults);
        else add(faults, "DEPENDENCY_SCHEMA_ADDED", at, name);
        continue;
      }
      const std::set<std::string> wanted = names(now), wanted_before = had ? names(before[name]) : std::set<std::string>();
      if (!had) add(faults, "DEPENDENCY_ARRAY_ADDED", at, name);
      else if (!std::includes(wanted_before.begin(), wanted_before.end(), wanted.begin(), wanted.end()))
        add(faults, std::includes(wanted.begin(), wanted.end(), wanted_before.begin(), wanted_before.end()) ? "DEPENDENCY_ARRAY_EXTENDED" : "DEPENDENCY_ARRAY_CHANGED", at, name);
    }
  }
}

SchemaComparison::Items SchemaComparison::items_of(const SchemaShape& shape) {
  Items found;
  const Json *prefix = shape.find("prefixItems"), *items = shape.find("items");
  const Json* named = prefix ? prefix : items && items->is_array() ? items : nullptr;
  if (named && named->is_array())
    for (const Json& one : *named) found.named.push_back(&one);
  if (!named) found.all = items;
  found.others = others_of(shape, prefix ? "items" : "additionalItems");
  return found;
}

void SchemaComparison::compare_lists(const SchemaShape& was, const SchemaShape& is, const std::string& path, Faults& faults) {
  const Items before = items_of(was), now = items_of(is);
  if (now.all && !before.all) add(faults, "SCHEMA_ADDED", path + "/items", shown_json(*now.all));
  if (now.all && before.all) compare(shape_of(*before.all, *was.root), shape_of(*now.all, *is.root), path + "/items", faults);
  for (std::size_t i = 0; i < std::max(before.named.size(), now.named.size()); ++i) {
    const std::string at = path + "/items/" + std::to_string(i);
    const std::size_t known = faults.size();
    if (i < before.named.size() && i < now.named.size()) {
      compare(shape_of(*before.named[i], *was.root), shape_of(*now.named[i], *is.root), at, faults);
    } else if (i < before.named.size()) {
      const SchemaShape item = shape_of(*before.named[i], *was.root);
      if (now.others.shape) compare(item, *now.others.shape, at, faults);
      if (faults.size() > known) add(faults, "ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", at, std::to_string(i));
      if (!now.others.allowed && item.form != Form::nothing) add(faults, "ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL", at, std::to_string(i));
    } else {
      if (before.others.shape) compare(*before.others.shape, shape_of(*now.named[i], *is.root), at, faults);
      if (faults.size() > known) add(faults, "ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", at, std::to_string(i));
      if (before.others.allowed && !before.others.shape && !is_empty(*now.named[i], is)) add(faults, "ITEM_ADDED_TO_OPEN_CONTENT_MODEL", at, std::to_string(i));
    }
  }
  compare_others(before.others, now.others, "ADDITIONAL_ITEMS", path + "/additionalItems", faults);
  compare_limit(was, is, "maxItems", "MAX_ITEMS", true, path, faults);
  compare_limit(was, is, "minItems", "MIN_ITEMS", false, path, faults);
  const auto unique = [](const SchemaShape& shape) { return shape.find("uniqueItems") && *shape.find("uniqueItems") == true; };
  if (unique(is) && !unique(was)) add(faults, "UNIQUE_ITEMS_ADDED", path + "/uniqueItems", "true");
}

void SchemaComparison::compare_others(const Others& was, const Others& is, const std::string& name, const std::string& path, Faults& faults) {
  if (was.allowed && !is.allowed) add(faults, name + "_REMOVED", path, "others are not allowed any more");
  else if (was.allowed && !was.shape && is.shape) add(faults, name + "_NARROWED", path, "others are checked now");
  else if (was.shape && is.shape) compare(*was.shape, *is.shape, path, faults);
}

}  // namespace penstock
