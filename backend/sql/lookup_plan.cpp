#include "sql/lookup_plan.h"

#include <algorithm>

#include "sql/join_plan.h"
#include "sql/sql_rules.h"
#include "sql/sql_text.h"

namespace penstock {
namespace {

constexpr const char* kValidFrom = "valid_from";
constexpr const char* kValidTo = "valid_to";

bool stays_at_bronze(std::string_view name) { return name == origin::raw || name == origin::key || name == origin::headers; }

class LookupPlanner {
 public:
  LookupPlanner(const LookupSpec& lookup, const Schema& rows, const Schema& table, std::vector<SqlProblem>& problems)
      : lookup_(lookup), rows_(rows), table_(table), problems_(problems) {}

  std::optional<LookupPlan> plan() {
    const auto before = problems_.size();
    match_keys();
    if (!lookup_.as_of.empty()) find_times();
    if (problems_.size() == before) add_columns();
    if (problems_.size() != before) return std::nullopt;
    return std::move(plan_);
  }

 private:
  std::string rows_name() const { return "the step's rows"; }
  std::optional<std::size_t> find(const Schema& schema, const std::string& name, const std::string& whose) {
    if (const auto found = schema.find(name)) return found;
    NameSet names;
    for (const Field& field : schema.fields()) names.insert(field.name);
    problems_.push_back({.message = "there is no column '" + name + "' in " + whose, .expected = one_of(names), .suggestion = did_you_mean(name, names)});
    return std::nullopt;
  }
  std::optional<std::size_t> find_time(const Schema& schema, const std::string& name, const std::string& whose) {
    const auto found = find(schema, name, whose);
    if (found && schema[*found].type.kind != TypeKind::timestamp)
      problems_.push_back({.message = "'" + name + "' of " + whose + " is " + schema[*found].type.sql_name() + ", not a time", .expected = "a TIMESTAMPTZ column"});
    return found;
  }

  void match_keys() {
    for (const LookupSpec::Match& match : lookup_.on) {
      const auto own = find(rows_, match.column, rows_name()), other = find(table_, match.table_column, lookup_.table);
      if (!own || !other) continue;
      const Type &type = rows_[*own].type, &table_type = table_[*other].type;
      if (!are_keys(type, table_type))
        problems_.push_back({.message = "'" + match.column + "' is " + type.sql_name() + ", '" + match.table_column + "' of " + lookup_.table + " is " + table_type.sql_name(),
                             .expected = "columns of one type, with a cast in the step above"});
      plan_.keys.push_back(*own);
      plan_.table_keys.push_back(*other);
    }
  }
  void find_times() {
    plan_.as_of = find_time(rows_, lookup_.as_of, rows_name());
    plan_.valid_from = find_time(table_, kValidFrom, lookup_.table).value_or(0);
    plan_.valid_to = find_time(table_, kValidTo, lookup_.table).value_or(0);
  }
  void add_columns() {
    std::vector<Field> fields;
    for (std::size_t column = 0; column < rows_.size(); ++column) {
      if (origin::is_origin(rows_[column].name)) {
        plan_.origin.push_back(column);
      } else if (!stays_at_bronze(rows_[column].name)) {
        plan_.own.push_back(column);
        fields.push_back(rows_[column]);
      }
    }
    const std::size_t own = fields.size();
    for (std::size_t column = 0; column < table_.size(); ++column) {
      const Field& field = table_[column];
      const bool is_key = std::find(plan_.table_keys.begin(), plan_.table_keys.end(), column) != plan_.table_keys.end();
      const bool is_validity = !lookup_.as_of.empty() && (field.name == kValidFrom || field.name == kValidTo);
      if (is_key || is_validity || origin::is_origin(field.name) || stays_at_bronze(field.name)) continue;
      if (std::any_of(fields.begin(), fields.begin() + static_cast<std::ptrdiff_t>(own), [&](const Field& one) { return same_name(one.name, field.name); }))
        problems_.push_back({.message = "the rows have a column '" + field.name + "' already, as " + lookup_.table + " does", .expected = "another name for it, with AS in the step above"});
      plan_.added.push_back(column);
      fields.push_back({field.name, field.type, true});
    }
    for (const std::size_t column : plan_.origin) fields.push_back(rows_[column]);
    plan_.schema = std::make_shared<const Schema>(std::move(fields));
  }

  const LookupSpec& lookup_;
  const Schema& rows_;
  const Schema& table_;
  std::vector<SqlProblem>& problems_;
  LookupPlan plan_;
};

}  // namespace

std::optional<LookupPlan> plan_lookup(const LookupSpec& lookup, const Schema& rows, const Schema& table, std::vector<SqlProblem>& problems) {
  return LookupPlanner(lookup, rows, table, problems).plan();
}

Result<LookupPlan> plan_lookup(const LookupSpec& lookup, const Schema& rows, const Schema& table) {
  std::vector<SqlProblem> problems;
  auto plan = plan_lookup(lookup, rows, table, problems);
  if (plan) return *std::move(plan);
  return Error(ErrorKind::invalid_argument, problems.front().message, problems.front().expected, lookup.at.to_string());
}

}  // namespace penstock
