#include "sql/step_schemas.h"

#include <algorithm>

namespace penstock {

Result<SchemaPtr> united_schema(std::span<const SchemaPtr> inputs) {
  if (inputs.size() == 1) return inputs.front();
  std::vector<Field> fields;
  for (const SchemaPtr& input : inputs) {
    for (const Field& field : input->fields()) {
      const auto known = std::find_if(fields.begin(), fields.end(), [&](const Field& one) { return one.name == field.name; });
      if (known == fields.end()) {
        fields.push_back({field.name, field.type, true});
      } else if (known->type != field.type) {
        return Error(ErrorKind::invalid_argument,
                     "the inputs do not unite: '" + field.name + "' is " + known->type.sql_name() + " in one and " +
                         field.type.sql_name() + " in another",
                     "a cast in the step that feeds it");
      }
    }
  }
  return std::make_shared<const Schema>(std::move(fields));
}

SchemaPtr change_schema(const Schema& rows) {
  std::vector<Field> fields = rows.fields();
  fields.push_back({std::string(change::op), {TypeKind::varchar}, false});
  return std::make_shared<const Schema>(std::move(fields));
}

SchemaPtr window_schema(const Schema& input) {
  std::vector<Field> fields = input.fields();
  fields.push_back({"window_start", {TypeKind::timestamp}, false});
  fields.push_back({"window_end", {TypeKind::timestamp}, false});
  return std::make_shared<const Schema>(std::move(fields));
}

}  // namespace penstock
