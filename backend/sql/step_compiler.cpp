#include "sql/step_compiler.h"

#include <algorithm>

#include "sql/empty_views.h"
#include "sql/seed_lookup.h"
#include "sql/session_impl.h"
#include "sql/sql_text.h"

namespace penstock {
namespace {

constexpr const char* kRowColumn = "penstock_row";
constexpr const char* kDropped = "penstock_left_out_";
constexpr std::string_view kWindowStart = "window_start";

bool stays_at_bronze(std::string_view name) {
  return name == origin::raw || name == origin::key || name == origin::headers;
}

bool follows_unseen(std::string_view name) { return origin::is_origin(name) || name == origin::shard || name == change::op; }

const Field* find_field(const std::vector<Field>& fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return same_name(field.name, name); });
  return found == fields.end() ? nullptr : &*found;
}

NameSet names_of(const std::vector<Field>& fields) {
  NameSet names;
  for (const Field& field : fields) names.insert(lower_case(field.name));
  return names;
}

}  // namespace

StepCompiler::StepCompiler(Session& session, const StepProgramSpec& spec, std::vector<SqlProblem>& problems)
    : session_(session), spec_(spec), problems_(problems) {}

// DuckDB's error as a problem of the text that stands after `skipped` bytes of what was prepared.
void StepCompiler::report(SqlError error, int expectation, std::size_t skipped) {
  SqlProblem problem{.message = std::move(error.message), .expectation = expectation};
  const std::string& text = expectation < 0 ? spec_.sql : spec_.expect[static_cast<std::size_t>(expectation)].sql;
  if (error.offset && *error.offset >= skipped) problem.offset = std::min(*error.offset - skipped, text.size());
  NameSet candidates;
  for (const std::string& candidate : error.candidates) candidates.insert(candidate);
  if (!error.name.empty()) {
    problem.suggestion = did_you_mean(error.name, candidates);
    if (problem.message.starts_with("Referenced column")) {
      problem.message = "there is no column '" + error.name + "' here";
      problem.expected = one_of(names_of(spec_.schema->fields()));
    }
  }
  problems_.push_back(std::move(problem));
}

void StepCompiler::prepare_input() {
  for (const std::string& name : spec_.inputs) input_.names.insert(lower_case(name));
  if (input_.names.empty() || !spec_.sql.empty()) input_.names.insert("input");
  input_.scan = session_.impl().new_scan_name();
  for (const Field& field : spec_.schema->fields()) {
    if (follows_unseen(field.name) || (stays_at_bronze(field.name) && !spec_.sql.empty())) input_.left_out.push_back(field.name);
  }
  scan_ = std::make_shared<ScanInput>();
  scan_->schema = spec_.schema;
  if (spec_.window) return;
  scan_->row_column = kRowColumn;
  input_.left_out.push_back(kRowColumn);
  const auto follow = [&](std::string_view name) {
    if (const auto column = spec_.schema->find(name)) {
      origin_.push_back(*column);
      input_.following.emplace_back(name);
    }
  };
  for (const Field& field : origin::columns()) follow(field.name);
  follow(origin::shard);
  follow(change::op);
  input_.following.push_back(kRowColumn);
}

bool StepCompiler::bind_as_written(const std::string& sql) {
  const EmptyViews views(session_, input_.names, *spec_.schema);
  SqlError error;
  if (!views.status().ok()) {
    error.message = views.status().error().message;
  } else if (Statement::prepare(session_.impl().connection.get(), sql, error)) {
    return true;
  }
  report(error, -1, 0);
  return false;
}

std::optional<StepCompiler::Inner> StepCompiler::compile_select() {
  const std::string sql = spec_.sql.empty() ? "SELECT * FROM " + quote_name(*input_.names.begin()) : spec_.sql;
  SqlError error;
  auto tree = parse_select(session_, sql, error);
  if (!tree) {
    report(error, -1, 0);
    return std::nullopt;
  }
  const auto before = problems_.size();
  SqlRules rules(session_, *spec_.schema, problems_);
  NameSet visible = cte_names(*tree);
  visible.insert(input_.names.begin(), input_.names.end());
  rules.check_everywhere(*tree, visible);
  if (spec_.window) {
    rewrite_window(*tree, input_);
  } else {
    rewrite_row_wise(*tree, input_, rules);
  }
  const bool allowed = problems_.size() == before;
  // A table that is not there was named already, in our words.
  if (!allowed || !bind_as_written(sql)) return std::nullopt;
  inline_seed_lookups(*tree, session_, *spec_.schema);
  const auto rewritten = to_sql(session_, *tree);
  if (!rewritten.ok()) {
    problems_.push_back({.message = rewritten.error().message, .expected = "a plain SELECT"});
    return std::nullopt;
  }
  return read_columns(*rewritten);
}

std::optional<StepCompiler::Inner> StepCompiler::read_columns(std::string sql) {
  SqlError error;
  const auto statement = Statement::prepare(session_.impl().connection.get(), sql, error);
  if (!statement) {
    // It binds as written, but not with a row's origin beside it: something that makes one row of many.
    problems_.push_back({.message = "this SELECT does not give its rows one by one: " + error.message,
                         .expected = spec_.window ? "a plain SELECT" : "a step with window:"});
    return std::nullopt;
  }
  Inner inner{.sql = std::move(sql)};
  const std::size_t given = statement->columns() - input_.following.size();
  for (std::size_t column = 0; column < given; ++column) {
    const std::string name = statement->name(column);
    if (!spec_.window && (follows_unseen(name) || name == kRowColumn)) {     // COLUMNS('…') may name them
      inner.names.push_back(kDropped + std::to_string(column));
      continue;
    }
    const auto type = statement->type(column);
    if (!type.ok()) {
      problems_.push_back({.message = type.error().message, .expected = type.error().action});
      continue;
    }
    if (find_field(inner.fields, name)) {
      problems_.push_back({.message = "two columns are called '" + name + "'", .expected = "another name, with AS"});
      continue;
    }
    inner.fields.push_back({spec_.window && same_name(name, kWindowStart) ? std::string(kWindowStart) : name, *type});
    inner.names.push_back(inner.fields.back().name);
  }
  inner.names.insert(inner.names.end(), input_.following.begin(), input_.following.end());
  return inner;
}

void StepCompiler::check_output(const Inner& inner) {
  if (inner.fields.empty()) problems_.push_back({.message = "the SELECT gives no column", .expected = "at least one column"});
  if (!spec_.window) return;
  for (const Field& field : inner.fields) {
    if (origin::is_origin(field.name) || field.name == origin::shard) {
      problems_.push_back({.message = "a row that comes from many has no '" + field.name + "'", .expected = "another name, with AS"});
    }
  }
  for (const std::string& key : spec_.aggregate_key) {
    if (find_field(inner.fields, key)) continue;
    const NameSet names = names_of(inner.fields);
    problems_.push_back({.message = "the rows do not say which '" + key + "' they are of", .expected = key + " in the SELECT (and in GROUP BY, or GROUP BY ALL)",
                         .suggestion = did_you_mean(lower_case(key), names)});
  }
  if (!spec_.aggregate_key.empty()) return;
  const Field* start = find_field(inner.fields, kWindowStart);
  if (!start) {
    problems_.push_back({.message = "the rows of a window do not say which window they are",
                         .expected = "window_start in the SELECT (and in GROUP BY, or GROUP BY ALL)"});
  } else if (start->type.kind != TypeKind::timestamp) {
    problems_.push_back({.message = "window_start is " + start->type.sql_name(), .expected = "window_start as the window gives it, TIMESTAMPTZ"});
  }
}

void StepCompiler::check_masks(const Inner& inner) {
  for (const std::string& name : spec_.mask) {
    if (find_field(inner.fields, name)) continue;
    const NameSet names = names_of(inner.fields);
    problems_.push_back({.message = "mask: there is no column '" + name + "' in the step's output",
                         .expected = one_of(names), .suggestion = did_you_mean(lower_case(name), names)});
  }
}

Schema StepCompiler::visible_to_expectations(const Inner& inner) const {
  std::vector<Field> fields = inner.fields;
  for (const std::size_t column : origin_) fields.push_back((*spec_.schema)[column]);
  return Schema(std::move(fields));
}

void StepCompiler::check_expectation(int index, const Schema& output) {
  static const std::string kSelect = "SELECT ";
  const std::string text = kSelect + spec_.expect[static_cast<std::size_t>(index)].sql + "\n";
  SqlError error;
  auto tree = parse_select(session_, text, error);
  if (!tree) return report(error, index, kSelect.size());
  const SqlTree& node = (*tree)["node"];
  if (!is_type(node, "SELECT_NODE") || node["select_list"].size() != 1 || !is_type(node["from_table"], "EMPTY") ||
      !node["where_clause"].is_null() || !node["modifiers"].empty() || !node["group_expressions"].empty()) {
    problems_.push_back({.message = "an expectation is one condition over the step's output", .expected = "such as qty > 0", .expectation = index});
    return;
  }
  std::vector<SqlProblem> found;
  SqlRules rules(session_, output, found);
  rules.check_everywhere(*tree, cte_names(*tree));
  rules.check_one_row(node["select_list"][0]);
  for (SqlProblem& problem : found) {
    problem.expectation = index;
    if (problem.offset) *problem.offset -= std::min(*problem.offset, kSelect.size());
    problems_.push_back(std::move(problem));
  }
  if (!found.empty()) return;

  const std::string name = lower_case(spec_.name.empty() ? "input" : spec_.name);
  const EmptyViews views(session_, {name}, output);
  const auto statement = Statement::prepare(session_.impl().connection.get(), text + "FROM " + quote_name(name), error);
  if (!statement) {
    report(error, index, kSelect.size());
    if (!problems_.back().expected.empty()) problems_.back().expected = one_of(names_of(output.fields()));
    return;
  }
  const auto type = statement->type(0);
  if (!type.ok() || type->kind != TypeKind::boolean) {
    problems_.push_back({.message = "an expectation must be true or false" + (type.ok() ? ", this is " + type->sql_name() : std::string()),
                         .expected = "a condition, such as qty > 0", .offset = 0, .expectation = index});
    return;
  }
  if (!inline_seed_lookups(*tree, session_, output)) return;
  const auto rewritten = to_sql(session_, *tree);
  if (rewritten.ok() && rewritten->starts_with(kSelect)) conditions_[static_cast<std::size_t>(index)] = rewritten->substr(kSelect.size());
}

std::string StepCompiler::outer_sql(const Inner& inner) const {
  std::string columns;
  for (const Field& field : inner.fields) {
    const std::string name = quote_name(field.name);
    const bool masked = std::any_of(spec_.mask.begin(), spec_.mask.end(), [&](const auto& one) { return same_name(one, field.name); });
    columns += (columns.empty() ? "" : ", ") + (masked ? "sha256(CAST(" + name + " AS VARCHAR)) AS " + name : name);
  }
  if (!spec_.window) columns += std::string(", ") + kRowColumn;
  for (const std::string& condition : conditions_) columns += ", coalesce((\n" + condition + "\n), false)";
  std::string names;
  for (const std::string& name : inner.names) names += (names.empty() ? "" : ", ") + quote_name(name);
  const std::string alias = spec_.name.empty() ? "input" : spec_.name;
  return "SELECT " + columns + " FROM (" + inner.sql + ") AS " + quote_name(alias) + "(" + names + ")";
}

std::optional<StepCompiler::Compiled> StepCompiler::compile_outer(const Inner& inner) {
  SqlError error;
  auto statement = Statement::prepare(session_.impl().connection.get(), outer_sql(inner), error);
  if (!statement) {
    problems_.push_back({.message = error.message});
    return std::nullopt;
  }
  auto schema = statement->schema();
  if (!schema.ok()) {
    problems_.push_back({.message = schema.error().message, .expected = schema.error().action});
    return std::nullopt;
  }
  const auto& given = (*schema)->fields();
  std::vector<Field> output(given.begin(), given.begin() + static_cast<std::ptrdiff_t>(inner.fields.size()));
  for (const std::size_t column : origin_) output.push_back((*spec_.schema)[column]);
  return Compiled{.statement = std::move(*statement),
                  .statement_schema = std::move(schema).value(),
                  .output_schema = std::make_shared<const Schema>(std::move(output)),
                  .input = scan_,
                  .columns = inner.fields.size(),
                  .origin = origin_};
}

std::optional<StepCompiler::Compiled> StepCompiler::compile() {
  const auto before = problems_.size();
  prepare_input();
  if (const auto status = register_scan(session_.impl().connection.get(), input_.scan, scan_); !status.ok()) {
    problems_.push_back({.message = status.error().message});
    return std::nullopt;
  }
  const auto inner = compile_select();
  if (!inner) return std::nullopt;
  check_output(*inner);
  check_masks(*inner);
  const Schema output = visible_to_expectations(*inner);
  for (const ExpectationSpec& expectation : spec_.expect) conditions_.push_back(expectation.sql);
  for (std::size_t index = 0; index < spec_.expect.size(); ++index) check_expectation(static_cast<int>(index), output);
  if (problems_.size() != before) return std::nullopt;
  return compile_outer(*inner);
}

}  // namespace penstock
