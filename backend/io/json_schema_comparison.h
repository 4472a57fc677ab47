#pragma once

// The walk over two JSON Schemas at once. Only json_schema_compatibility.cpp uses it; what objects and lists say of their
// content is in json_schema_content.cpp.

#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "io/compatibility.h"
#include "io/json_schema_shape.h"

namespace penstock {

// A value as an error sentence shows it.
std::string shown_json(const SchemaShape::Json& value);

class SchemaComparison {
 public:
  // What keeps values of `was` from being values of `is`.
  void compare(const SchemaShape& was, const SchemaShape& is, const std::string& path, std::vector<Incompatibility>& faults);
  // It gave up: schemas that hold alternatives within alternatives can take for ever.
  bool too_large() const { return comparisons_ > kMaxComparisons; }

 private:
  using Json = SchemaShape::Json;
  using Faults = std::vector<Incompatibility>;
  using Key = std::tuple<const Json*, SchemaShape::Form, SchemaShape::Rule>;

  // What an object or a list says of what it does not name: open to anything, closed, or open to what a schema allows.
  struct Others {
    bool allowed = true;
    std::optional<SchemaShape> shape;
  };
  // What an object says of a property that it does not name: the schema that covers it, none where it is open to anything.
  struct Cover {
    bool open = false;
    std::optional<SchemaShape> shape;
  };
  // Before 2020-12 a list of schemas stands under `items`, and the others under `additionalItems`; since then `prefixItems`, `items`.
  struct Items {
    std::vector<const Json*> named;
    const Json* all = nullptr;
    Others others;
  };
  static Cover cover_of(const SchemaShape& shape, const std::string& name);
  static Items items_of(const SchemaShape& shape);
  static Others others_of(const SchemaShape& shape, const char* keyword);

  static constexpr int kMaxComparisons = 1'000'000;

  static void add(Faults& faults, std::string type, const std::string& path, std::string message) {
    faults.push_back({std::move(type), path.empty() ? "#/" : "#" + path, std::move(message)});
  }
  bool fits(const SchemaShape& was, const SchemaShape& is, const std::string& path) {
    Faults found;
    compare(was, is, path, found);
    return found.empty();
  }
  bool fits_in_part(const SchemaShape& was, const SchemaShape& is, const std::string& path);
  void compare_same(const SchemaShape& was, const SchemaShape& is, const std::string& path, Faults& faults);
  void compare_combined(const SchemaShape& was, const SchemaShape& is, const std::string& path, Faults& faults);
  void compare_numbers(const SchemaShape& was, const SchemaShape& is, const std::string& path, Faults& faults);
  void compare_objects(const SchemaShape& was, const SchemaShape& is, const std::string& path, Faults& faults);
  void compare_removed(const SchemaShape& was, const SchemaShape& is, const std::string& name, const std::string& path, Faults& faults);
  void compare_added(const SchemaShape& was, const SchemaShape& is, const std::string& name, const std::string& path, Faults& faults);
  void compare_dependencies(const SchemaShape& was, const SchemaShape& is, const std::string& path, Faults& faults);
  void compare_lists(const SchemaShape& was, const SchemaShape& is, const std::string& path, Faults& faults);
  void compare_others(const Others& was, const Others& is, const std::string& name, const std::string& path, Faults& faults);
  void compare_limit(const SchemaShape& was, const SchemaShape& is, const char* keyword, const char* name, bool upper, const std::string& path, Faults& faults);

  std::set<Key> open_;      // what is being compared: a schema may hold itself
  int depth_ = 0, comparisons_ = 0;
};

}  // namespace penstock
