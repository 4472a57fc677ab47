#include "io/target_columns.h"

namespace penstock {

Error does_not_fit(const std::string& table, const std::string& what, const std::string& action) {
  return Error(ErrorKind::failed_precondition, "the table " + table + " " + what, action);
}

Result<std::vector<std::size_t>> match_columns(const std::string& table, const Schema& rows, const TargetColumns& found,
                                               const std::function<bool(const Type&, const std::string& declared)>& fits) {
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Field& field = rows[i];
    if (field.name == change::op) continue;
    const auto column = found.find(field.name);
    if (column == found.end()) {
      if (origin::is_origin(field.name)) continue;
      return does_not_fit(table, "has no column '" + field.name + "'", "ALTER TABLE … ADD COLUMN, or leave the column out in the step's SQL");
    }
    if (!fits(field.type, column->second.type))
      return does_not_fit(table, "has '" + field.name + "' as " + column->second.type + ", which does not take " + field.type.sql_name(),
                          "cast the column in the step's SQL");
    columns.push_back(i);
  }
  for (const auto& [column, description] : found)
    if (description.required && !rows.find(column))
      return does_not_fit(table, "requires a value for '" + column + "', which the rows do not have", "give the column in the step's SQL");
  return columns;
}

std::vector<Field> addable_columns(const Schema& rows, const TargetColumns& found) {
  std::vector<Field> fields;
  for (const Field& field : rows.fields())
    if (!found.contains(field.name) && field.name != change::op && !origin::is_origin(field.name) && field.nullable) fields.push_back(field);
  return fields;
}

}  // namespace penstock
