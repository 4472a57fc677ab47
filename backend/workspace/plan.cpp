#include "workspace/plan.h"

#include <algorithm>
#include <map>
#include <set>

namespace penstock {
namespace {

using Parts = std::map<std::string, std::string>;   // what differs in words → its text

const StepSpec* find_step(const StreamSpec& stream, std::string_view name) {
  const auto found = std::find_if(stream.steps.begin(), stream.steps.end(), [&](const StepSpec& s) { return s.name == name; });
  return found == stream.steps.end() ? nullptr : &*found;
}

std::string joined_by(const std::vector<std::string>& texts, std::string_view separator) {
  std::string all;
  for (const std::string& text : texts) all.append(all.empty() ? "" : separator).append(text);
  return all;
}

// SQL with every run of white space as one blank: a new indentation changes nothing.
std::string folded(std::string_view sql) {
  std::string text;
  for (const char c : sql) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (blank && (text.empty() || text.back() == ' ')) continue;
    text += blank ? ' ' : c;
  }
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

std::string text_of(Duration duration) { return std::to_string(duration.count()); }

std::string text_of(const Setting& setting) {
  std::string text = setting.text;
  for (const Setting& item : setting.items) text += "[" + text_of(item) + "]";
  for (const auto& [key, value] : setting.entries) text += "{" + key + ":" + text_of(value) + "}";
  return text;
}

// A length before each part, so that no two lists of parts read the same.
void append_part(std::string& text, const std::string& part) { text += std::to_string(part.size()) + ":" + part; }

std::string text_of(const LookupSpec& lookup) {
  std::string text = lookup.table + "|" + lookup.as_of;
  for (const LookupSpec::Match& match : lookup.on) text += "|" + match.column + "=" + match.table_column;
  return text;
}

std::string text_of(const ScoreSpec& score) { return score.model + "|" + score.as + "|" + joined_by(score.features, ","); }

std::string within_of(const JoinSpec& join) { return join.within ? text_of(*join.within) : "for ever"; }

// The step's own state: what dedupe remembers and what a window or a join keeps. Lateness and the place of late rows only decide
// about rows to come.
std::string own_state(const StepSpec& step) {
  std::string text;
  if (step.dedupe) {
    append_part(text, "dedupe");
    append_part(text, joined_by(step.dedupe->key, ","));
    append_part(text, step.dedupe->time);
    append_part(text, text_of(step.dedupe->within));
  }
  if (step.window) {
    append_part(text, "window");
    append_part(text, text_of(step.window->size));
    if (step.window->hops()) append_part(text, text_of(step.window->every));
    if (step.window->is_session()) append_part(text, text_of(step.window->gap) + "|" + joined_by(step.window->key, ","));
    append_part(text, step.window->time);
    append_part(text, folded(step.sql));
  }
  if (step.aggregate) {
    append_part(text, "aggregate");
    append_part(text, joined_by(step.aggregate->key, ","));
    append_part(text, folded(step.sql));
  }
  if (step.join) {
    append_part(text, "join");
    for (const JoinSideSpec* side : {&step.join->left, &step.join->right}) {
      append_part(text, side->from);
      append_part(text, side->time);
    }
    append_part(text, folded(step.join->on));
    append_part(text, within_of(*step.join));
    append_part(text, std::to_string(static_cast<int>(step.join->type)));
  }
  return text;
}

// Which rows reach a step: the SQL and expectations on the way from the sources.
void append_upstream(const StreamSpec& stream, const StepSpec& step, std::set<std::string>& seen, std::string& text) {
  for (const std::string& from : step.from) {
    append_part(text, from);
    const StepSpec* upstream = find_step(stream, from);
    if (!upstream || !seen.insert(from).second) continue;
    append_part(text, folded(upstream->sql));
    if (upstream->join) append_part(text, folded(upstream->join->select));
    if (upstream->lookup) append_part(text, text_of(*upstream->lookup));
    if (upstream->score) append_part(text, text_of(*upstream->score));
    append_part(text, joined_by(upstream->mask, ","));
    for (const ExpectationSpec& expectation : upstream->expect)
      if (expectation.on_fail != OnFail::warn) append_part(text, folded(expectation.sql));
    append_part(text, own_state(*upstream));
    append_upstream(stream, *upstream, seen, text);
  }
}

// True when every way up from the step meets a landed table before it ends at a source. `known`: of the steps above, what
// was found; two ways may lead through one step.
bool can_be_rebuilt(const StreamSpec& stream, const StepSpec& step, std::map<std::string, bool>& known) {
  return !step.from.empty() && std::all_of(step.from.begin(), step.from.end(), [&](const std::string& from) {
    const StepSpec* upstream = find_step(stream, from);
    if (!upstream) return false;
    if (!upstream->land.empty()) return true;
    const auto [found, is_new] = known.emplace(from, false);
    if (!is_new) return found->second;
    const bool can_be = can_be_rebuilt(stream, *upstream, known);
    return known[from] = can_be;
  });
}

Parts parts_of(const StepSpec& step) {
  Parts parts{{"from", joined_by(step.from, ",")}, {"sql", folded(step.sql)}, {"mask", joined_by(step.mask, ",")}, {"land", step.land}};
  if (step.window)
    parts["window"] = text_of(step.window->size) + "|" + text_of(step.window->every) + "|" + text_of(step.window->gap) + "|" + joined_by(step.window->key, ",") + "|" + step.window->time + "|" + text_of(step.window->lateness) + "|" +
                      std::to_string(static_cast<int>(step.window->late)) + "|" + step.window->late_to + "|" + text_of(step.window->update_late) + "|" + text_of(step.window->updates) + "|" +
                      text_of(step.window->idle_timeout) + "|" + std::to_string(step.window->idle_advance);
  if (step.aggregate) parts["aggregate"] = joined_by(step.aggregate->key, ",") + "|" + text_of(step.aggregate->ttl);
  if (step.lookup) parts["lookup"] = text_of(*step.lookup);
  if (step.score) parts["score"] = text_of(*step.score);
  if (step.join) {
    const JoinSpec& join = *step.join;
    parts["join"] = join.left.time + "|" + join.right.time + "|" + folded(join.on) + "|" + within_of(join) + "|" + std::to_string(static_cast<int>(join.type)) + "|" +
                    folded(join.select) + "|" + text_of(join.lateness) + "|" + join.late_to + "|" + text_of(join.idle_timeout) + "|" + std::to_string(join.idle_advance);
  }
  if (step.dedupe) parts["dedupe"] = joined_by(step.dedupe->key, ",") + "|" + text_of(step.dedupe->within) + "|" + step.dedupe->time;
  for (const ExpectationSpec& expectation : step.expect)
    parts["expectation " + expectation.name] = folded(expectation.sql) + "|" + std::to_string(static_cast<int>(expectation.on_fail));
  return parts;
}

Parts parts_of(const SinkSpec& sink) {
  return {{"connection", sink.connection}, {"mode", std::to_string(static_cast<int>(sink.mode))}, {"key", joined_by(sink.key, ",")},
          {"settings", text_of(sink.settings.root())}};
}

Parts parts_of(const SourceSpec& source) {
  return {{"kind", source.kind}, {"connection", source.connection}, {"contract", source.contract}, {"format", source.format},
          {"partitioned_by", joined_by(source.partitioned_by, ",")}, {"settings", text_of(source.settings.root())}};
}

Parts parts_of(const StreamSpec& stream) {
  const auto micros = [](const std::optional<Duration>& duration) { return duration ? text_of(*duration) : std::string(); };
  const auto scale = [&] { return stream.scale ? text_of(stream.scale->lag) + "|" + std::to_string(stream.scale->least) + "|" + std::to_string(stream.scale->most) : std::string(); };
  return {{"pods", std::to_string(stream.pods)}, {"scale", scale()}, {"shards", std::to_string(stream.shards)}, {"outbox", std::to_string(stream.outbox_bytes)},
          {"flush", text_of(stream.flush)}, {"durability", std::to_string(stream.relaxed_durability)},
          {"drift", std::to_string(static_cast<int>(stream.drift))}, {"tenant", stream.tenant},
          {"objectives", micros(stream.objectives.p99) + "|" + micros(stream.objectives.freshness) + "|" +
                             (stream.objectives.availability ? std::to_string(*stream.objectives.availability) : "")}};
}

Parts parts_of(const ConnectionSpec& connection) { return {{"kind", connection.kind}, {"settings", text_of(connection.settings.root())}}; }

Parts parts_of(const HealingPolicy& policy) {
  return {{"when", text_of(policy.stuck) + "|" + std::to_string(policy.crash_loop)},
          {"limit", std::to_string(policy.times) + "|" + text_of(policy.per)}, {"dry_run", std::to_string(policy.dry_run)}};
}

// The names of the parts that are not the same.
std::string difference(const Parts& before, const Parts& after) {
  std::set<std::string> names;
  for (const auto& [name, text] : before)
    if (const auto found = after.find(name); found == after.end() || found->second != text) names.insert(name);
  for (const auto& [name, text] : after)
    if (!before.contains(name)) names.insert(name);
  return joined_by({names.begin(), names.end()}, ", ");
}

template <typename T>
void compare(const std::vector<T>& before, const std::vector<T>& after, const std::string& prefix, std::vector<PlanChange>& changes) {
  const auto find = [](const std::vector<T>& all, const std::string& name) {
    return std::find_if(all.begin(), all.end(), [&](const T& one) { return one.name == name; });
  };
  for (const T& one : before)
    if (find(after, one.name) == after.end()) changes.push_back({PlanChange::Kind::removed, prefix + one.name, {}});
  for (const T& one : after) {
    const auto old = find(before, one.name);
    if (old == before.end()) {
      changes.push_back({PlanChange::Kind::added, prefix + one.name, {}});
    } else if (const std::string detail = difference(parts_of(*old), parts_of(one)); !detail.empty()) {
      changes.push_back({PlanChange::Kind::changed, prefix + one.name, detail});
    }
  }
}

void compare_state(const StreamSpec& running, const StreamSpec& wanted, Plan& plan) {
  for (const StepSpec& step : wanted.steps) {
    const StepSpec* old = find_step(running, step.name);
    if (!old) continue;
    const std::string before = state_fingerprint(running, *old);
    const std::string after = state_fingerprint(wanted, step);
    if (before.empty() || before == after) continue;
    std::map<std::string, bool> known;
    const bool kept_above = !after.empty() && can_be_rebuilt(wanted, step, known);
    (after.empty() || kept_above ? plan.rebuilt : plan.state_lost).push_back(wanted.name + "." + step.name);
  }
}

}  // namespace

std::string state_fingerprint(const StreamSpec& stream, const StepSpec& step) {
  std::string text = own_state(step);
  if (text.empty()) return text;
  append_part(text, folded(step.sql));
  if (step.dedupe && step.join) append_part(text, folded(step.join->select));
  if (step.dedupe && step.lookup) append_part(text, text_of(*step.lookup));
  if (step.dedupe && step.score) append_part(text, text_of(*step.score));
  for (const ExpectationSpec& expectation : step.expect)   // a rejected row does not enter dedupe
    if (step.dedupe && expectation.on_fail != OnFail::warn) append_part(text, folded(expectation.sql));
  std::set<std::string> seen{step.name};
  append_upstream(stream, step, seen, text);
  return text;
}

Plan plan_changes(const Workspace& running, const Workspace& wanted) {
  Plan plan;
  compare(running.connections, wanted.connections, "connection ", plan.changes);
  compare(running.streams, wanted.streams, "stream ", plan.changes);
  for (const StreamSpec& stream : wanted.streams) {
    const StreamSpec* old = running.find_stream(stream.name);
    if (!old) continue;
    compare(old->sources, stream.sources, "source " + stream.name + ".", plan.changes);
    compare(old->steps, stream.steps, "step " + stream.name + ".", plan.changes);
    compare(old->sinks, stream.sinks, "sink " + stream.name + ".", plan.changes);
    compare_state(*old, stream, plan);
  }
  compare(running.healing, wanted.healing, "policy ", plan.changes);
  return plan;
}

}  // namespace penstock
