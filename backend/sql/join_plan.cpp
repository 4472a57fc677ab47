#include "sql/join_plan.h"

#include <algorithm>
#include <array>
#include <limits>

#include "sql/empty_views.h"
#include "sql/session_impl.h"
#include "sql/sql_rules.h"
#include "sql/sql_text.h"
#include "sql/statement.h"

namespace penstock {
namespace {

constexpr std::uint64_t kNowhere = std::numeric_limits<std::uint64_t>::max();

bool is_whole(TypeKind kind) { return kind == TypeKind::int32 || kind == TypeKind::int64; }

struct Side {
  std::string name;
  SchemaPtr schema;
};

struct Found {
  std::size_t side = 0;
  std::size_t column = 0;
};

// Turns what was said about two sides into SQL over joined rows.
class JoinPlanner {
 public:
  JoinPlanner(Session& session, const StepSpec& step, const Schema& left, const Schema& right, std::vector<SqlProblem>& problems)
      : session_(session), step_(step), join_(*step.join), problems_(problems),
        sides_{Side{join_.left.from, kept_columns(left)}, Side{join_.right.from, kept_columns(right)}} {
    plan_.left = sides_[0].schema;
    plan_.right = sides_[1].schema;
    plan_.joined = joined_schema();
  }

  std::optional<JoinPlan> plan() {
    const auto before = problems_.size();
    read_on();
    plan_.output = {.name = step_.name, .inputs = {}, .schema = plan_.joined, .sql = selected(), .expect = step_.expect, .mask = step_.mask};
    if (problems_.size() != before) return std::nullopt;
    return std::move(plan_);
  }

 private:
  std::string joined_name(const Found& column) const { return sides_[column.side].name + "." + (*sides_[column.side].schema)[column.column].name; }
  SchemaPtr joined_schema() const;
  std::string tables() const { return quote_name(sides_[0].name) + " JOIN " + quote_name(sides_[1].name); }

  void report(SqlProblem problem, bool in_on, std::size_t skipped);
  std::optional<SqlTree> read(const std::string& sql, bool in_on, std::size_t skipped, const char* part, const char* expected);
  bool binds(const std::string& sql, bool in_on, std::size_t skipped);

  void read_on();
  void split(SqlTree condition, std::vector<SqlTree>& others);
  bool take_as_key(const SqlTree& condition);
  std::string filter(std::vector<SqlTree> conditions);
  std::string selected();
  bool add_star(const SqlTree& star, SqlTree& list);
  void add_columns(std::size_t side, SqlTree& list) const;

  std::optional<Found> find(const SqlTree& column_ref, bool qualified_only) const;
  void rename(SqlTree& tree, bool in_subquery) const;
  std::string over_joined(const char* shape, const char* member, SqlTree value);

  Session& session_;
  const StepSpec& step_;
  const JoinSpec& join_;
  std::vector<SqlProblem>& problems_;
  const std::array<Side, 2> sides_;
  JoinPlan plan_;
};

SchemaPtr JoinPlanner::joined_schema() const {
  std::vector<Field> fields;
  for (std::size_t side = 0; side < 2; ++side)
    for (std::size_t column = 0; column < sides_[side].schema->size(); ++column) {
      fields.push_back((*sides_[side].schema)[column]);
      fields.back().name = joined_name({side, column});
      fields.back().nullable = true;
    }
  for (const Field& field : origin::columns()) fields.push_back(field);
  return std::make_shared<const Schema>(std::move(fields));
}

void JoinPlanner::report(SqlProblem problem, bool in_on, std::size_t skipped) {
  problem.in_on = in_on;
  if (problem.offset) *problem.offset = *problem.offset < skipped ? 0 : std::min(*problem.offset - skipped, (in_on ? join_.on : join_.select).size());
  problems_.push_back(std::move(problem));
}

// A SELECT from both sides and nothing else; `skipped` bytes of it are ours.
std::optional<SqlTree> JoinPlanner::read(const std::string& sql, bool in_on, std::size_t skipped, const char* part, const char* expected) {
  SqlError error;
  auto tree = parse_select(session_, sql, error);
  if (!tree) {
    report({.message = std::move(error.message), .offset = error.offset}, in_on, skipped);
    return std::nullopt;
  }
  const SqlTree& node = (*tree)["node"];
  const bool plain = is_type(node, "SELECT_NODE") && is_type(node["from_table"], "JOIN") && is_type(node["from_table"]["left"], "BASE_TABLE") &&
                     is_type(node["from_table"]["right"], "BASE_TABLE") && node["where_clause"].is_null() && node["modifiers"].empty() &&
                     node["group_expressions"].empty() && node["having"].is_null() && node["qualify"].is_null() && node["sample"].is_null() &&
                     node["cte_map"]["map"].empty();
  if (!plain) {
    report({.message = std::string("this is no ") + part, .expected = expected, .offset = 0}, in_on, 0);
    return std::nullopt;
  }
  std::vector<Field> columns;
  for (const Side& side : sides_) columns.insert(columns.end(), side.schema->fields().begin(), side.schema->fields().end());
  std::vector<SqlProblem> found;
  SqlRules rules(session_, Schema(std::move(columns)), found);
  NameSet visible = cte_names(*tree);
  for (const Side& side : sides_) visible.insert(lower_case(side.name));
  rules.check_everywhere(*tree, visible);
  for (const SqlTree& expression : node["select_list"]) rules.check_one_row(expression);
  if (!node["from_table"]["condition"].is_null()) rules.check_one_row(node["from_table"]["condition"]);
  for (SqlProblem& problem : found) report(std::move(problem), in_on, skipped);
  if (!found.empty() || !binds(sql, in_on, skipped)) return std::nullopt;
  return tree;
}

// As its author wrote it, so that a problem has its place.
bool JoinPlanner::binds(const std::string& sql, bool in_on, std::size_t skipped) {
  const EmptyViews left(session_, {lower_case(sides_[0].name)}, *sides_[0].schema), right(session_, {lower_case(sides_[1].name)}, *sides_[1].schema);
  for (const EmptyViews* views : {&left, &right})
    if (!views->status().ok()) {
      report({.message = views->status().error().message}, in_on, skipped);
      return false;
    }
  SqlError error;
  if (Statement::prepare(session_.impl().connection.get(), sql, error)) return true;
  SqlProblem problem{.message = std::move(error.message), .offset = error.offset};
  if (!error.name.empty()) problem.suggestion = did_you_mean(error.name, NameSet(error.candidates.begin(), error.candidates.end()));
  // Values list "auctions" does not have a column named "idd"
  for (const Side& side : sides_) {
    const std::string begins = "Values list \"" + lower_case(side.name) + "\" does not have a column named \"";
    if (!lower_case(problem.message).starts_with(lower_case(begins))) continue;
    const std::string name = problem.message.substr(begins.size(), problem.message.find('"', begins.size()) - begins.size());
    NameSet columns;
    for (const Field& field : side.schema->fields()) columns.insert(field.name);
    problem = {.message = "there is no column '" + name + "' in " + side.name, .expected = one_of(columns), .suggestion = did_you_mean(name, columns), .offset = problem.offset};
    break;
  }
  report(std::move(problem), in_on, skipped);
  return false;
}

void JoinPlanner::read_on() {
  const std::string before = "SELECT 1 FROM " + tables() + " ON\n";
  auto tree = read(before + join_.on + "\n", true, before.size(), "condition over both sides", "such as bids.auction = auctions.id");
  if (!tree) return;
  std::vector<SqlTree> others;
  split(std::move((*tree)["node"]["from_table"]["condition"]), others);
  if (plan_.left_keys.empty()) {
    report({.message = "no column of " + sides_[0].name + " has to be equal to one of " + sides_[1].name + " of its type",
            .expected = sides_[0].name + ".a = " + sides_[1].name + ".b, with a cast in the step above where their types differ", .offset = 0}, true, 0);
    return;
  }
  if (others.empty()) return;
  plan_.condition = StepProgramSpec{.name = step_.name, .inputs = {}, .schema = plan_.joined, .sql = filter(std::move(others)), .expect = {}, .mask = {}};
}

void JoinPlanner::split(SqlTree condition, std::vector<SqlTree>& others) {
  if (is_class(condition, "CONJUNCTION") && is_type(condition, "CONJUNCTION_AND")) {
    for (SqlTree& child : condition["children"]) split(std::move(child), others);
  } else if (!take_as_key(condition)) {
    others.push_back(std::move(condition));
  }
}

bool JoinPlanner::take_as_key(const SqlTree& condition) {
  if (!is_class(condition, "COMPARISON") || !is_type(condition, "COMPARE_EQUAL")) return false;
  auto left = find(condition["left"], false), right = find(condition["right"], false);
  if (!left || !right || left->side == right->side) return false;
  if (left->side == 1) std::swap(left, right);
  if (!are_keys((*sides_[0].schema)[left->column].type, (*sides_[1].schema)[right->column].type)) return false;
  plan_.left_keys.push_back(left->column);
  plan_.right_keys.push_back(right->column);
  return true;
}

std::string JoinPlanner::filter(std::vector<SqlTree> conditions) {
  SqlTree all = conditions.size() == 1 ? std::move(conditions.front())
                                       : SqlTree{{"class", "CONJUNCTION"}, {"type", "CONJUNCTION_AND"}, {"alias", ""}, {"query_location", kNowhere}, {"children", std::move(conditions)}};
  rename(all, false);
  return over_joined("SELECT 1 AS holds FROM input WHERE true", "where_clause", std::move(all));
}

std::string JoinPlanner::selected() {
  SqlTree list = SqlTree::array();
  if (join_.select.empty()) {
    for (const Field& field : sides_[0].schema->fields())
      if (!origin::is_origin(field.name) &&
          std::any_of(sides_[1].schema->fields().begin(), sides_[1].schema->fields().end(), [&](const Field& other) { return same_name(other.name, field.name); }))
        problems_.push_back({.message = "both sides have a column '" + field.name + "'", .expected = "select: with the columns, and another name (AS) for one of them"});
    for (const std::size_t side : {0, 1}) add_columns(side, list);
  } else {
    static const std::string kSelect = "SELECT ";
    auto tree = read(kSelect + join_.select + "\nFROM " + tables() + " ON true", false, kSelect.size(), "select list", "columns of both sides: bids.price, auctions.seller");
    if (!tree) return {};
    for (SqlTree& expression : (*tree)["node"]["select_list"]) {
      if (is_class(expression, "STAR")) {
        if (add_star(expression, list)) continue;
        report({.message = "this kind of * is not for a join", .expected = "*, " + sides_[0].name + ".*, or the columns by their names", .offset = offset_of(expression)}, false, kSelect.size());
        continue;
      }
      if (is_class(expression, "COLUMN_REF") && text_of(expression, "alias").empty()) expression["alias"] = expression["column_names"].back();
      rename(expression, false);
      list.push_back(std::move(expression));
    }
  }
  return over_joined("SELECT 1 FROM input", "select_list", std::move(list));
}

bool JoinPlanner::add_star(const SqlTree& star, SqlTree& list) {
  for (const char* what : {"exclude_list", "replace_list", "rename_list", "qualified_exclude_list"})
    if (star.contains(what) && !star[what].empty()) return false;
  if (!star["expr"].is_null() || (star.contains("columns") && star["columns"] == true)) return false;
  const std::string of = text_of(star, "relation_name");
  for (const std::size_t side : {0, 1})
    if (of.empty() || same_name(of, sides_[side].name)) add_columns(side, list);
  return true;
}

void JoinPlanner::add_columns(std::size_t side, SqlTree& list) const {
  const Schema& schema = *sides_[side].schema;
  for (std::size_t column = 0; column < schema.size(); ++column) {
    if (origin::is_origin(schema[column].name)) continue;
    list.push_back({{"class", "COLUMN_REF"}, {"type", "COLUMN_REF"}, {"alias", schema[column].name}, {"query_location", kNowhere},
                    {"column_names", SqlTree::array({joined_name({side, column})})}});
  }
}

std::optional<Found> JoinPlanner::find(const SqlTree& column_ref, bool qualified_only) const {
  if (!is_class(column_ref, "COLUMN_REF")) return std::nullopt;
  const SqlTree& names = column_ref["column_names"];
  if (names.size() > 2 || (qualified_only && names.size() < 2)) return std::nullopt;
  for (std::size_t side = 0; side < 2; ++side) {
    if (names.size() == 2 && !same_name(names[0].get<std::string>(), sides_[side].name)) continue;
    const Schema& schema = *sides_[side].schema;
    for (std::size_t column = 0; column < schema.size(); ++column)
      if (same_name(schema[column].name, names.back().get<std::string>())) return Found{side, column};
  }
  return std::nullopt;
}

// Columns of the sides by the names that they have in joined rows. A subquery has columns of its own, so there only those that
// name their side are meant.
void JoinPlanner::rename(SqlTree& tree, bool in_subquery) const {
  if (const auto found = find(tree, in_subquery)) {
    tree["column_names"] = SqlTree::array({joined_name(*found)});
    return;
  }
  if (!tree.is_structured()) return;
  const bool below_is_subquery = in_subquery || is_class(tree, "SUBQUERY");
  for (auto child = tree.begin(); child != tree.end(); ++child) {
    const bool is_operand = tree.is_object() && child.key() == "child";      // of `x IN (SELECT …)`
    rename(*child, is_operand ? in_subquery : below_is_subquery);
  }
}

std::string JoinPlanner::over_joined(const char* shape, const char* member, SqlTree value) {
  SqlError error;
  auto tree = parse_select(session_, shape, error);
  if (!tree) {
    problems_.push_back({.message = error.message});
    return {};
  }
  (*tree)["node"][member] = std::move(value);
  const auto sql = to_sql(session_, *tree);
  if (sql.ok()) return *sql;
  problems_.push_back({.message = sql.error().message, .expected = "plain expressions over both sides"});
  return {};
}

}  // namespace

bool are_keys(const Type& left, const Type& right) {
  if (left.kind == TypeKind::float64) return false;      // 0.0 and -0.0
  if (is_whole(left.kind)) return is_whole(right.kind);
  return left.kind == right.kind && left.scale == right.scale;
}

SchemaPtr kept_columns(const Schema& input) {
  std::vector<Field> fields;
  for (const Field& field : input.fields())
    if (field.name != origin::raw && field.name != origin::key && field.name != origin::headers) fields.push_back(field);
  return std::make_shared<const Schema>(std::move(fields));
}

std::optional<JoinPlan> plan_join(Session& session, const StepSpec& step, const Schema& left, const Schema& right, std::vector<SqlProblem>& problems) {
  return JoinPlanner(session, step, left, right, problems).plan();
}

Result<JoinPlan> plan_join(Session& session, const StepSpec& step, const Schema& left, const Schema& right) {
  std::vector<SqlProblem> problems;
  auto plan = plan_join(session, step, left, right, problems);
  if (plan) return *std::move(plan);
  const SqlProblem& first = problems.front();
  const Location& at = first.in_on ? step.join->on_at : step.join->select_at;
  return Error(ErrorKind::invalid_argument, first.message, first.expected, (at.line > 0 ? at : step.join->at).to_string());
}

}  // namespace penstock
