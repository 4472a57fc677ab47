#include "io/json_schema_comparison.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "io/scalar_text.h"

namespace penstock {
namespace {

using Form = SchemaShape::Form;
using Rule = SchemaShape::Rule;

constexpr int kMaxDepth = 128;

}  // namespace

std::string shown_json(const SchemaShape::Json& value) { return shortened(value.dump(-1, ' ', false, SchemaShape::Json::error_handler_t::replace)); }

bool SchemaComparison::fits_in_part(const SchemaShape& was, const SchemaShape& is, const std::string& path) {
  const bool is_choice = is.form == Form::combined && was.form != Form::combined;
  const bool was_choice = was.form == Form::combined && is.form != Form::combined;
  if (!is_choice && !was_choice) return false;
  const std::vector<SchemaShape> parts = is_choice ? is.parts() : was.parts();
  const bool one_is_enough = parts.size() == 1 || (is_choice ? is.rule != Rule::all : was.rule == Rule::all);
  return one_is_enough && std::any_of(parts.begin(), parts.end(), [&](const SchemaShape& part) { return is_choice ? fits(was, part, path) : fits(part, is, path); });
}

void SchemaComparison::compare(const SchemaShape& was, const SchemaShape& is, const std::string& path, Faults& faults) {
  ++comparisons_;
  if (++depth_ > kMaxDepth || too_large()) {
    add(faults, "TYPE_CHANGED", path, "nested deeper than " + std::to_string(kMaxDepth) + " levels");
  } else if (fits_in_part(was, is, path)) {
    // One of several that are allowed.
  } else if (was.form != is.form) {
    if (was.form != Form::nothing && is.form != Form::anything) add(faults, "TYPE_CHANGED", path, shown_json(*was.node) + " became " + shown_json(*is.node));
  } else if (const Key key{was.node, was.form, was.rule}; open_.insert(key).second) {
    compare_same(was, is, path, faults);
    open_.erase(key);
  }
  --depth_;
}

void SchemaComparison::compare_same(const SchemaShape& was, const SchemaShape& is, const std::string& path, Faults& faults) {
  switch (was.form) {
    case Form::text: {
      compare_limit(was, is, "maxLength", "MAX_LENGTH", true, path, faults);
      compare_limit(was, is, "minLength", "MIN_LENGTH", false, path, faults);
      const Json *before = was.find("pattern"), *now = is.find("pattern");
      if (now && (!before || *before != *now)) add(faults, before ? "PATTERN_CHANGED" : "PATTERN_ADDED", path + "/pattern", shown_json(*now));
      return;
    }
    case Form::number: return compare_numbers(was, is, path, faults);
    case Form::constant:
      if (*was.find("const") != *is.find("const")) add(faults, "ENUM_ARRAY_CHANGED", path + "/const", shown_json(*is.find("const")));
      return;
    case Form::choices: {
      const Json &before = *was.find("enum"), &now = *is.find("enum");
      const auto holds = [](const Json& list, const Json& value) { return std::find(list.begin(), list.end(), value) != list.end(); };
      const auto holds_all = [&](const Json& list, const Json& values) { return std::all_of(values.begin(), values.end(), [&](const Json& one) { return holds(list, one); }); };
      if (!holds_all(now, before)) add(faults, holds_all(before, now) ? "ENUM_ARRAY_NARROWED" : "ENUM_ARRAY_CHANGED", path + "/enum", shown_json(now));
      return;
    }
    case Form::object: return compare_objects(was, is, path, faults);
    case Form::list: return compare_lists(was, is, path, faults);
    case Form::combined: return compare_combined(was, is, path, faults);
    case Form::negated:
      if (!fits(shape_of(*is.find("not"), *is.root), shape_of(*was.find("not"), *was.root), path + "/not")) add(faults, "NOT_TYPE_EXTENDED", path + "/not", shown_json(*is.find("not")));
      return;
    default: return;
  }
}

// Each part must find a partner of the other side that it fits: as many as the smaller side has.
void SchemaComparison::compare_combined(const SchemaShape& was, const SchemaShape& is, const std::string& path, Faults& faults) {
  const auto distinct = [](const SchemaShape& shape) {
    std::vector<SchemaShape> parts;
    for (SchemaShape& part : shape.parts()) {
      const auto same = [&](const SchemaShape& other) { return other.form == part.form && other.rule == part.rule && other.integer == part.integer && *other.node == *part.node; };
      if (std::none_of(parts.begin(), parts.end(), same)) parts.push_back(std::move(part));
    }
    return parts;
  };
  const std::vector<SchemaShape> before = distinct(was), now = distinct(is);
  const bool may_change = is.rule == Rule::any || (was.parts().size() == 1 && (is.rule == Rule::one || is.parts().size() == 1));
  if (was.rule != is.rule && !may_change) return add(faults, "COMBINED_TYPE_CHANGED", path, "allOf, anyOf or oneOf became another of them");
  if (before.size() < now.size() && is.rule == Rule::all) add(faults, "PRODUCT_TYPE_EXTENDED", path, "there are more conditions");
  if (before.size() > now.size() && is.rule != Rule::all) add(faults, "SUM_TYPE_NARROWED", path, "there are fewer alternatives");

  std::vector<std::vector<bool>> fit(before.size());
  for (std::size_t i = 0; i < before.size(); ++i)
    for (const SchemaShape& part : now) fit[i].push_back(fits(before[i], part, path));
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::vector<std::size_t> partner(now.size(), kNone);
  std::vector<bool> tried;
  const std::function<bool(std::size_t)> find_partner = [&](std::size_t i) {
    for (std::size_t j = 0; j < now.size(); ++j) {
      if (!fit[i][j] || tried[j]) continue;
      tried[j] = true;
      if (partner[j] != kNone && !find_partner(partner[j])) continue;
      partner[j] = i;
      return true;
    }
    return false;
  };
  std::size_t matched = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    tried.assign(now.size(), false);
    if (find_partner(i)) ++matched;
  }
  if (matched < std::min(before.size(), now.size())) add(faults, "COMBINED_TYPE_SUBSCHEMAS_CHANGED", path, "an alternative or condition changed into another");
}

void SchemaComparison::compare_limit(const SchemaShape& was, const SchemaShape& is, const char* keyword, const char* name, bool upper, const std::string& path, Faults& faults) {
  const Json *before = was.find(keyword), *now = is.find(keyword);
  if (!now || !now->is_number()) return;
  const bool had = before && before->is_number();
  const double change = had ? now->get<double>() - before->get<double>() : 0;
  if (had && (upper ? change >= 0 : change <= 0)) return;
  add(faults, std::string(name) + (!had ? "_ADDED" : upper ? "_DECREASED" : "_INCREASED"), path + "/" + keyword, shown_json(*now));
}

void SchemaComparison::compare_numbers(const SchemaShape& was, const SchemaShape& is, const std::string& path, Faults& faults) {
  compare_limit(was, is, "maximum", "MAXIMUM", true, path, faults);
  compare_limit(was, is, "minimum", "MINIMUM", false, path, faults);
  compare_limit(was, is, "exclusiveMaximum", "EXCLUSIVE_MAXIMUM", true, path, faults);
  compare_limit(was, is, "exclusiveMinimum", "EXCLUSIVE_MINIMUM", false, path, faults);
  const Json *before = was.find("multipleOf"), *now = is.find("multipleOf");
  if (now && now->is_number() && (!before || *before != *now)) {
    const double step = now->get<double>(), old_step = before && before->is_number() ? before->get<double>() : 0;
    const auto divides = [](double small, double large) { return small != 0 && std::abs(std::remainder(large, small)) < 1e-9; };
    if (old_step == 0) add(faults, "MULTIPLE_OF_ADDED", path + "/multipleOf", shown_json(*now));
    else if (!divides(step, old_step)) add(faults, divides(old_step, step) ? "MULTIPLE_OF_EXPANDED" : "MULTIPLE_OF_CHANGED", path + "/multipleOf", shown_json(*now));
  }
  if (is.integer && !was.integer) add(faults, "TYPE_NARROWED", path, "number became integer");
}

}  // namespace penstock
