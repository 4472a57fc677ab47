#include "io/json_schema_compatibility.h"

#include "io/json_schema_comparison.h"
#include "io/scalar_text.h"

namespace penstock {
namespace {

using Json = SchemaShape::Json;

Result<Json> parse(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() && !json.is_boolean()) return Error(ErrorKind::invalid_argument, "not a JSON Schema: " + shortened(text));
  if (const Json* foreign = foreign_reference(json, json))
    return Error(ErrorKind::unsupported, "the reference " + shown_json(*foreign) + " leads out of the schema, or nowhere", "put what it means below $defs");
  return json;
}

}  // namespace

Result<std::vector<Incompatibility>> json_schema_incompatibilities(std::string_view reader, std::string_view writer) {
  PENSTOCK_ASSIGN(const Json is, parse(reader));
  PENSTOCK_ASSIGN(const Json was, parse(writer));
  std::vector<Incompatibility> faults;
  SchemaComparison comparison;
  comparison.compare(shape_of(was, was), shape_of(is, is), "", faults);
  if (comparison.too_large()) return Error(ErrorKind::unsupported, "the schemas have too many alternatives within alternatives to be compared");
  return faults;
}

}  // namespace penstock
