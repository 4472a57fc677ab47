#include "sql/step_schemas.h"

#include <algorithm>

namespace penstock {

SchemaPtr source_schema(const Schema& contract) {
  std::vector<Field> fields = contract.fields();
  fields.insert(fields.end(), origin::columns().begin(), origin::columns().end());
  fields.push_back({std::string(origin::key), {TypeKind::blob}});
  fields.push_back({std::string(origin::headers), {TypeKind::json}});
  fields.push_back({std::string(origin::raw), {TypeKind::blob}});
  return std::make_shared<const Schema>(std::move(fields));
}

SchemaPtr table_source_schema(const Schema& table) {
  std::vector<Field> fields;
  for (const Field& field : table.fields()) {
    if (origin::is_origin(field.name) || field.name == origin::key || field.name == origin::headers || field.name == origin::raw) continue;
    // A table keeps json as text.
    fields.push_back({field.name, field.type.kind == TypeKind::json ? Type{TypeKind::varchar} : field.type});
  }
  return source_schema(Schema(std::move(fields)));
}

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

SchemaPtr sharded_schema(const Schema& rows) {
  std::vector<Field> fields = rows.fields();
  fields.push_back({std::string(origin::shard), {TypeKind::int32}, false});
  return std::make_shared<const Schema>(std::move(fields));
}

SchemaPtr window_schema(const Schema& input) {
  std::vector<Field> fields = input.fields();
  fields.push_back({"window_start", {TypeKind::timestamp}, false});
  fields.push_back({"window_end", {TypeKind::timestamp}, false});
  return std::make_shared<const Schema>(std::move(fields));
}

}  // namespace penstock
