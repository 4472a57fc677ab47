#include "workspace/join_reader.h"

#include "workspace/map_reader.h"
#include "workspace/table_name.h"

namespace penstock {
namespace {

constexpr std::string_view kSideExpected = "a source or step, with the column of its time: { from: bids, time: ts }";

JoinSideSpec read_side(MapReader& join, std::string_view key, Problems& problems) {
  JoinSideSpec side;
  const Setting* found = join.find(key);
  if (!found) {
    join.missing(key, kSideExpected);
    return side;
  }
  side.from_at = found->at;
  if (found->kind == Setting::Kind::text) {
    side.from = found->text;
    return side;
  }
  MapReader reader(*found, "the " + std::string(key) + " side of a join", problems);
  side.from = reader.required_text("from", "the name of a source or step");
  if (const Setting* from = found->find("from")) side.from_at = from->at;
  side.time = reader.text("time");
  reader.finish();
  return side;
}

// A select list, as one text or as a list of its columns.
void read_select(MapReader& reader, JoinSpec& join, Problems& problems) {
  const Setting* select = reader.find("select");
  if (!select) return;
  join.select_at = select->at;
  if (select->kind == Setting::Kind::text) {
    join.select = select->text;
    return;
  }
  for (const Setting& item : select->items) {
    if (item.kind == Setting::Kind::text && !item.text.empty()) join.select += (join.select.empty() ? "" : ", ") + item.text;
    else problems.push_back({item.at, "this is no column", "an expression over both sides: bids.price", {}});
  }
  if (join.select.empty() && select->kind != Setting::Kind::list)
    problems.push_back({select->at, "'select' of a join is not a list", "columns of both sides: \"bids.price, auctions.seller\"", {}});
}

void read_late(MapReader& reader, JoinSpec& join, Problems& problems) {
  const Setting* late = reader.find("late");
  const Setting* table = reader.find("late_to");
  if (late && table) problems.push_back({table->key_at, "'late' and 'late_to' say the same", "one of them", {}});
  if (late && late->kind == Setting::Kind::map && late->find("to")) {
    table = late->find("to");
  } else if (late && !(late->kind == Setting::Kind::text && late->text == "drop")) {
    problems.push_back({late->at, "this cannot be 'late' of a join: a row that was joined is not joined again", "drop, or { to: silver.bids_late }", {}});
  }
  if (!table || !check_table_name(table->text, table->at, problems)) return;
  join.late = LatePolicy::to_table;
  join.late_to = table->text;
  join.late_to_at = table->at;
}

JoinSpec read_join(const Setting& map, Problems& problems) {
  JoinSpec join;
  join.at = map.at;
  MapReader reader(map, "a join", problems);
  join.left = read_side(reader, "left", problems);
  join.right = read_side(reader, "right", problems);
  join.on = reader.required_text("on", "the condition: on: \"bids.auction = auctions.id\"");
  if (const Setting* on = map.find("on")) join.on_at = on->at;
  join.within = reader.duration("within");
  if (const auto type = reader.choice("type", {"inner", "left", "right", "full"})) join.type = static_cast<JoinType>(*type);
  read_select(reader, join, problems);
  if (const auto lateness = reader.duration("lateness")) join.lateness = *lateness;
  if (const auto timeout = reader.duration("idle_timeout")) join.idle_timeout = *timeout;
  if (const auto idle = reader.choice("idle", {"advance", "hold"})) join.idle_advance = *idle == 0;
  read_late(reader, join, problems);
  reader.finish();
  // Without a bound a match may come at any time, so no row is ever known to have none.
  if (join.type != JoinType::inner && !map.find("within"))
    problems.push_back({map.find("type")->at, "rows without a match are never known where rows are kept for ever", "within: 10m, or type: inner", {}});
  return join;
}

// One column or a list of those that the table has, too; or a map to the table's names.
std::vector<LookupSpec::Match> read_matches(MapReader& reader) {
  std::vector<LookupSpec::Match> matches;
  const Setting* on = reader.find("on");
  if (on && on->kind == Setting::Kind::map) {
    for (const auto& [column, value] : on->entries) matches.push_back({column, value.text});
  } else if (on) {
    for (const std::string& column : reader.names("on")) matches.push_back({column, column});
  } else {
    reader.missing("on", "the columns that say which row of the table: on: [customer_id]");
  }
  return matches;
}

LookupSpec read_lookup(const Setting& map, Problems& problems) {
  LookupSpec lookup;
  lookup.at = map.at;
  MapReader reader(map, "a lookup", problems);
  lookup.table = reader.required_text("table", "a landed table, or a seed: table: silver.customers");
  if (const Setting* table = map.find("table")) lookup.table_at = table->at;
  if (!lookup.table.empty() && !lookup.table.starts_with("ref.")) check_table_name(lookup.table, lookup.table_at, problems);
  lookup.on = read_matches(reader);
  lookup.as_of = reader.text("as_of");
  reader.finish();
  return lookup;
}

ScoreSpec read_score(const Setting& map, Problems& problems) {
  ScoreSpec score;
  score.at = map.at;
  MapReader reader(map, "a score", problems);
  score.model = reader.required_text("model", "the model's file: model: models/fraud.json");
  if (const Setting* model = map.find("model")) score.model_at = model->at;
  if (reader.find("features")) score.features = reader.names("features");
  if (score.features.empty()) reader.missing("features", "the columns that the model was trained with: features: [amount, age]");
  score.as = reader.name("as", true);
  reader.finish();
  return score;
}

// A step is of one kind.
void refuse_beside(const char* kind, std::initializer_list<const char*> others, const Setting& step_map, const StepSpec& step, Problems& problems) {
  for (const char* other : others)
    if (const Setting* found = step_map.find(other))
      problems.push_back({found->key_at, "'" + std::string(other) + "' and '" + kind + "' are two steps", "a step of its own, with from: " + step.name, {}});
}

}  // namespace

void read_lookup_step(const Setting& map, const Setting& step_map, StepSpec& step, Problems& problems) {
  step.lookup = read_lookup(map, problems);
  refuse_beside("lookup", {"sql", "window", "aggregate", "score"}, step_map, step, problems);
}

void read_score_step(const Setting& map, const Setting& step_map, StepSpec& step, Problems& problems) {
  step.score = read_score(map, problems);
  refuse_beside("score", {"sql", "window", "aggregate"}, step_map, step, problems);
}

void read_join_step(const Setting& map, const Setting& step_map, StepSpec& step, Problems& problems) {
  step.join = read_join(map, problems);
  refuse_beside("join", {"sql", "window", "aggregate", "lookup", "score"}, step_map, step, problems);
  if (const Setting* from = step_map.find("from")) problems.push_back({from->key_at, "a join reads from its sides", "left: and right: of the join", {}});
  step.from.clear();
  for (const JoinSideSpec* side : {&step.join->left, &step.join->right})
    if (!side->from.empty()) step.from.push_back(side->from);
  step.from_at = map.at;
}

}  // namespace penstock
